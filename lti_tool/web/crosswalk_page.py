"""What the page of a crosswalk shows: both wordings side by side, where they differ, one line open to be changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Request, url_for
from sqlalchemy.orm import Session

from lti_tool.competency import crosswalk_file, crosswalks
from lti_tool.competency.crosswalk import Fault, Kind, Line, Side, Wrong, wording
from lti_tool.competency.crosswalk_edit import Edit, edited
from lti_tool.competency.crosswalk_file import codes_in
from lti_tool.competency.crosswalks import Drafted
from lti_tool.competency.framework import Framework
from lti_tool.competency.similarity import Words, differences, likeness
from lti_tool.errors import RuleBroken, ToolError
from lti_tool.grading import confirming, jobs
from lti_tool.ids import PlatformId
from lti_tool.web import paging, typed
from lti_tool.web.auth import Visit
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.refusals import told

MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Wording:
    """One indicator as it is worded in one version."""

    code: str
    text: str
    words: tuple[Words, ...] = ()
    """Where it is to be compared: kept, gone and added words."""


@dataclass(frozen=True, slots=True)
class CrosswalkLine:
    """One line."""

    number: int
    kind: str
    old: tuple[Wording, ...]
    new: tuple[Wording, ...]
    likeness: str
    counts: str
    """What of the past counts; empty where nothing is to be said."""
    edit: str
    """Address that opens the line to be changed."""
    is_open: bool
    codes: tuple[str, str, str]
    """Old ones, new ones, and those that carry, as a form shows them."""


@dataclass(frozen=True, slots=True)
class CrosswalkPage:
    """The whole page."""

    title: str
    heads: tuple[str, str]
    summary: tuple[tuple[str, str], ...]
    """Of each kind of line that there is: its name, and how many there are."""
    lines: tuple[CrosswalkLine, ...]
    whole: bool
    """All lines are shown, the unchanged ones too."""
    other_view: str
    revision: int
    state: str
    under_way: str
    """In how many courses levels are being worked out at this moment; empty where in none."""
    confirmable: bool
    download: str


def build(
    session: Session, platform_id: PlatformId, old: Framework, new: Framework, ids: tuple[str, str], request: Request
) -> CrosswalkPage:
    """The page; the address says whether all lines are shown and which one is open."""
    drafted = crosswalks.drafted(session, platform_id, old, new)
    under_way = jobs.courses_under_way(session, platform_id)
    before, after = ids
    whole, opened = "all" in request.args, request.args.get("line", "")
    lines = [
        _line(number, line, (old, new), url_for("requirements.crosswalk", old=before, new=after, line=number), opened)
        for number, line in enumerate(drafted.lines, start=1)
        if whole or line.kind is not Kind.SAME or opened == str(number)
    ]
    return CrosswalkPage(
        title=_("Crosswalk from version %(version)s", version=old.version),
        heads=(old.version, new.version),
        summary=tuple(_summary(drafted.lines)),
        lines=tuple(lines),
        whole=whole,
        other_view=url_for("requirements.crosswalk", old=before, new=after, all=None if whole else 1),
        revision=drafted.revision,
        state=_state(drafted),
        under_way=_followed(under_way) if under_way else "",
        confirmable=not drafted.faults and not drafted.moved and (drafted.revision > 0 or drafted.stands is None),
        download=url_for("requirements.download", old=before, new=after),
    )


def _line(number: int, line: Line, ends: tuple[Framework, Framework], edit: str, opened: str) -> CrosswalkLine:
    old, new = ends
    before = [old.indicator(code) for code in line.old if old.has_indicator(code)]
    after = [new.indicator(code) for code in line.new if new.has_indicator(code)]
    compared = len(before) == len(after) == 1 and line.kind is not Kind.SAME
    words = differences(wording(before[0]), wording(after[0])) if compared else ()
    share = int(likeness(wording(before[0]), wording(after[0])) * 100) if compared else 0
    return CrosswalkLine(
        number=number,
        kind=kind_in_words(line.kind),
        old=tuple(Wording(each.code, each.texts.ky) for each in before),
        new=tuple(Wording(each.code, each.texts.ky, words) for each in after),
        likeness=_("%(share)s %% alike", share=share) if compared else "",
        counts=_counts(line),
        edit=f"{edit}#line-{number}",
        is_open=opened == str(number),
        codes=(" ".join(line.old), " ".join(line.new), " ".join(line.carries)),
    )


def kind_in_words(kind: Kind) -> str:
    """The kind's name."""
    return {
        Kind.SAME: _("Same"),
        Kind.REWORDED: _("Reworded"),
        Kind.SPLIT: _("Split"),
        Kind.MERGED: _("Merged"),
        Kind.NEW: _("New"),
        Kind.REMOVED: _("Removed"),
    }[kind]


