"""What the page of the versions of the requirements shows, and what its form of a file says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask import Request, url_for
from sqlalchemy.orm import Session

from lti_tool.competency import versions
from lti_tool.competency.validity import AHEAD, Validity, due_on
from lti_tool.competency.versions import Import, Version
from lti_tool.errors import RuleBroken
from lti_tool.ids import PlatformId
from lti_tool.web import paging
from lti_tool.web.dates import day
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.page_data import Link
from lti_tool.web.refusals import told

MOST_BYTES = 5_000_000
DAYS = ("approved_on", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version in the list."""

    public_id: str
    name: str
    about: str
    dates: tuple[str, ...]
    review: str
    """Empty where no review is due."""
    courses: str
    chosen: bool
    """New courses take it."""
    ways: tuple[Link, ...]
    """To the crosswalk from another version, and to the courses that can move here."""


@dataclass(frozen=True, slots=True)
class RequirementsPage:
    """The whole page."""

    versions: tuple[VersionLine, ...]
    most_megabytes: int


def build(session: Session, platform_id: PlatformId, today: date) -> RequirementsPage:
    """The page of a platform."""
    listed = versions.versions_of(session, platform_id)
    return RequirementsPage(tuple(_line(each, listed, today) for each in listed), MOST_BYTES // 1_000_000)


def _line(version: Version, listed: Iterable[Version], today: date) -> VersionLine:
    info = version.info
    return VersionLine(
        public_id=info.public_id,
        name=_("Version %(version)s", version=info.version),
        about=" · ".join(
            (
                info.framework,
                ngettext("%(num)d competency", "%(num)d competencies", info.competencies),
                ngettext("%(num)d indicator", "%(num)d indicators", info.indicators),
            )
        ),
        dates=tuple(_dates(version.known)),
        review=_review(version.known, today),
        courses=_courses(version),
        chosen=version.for_new_courses,
        ways=tuple(_ways(version, listed)),
    )


def _dates(known: Validity) -> Iterable[str]:
    if known.approved_on:
        yield _("Approved on %(day)s", day=day(known.approved_on))
    if known.valid_from:
        yield _("Valid from %(day)s", day=day(known.valid_from))
    if known.valid_until:
        yield _("Valid until %(day)s", day=day(known.valid_until))


def _review(known: Validity, today: date) -> str:
    if known.approved_on is None or due_on(known.approved_on) > today + AHEAD:
        return ""
    when = day(due_on(known.approved_on))
    if due_on(known.approved_on) <= today:
        return _("The five years of this version have been over since %(day)s: it is due for review.", day=when)
    return _("The five years of this version are over on %(day)s: its review is due by then.", day=when)


def _courses(version: Version) -> str:
    courses = ngettext("%(num)d course", "%(num)d courses", version.courses)
    if not version.closed:
        return courses
    return _("%(courses)s, %(closed)s of them closed", courses=courses, closed=paging.count(version.closed))


def _ways(version: Version, listed: Iterable[Version]) -> Iterable[Link]:
    """From versions that were imported before this one."""
    here, olders = version.info, []
    for each in listed:
        if each.info.framework == here.framework and each.info.imported_at < here.imported_at:
            olders.append(each.info)
    for info in olders:
        address = url_for("requirements.crosswalk", old=info.public_id, new=here.public_id)
        yield Link(_("Crosswalk from version %(version)s", version=info.version), address)
    if olders:
        yield Link(_("Move courses to this version"), url_for("requirements.courses", new=here.public_id))


def given(request: Request) -> Import:
    """What the form says. Raises RuleBroken (`file_missing`, `day_faulty`)."""
    sent = request.files.get("file")
    data = sent.read() if sent else b""
    if not data:
        raise RuleBroken("file_missing")
    approved, begins, ends = (_typedday(request.form.get(name, "")) for name in DAYS)
    typed = request.form.get("version", "").replace("\0", "").strip()[:40]
    return Import(data, version=typed or None, known=Validity(approved, begins, ends, beside=True))


def _typedday(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip()) if typed.strip() else None
    except ValueError as error:
        raise RuleBroken("day_faulty", found=typed[:40]) from error


def faults_of(refused: RuleBroken) -> tuple[str, ...]:
    """Every fault of a file, those of a catalogue by their places in it."""
    faults = refused.facts.get("faults")
    if refused.code == "framework_faulty" and isinstance(faults, list):
        return tuple(str(each) for each in faults[:100])
    return (told(refused),)
