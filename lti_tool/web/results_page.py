"""The upload page for results: what a gradebook file brought, in words, and what to do about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from lti_tool.errors import RuleBroken
from lti_tool.moodle.column_matching import ColumnFault, ColumnNote
from lti_tool.moodle.gradebook_file import Columns, checked_time
from lti_tool.moodle.gradebook_words import Display
from lti_tool.moodle.person_matching import PersonFault, UnmatchedPerson
from lti_tool.moodle.results_import import ImportReport
from lti_tool.web.i18n import TIME_ZONE
from lti_tool.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Count:
    """One figure of a report."""

    label: str
    value: int


@dataclass(frozen=True, slots=True)
class Question:
    """What the uploader is asked: which column is which, and what the words in brackets mean."""

    headers: tuple[tuple[str, str], ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResultsReport:
    """What a file brought, ready to be read."""

    title: str
    counts: tuple[Count, ...]
    taken: tuple[str, ...]
    people: tuple[str, ...]
    columns: tuple[str, ...]


def report_of(report: ImportReport) -> ResultsReport:
    """The report in the page's language."""
    return ResultsReport(
        title=_("What the file would change") if report.dry_run else _("What the file brought"),
        counts=(
            Count(_("new marks"), report.added),
            Count(_("changed marks"), report.changed),
            Count(_("withdrawn marks"), report.withdrawn),
            Count(_("unchanged marks"), report.unchanged),
            Count(_("older than what is known, not taken"), report.older),
            Count(_("sent by this tool itself, not taken"), report.own),
        ),
        taken=report.columns_taken,
        people=tuple(_person(each) for each in report.people_unmatched),
        columns=tuple(_column(each) for each in report.columns_unmatched),
    )


def chosen_time(text: str) -> datetime | None:
    """The time that was typed (`2026-11-22T14:30`, in the institute's time zone), or None where none was.

    Raises RuleBroken("time_unreadable"), also for one that is none of this century: the first hours of the calendar
    are before it elsewhere.
    """
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip()).replace(tzinfo=ZoneInfo(TIME_ZONE))
    except ValueError as error:
        raise RuleBroken("time_unreadable", found=text[:40]) from error
    checked_time(moment)
    return moment


def question(refused: RuleBroken) -> Question | None:
    """What to ask about a refused file; None where asking cannot help."""
    if refused.code == "time_unknown":
        return Question((), ())
    if refused.code != "unknown_headers":
        return None
    headers, words = refused.facts.get("headers"), refused.facts.get("words")
    numbered = enumerate(headers if isinstance(headers, tuple) else (), start=1)
    return Question(
        headers=(("", "–"), *((str(number), f"{number}. {header}") for number, header in numbered)),
        words=tuple(str(word) for word in words) if isinstance(words, tuple | list) else (),
    )


def meanings() -> tuple[tuple[str, str], ...]:
    """What a bracketed word of a header may mean."""
    return (
        ("", "–"),
        (Display.REAL.value, _("real mark")),
        (Display.PERCENTAGE.value, _("percentage")),
        (Display.LETTER.value, _("letter")),
        (Display.FEEDBACK.value, _("feedback")),
    )


def chosen_columns(form: MultiDict[str, str]) -> Columns | None:
    """What was said about columns (numbers counted from 1) and words; None where nothing was."""
    id_number, email, downloaded = (_position(form.get(name, "")) for name in ("id_number", "email", "downloaded"))
    told = zip(form.getlist("word"), form.getlist("meaning"), strict=False)
    known = {display.value for display in Display}
    words = {word: Display(meaning) for word, meaning in told if meaning in known}
    if id_number is email is downloaded is None and not words:
        return None
    return Columns(id_number=id_number, email=email, downloaded=downloaded, words=words)


def _position(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= 1000:
        raise RuleBroken("column_number_faulty", found=text[:20])
    return int(text) - 1


def _person(unmatched: UnmatchedPerson) -> str:
    reasons = {
        PersonFault.UNKNOWN: _("nobody in this course has this ID number or e-mail"),
        PersonFault.AMBIGUOUS: _("several people have this ID number or e-mail"),
        PersonFault.NOTHING_TO_MATCH: _("neither an ID number nor an e-mail"),
    }
    who = unmatched.id_number or unmatched.email or "–"
    return _("Line %(line)d (%(who)s): %(why)s", line=unmatched.line, who=who, why=reasons[unmatched.reason])


def _column(note: ColumnNote) -> str:
    reasons: dict[str, str] = {
        ColumnFault.ACTIVITY_UNKNOWN: _("the course has no activity of this name; map it first"),
        ColumnFault.ACTIVITY_AMBIGUOUS: _("several activities have this name"),
        ColumnFault.COLUMN_TWICE: _("the file has several columns of this name"),
        ColumnFault.COLUMN_WITHOUT_MAXIMUM: _(
            "the full mark is not known: give it in the mapping, or export percentages"
        ),
        ColumnFault.LETTERS_ONLY: _("letters or words, no numbers: export real marks or percentages"),
        ColumnFault.HEADER_UNKNOWN: _("the header is not known"),
    }
    return _("%(column)s: %(why)s", column=note.column, why=reasons[note.reason])