def _counts(line: Line) -> str:
    codes = ", ".join(line.carries)
    match line.kind:
        case Kind.SPLIT if codes:
            return _("What was shown before counts for %(codes)s.", codes=codes)
        case Kind.SPLIT:
            return _("What was shown before counts for none of them.")
        case Kind.MERGED if codes:
            return _("Shown by all of them together, or by %(codes)s alone.", codes=codes)
        case Kind.MERGED:
            return _("Shown by all of them together only.")
        case _:
            return ""


def _summary(lines: Iterable[Line]) -> Iterable[tuple[str, str]]:
    counted = Counter(line.kind for line in lines)
    return ((kind_in_words(kind), paging.count(counted[kind])) for kind in Kind if counted[kind])


def _state(drafted: Drafted) -> str:
    if drafted.moved:
        return ngettext(
            "Confirmed, and %(num)d course was moved by it: it cannot be replaced until that is moved back.",
            "Confirmed, and %(num)d courses were moved by it: it cannot be replaced until these are moved back.",
            drafted.moved,
        )
    if drafted.revision:
        return _("A draft: it counts once it is confirmed.")
    if drafted.stands is not None:
        return _("Confirmed. What was shown in one version counts in the other by it.")
    return _("Proposed from codes and wordings; nobody has confirmed it yet. Look at each line that is not the same.")


# ── what is done ─────────────────────────────────────────────────────────────────────────────────────────────────


def change(session: Session, here: Visit, old: Framework, new: Framework, request: Request, now: datetime) -> str:
    """Does what the form says; what is said of it. Raises RuleBroken, Conflict."""
    seen, by, platform_id = typed.version("revision"), here.person.id, here.platform_id
    if request.form.get("step") == "confirm":
        courses = confirming.confirm_crosswalk(session, platform_id, old, new, seen=seen, by=by, now=now)
        return " ".join((_("The crosswalk is confirmed."), _followed(courses)))
    lines = _wanted(session, platform_id, old, new, request)
    faults = crosswalks.save_draft(session, platform_id, old, new, lines, seen=seen, by=by, now=now)
    if faults:
        raise RuleBroken("crosswalk_faulty", faults=faults)
    return _("The draft of the crosswalk is stored.")


def _followed(courses: int) -> str:
    if not courses:
        return _("No level changes by it now: no open course reads what somebody has shown under the other version.")
    return ngettext(
        "The levels of %(num)d course are being worked out anew.",
        "The levels of %(num)d courses are being worked out anew.",
        courses,
    )


def _wanted(
    session: Session, platform_id: PlatformId, old: Framework, new: Framework, request: Request
) -> Sequence[Line]:
    sent = request.files.get("file")
    if sent is not None:
        return crosswalk_file.read(sent.read())
    named = [codes_in(typed.text(name)) for name in ("old", "new", "carries")]
    drafted = crosswalks.drafted(session, platform_id, old, new)
    return edited(drafted.lines, typed.version("line"), Edit(*named), old, new)


def faults_in_words(refused: ToolError) -> tuple[str, ...]:
    """Every fault as a sentence."""
    faults = refused.facts.get("faults")
    if refused.code == "crosswalk_faulty" and isinstance(faults, tuple):
        return tuple(_fault(each) for each in faults[:MOST_FAULTS])
    if refused.code == "crosswalk_unreadable" and isinstance(faults, list):
        return tuple(
            _("Line %(line)s of the file cannot be read: “%(said)s”.", line=line, said=said)
            for line, said in faults[:MOST_FAULTS]
        )
    return (told(refused),)


def _fault(fault: Fault) -> str:
    sentence = _fault_alone(fault)
    return sentence if fault.line is None else _("Line %(line)s: %(fault)s", line=fault.line, fault=sentence)


def _fault_alone(fault: Fault) -> str:
    old = fault.side is Side.OLD
    match fault.wrong:
        case Wrong.SHAPE:
            return _("“%(kind)s” has other numbers of indicators.", kind=kind_in_words(fault.kind or Kind.SAME))
        case Wrong.UNKNOWN if old:
            return _("%(code)s is not in the old version.", code=fault.code)
        case Wrong.UNKNOWN:
            return _("%(code)s is not in the new version.", code=fault.code)
        case Wrong.TWICE:
            return _("%(code)s stands in several lines.", code=fault.code)
        case Wrong.MISSING if old:
            return _("%(code)s of the old version stands in no line.", code=fault.code)
        case Wrong.MISSING:
            return _("%(code)s of the new version stands in no line.", code=fault.code)
        case Wrong.NOT_THE_SAME:
            return _("%(code)s is worded otherwise, so it is not the same.", code=fault.code)
        case Wrong.CARRIES:
            return _("%(code)s is none of the several indicators of its line.", code=fault.code)
