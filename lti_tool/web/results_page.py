"""The upload page for results: what a gradebook file brought, in words, and what to do about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from lti_tool.errors import RuleBroken
from lti_tool.moodle.column_matching import ColumnFault, ColumnNote
from lti_tool.moodle.gradebook_file import Columns
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
    """The time that was typed (`2026-11-22T14:30`, in the institute's time zone), or None where none was."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=ZoneInfo(TIME_ZONE))
    except ValueError as error:
        raise RuleBroken("time_unreadable", found=text[:40]) from error


def chosen_columns(id_number: str, email: str, downloaded: str) -> Columns | None:
    """The columns that were named by their number, counted from 1; None where none was."""
    numbers = [_position(text) for text in (id_number, email, downloaded)]
    if all(number is None for number in numbers):
        return None
    return Columns(id_number=numbers[0], email=numbers[1], downloaded=numbers[2])


def _position(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
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
