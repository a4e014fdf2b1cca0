"""What kinds of data are called, and their fields, on the page of everything that is held about a person."""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool.competency.model import IndicatorState
from lti_tool.competency.self_assessing import SelfStep
from lti_tool.privacy.holdings import Fate, Section
from lti_tool.privacy.plain_queries import Value
from lti_tool.web.i18n import gettext as _
from lti_tool.web.self_page import step_word
from lti_tool.web.states import indicator_mark

TIMES = (
    "worked_at", "submitted_at", "judged_at", "certified_at", "handed_in_at", "assessed_at", "sent_at", "settled_at",
    "opened_at", "said_at", "computed_at", "tried_at", "found_at", "at", "saved_at", "wanted_at", "launched_at",
    "issued_at", "named_at", "read_at", "looked_at", "seen_at", "expires_at", "created_at",
)  # fmt: skip
"""By which field a row is dated: the first that it has."""
PLACES = ("course", "activity", "line_item", "competency", "indicator", "name")
"""Fields that say where and what of."""
BY = (
    "recorded_by", "judged_by", "assessed_by", "said_by", "named_by", "settled_by", "sent_by", "decided_by",
)  # fmt: skip


def section_title(section: Section) -> str:
    """The heading over kinds of data."""
    return {
        Section.COURSES: _("Courses"),
        Section.SESSIONS: _("Sessions"),
        Section.MARKS: _("Marks"),
        Section.LEVELS: _("Levels and indicators"),
        Section.DECISIONS: _("Decisions"),
        Section.SELF: _("Self-assessment"),
        Section.WORK: _("Work for evidence tasks"),
        Section.GRADES: _("Grades for the LMS"),
        Section.BY_YOU: _("Done in courses and for others"),
    }[section]


def title(table: str) -> str:
    """What rows of a table are."""
    return {
        "membership": _("Courses, with role and groups"),
        "course_lead": _("Lead trainers named"),
        "login_session": _("Sessions in a browser"),
        "session_right": _("Rights of these sessions"),
        "account_session": _("Sessions of a local account"),
        "deep_link": _("Content that is being selected"),
        "person_word": _("Parts of the name, ID number and e-mail by which they are found"),
        "evidence": _("Marks"),
        "evidence_voiding": _("Marks declared void, or valid again"),
        "gradebook_reading": _("Gradebook files read"),
        "competency_standing": _("Levels of competencies"),
        "attainment": _("Indicators"),
        "certified_level": _("Certified levels"),
        "credential": _("Badges and records carried away"),
        "judgement": _("Judgements"),
        "regrade_case": _("Decisions after a course was closed"),
        "self_assessment": _("Self-assessments"),
        "self_answer": _("Answers in self-assessments"),
        "submission": _("Attempts at evidence tasks"),
        "last_look": _("When the tasks of a course were last looked at"),
        "file": _("Files"),
        "assessment": _("Assessments of work"),
        "delivery": _("Grades"),
        "delivery_attempt": _("Tries to send grades"),
        "drift": _("Grades that differ in the LMS"),
        "drift_event": _("What became of differing grades"),
        "errand": _("Readings asked for"),
        "api_token": _("Tokens made for programs"),
        "crosswalk": _("Crosswalks between versions of the requirements"),
        "framework_choice": _("Versions of the requirements chosen"),
        "course_move": _("Courses moved to another version"),
        "course_impact": _("Courses looked at before a move"),
        "training_site": _("Training sites added"),
        "site_check": _("Equipment of training sites checked"),
        "picked_item": _("Content placed in a course"),
        "rule_set": _("Versions of rules"),
        "mapping": _("Cells of mappings"),
        "mapping_draft": _("Cells of drafts"),
        "mapping_template": _("Templates"),
        "course_origin": _("Copied courses looked through"),
        "rubric": _("Descriptions of steps"),
        "task": _("Evidence tasks set"),
        "moodle_connection": _("Connections to Moodle"),
        "closure": _("Courses closed or reopened"),
    }.get(table, table)


def facts(row: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    """(label, value) of those fields of a row that say something to its person."""
    told = [(_label(name), _said(name, value)) for name, value in row.items() if _label(name)]
    by = next((str(row[name]) for name in BY if row.get(name)), "")
    if row.get("mark") is not None:
        mark = _("%(given)s of %(maximum)s", given=row["mark"], maximum=row.get("mark_max", "?"))
        told.insert(0, (_("Mark"), mark))
    return (*((label, value) for label, value in told if value), *([(_("By"), by)] if by else []))


def _label(name: str) -> str:
    return {
        "state": _("State"),
        "established": _("Level"),
        "level": _("Level"),
        "frozen": _("Level at closing"),
        "computed": "",
        "step": _("Answer"),
        "text": _("Text"),
        "reason": _("Reason"),
        "comment": _("Comment"),
        "roster_role": _("Role"),
        "launched_role": _("Role at the last launch"),
        "groups": _("Groups in the LMS"),
        "wanted_given": _("Grade"),
        "given": _("Grade"),
        "size": _("Bytes"),
        "attempt": _("Attempt"),
    }.get(name, "")


def _said(name: str, value: Value) -> str:
    if name == "state":
        # Only indicators have states with a word for people; of other kinds the dates tell.
        return indicator_mark(IndicatorState(str(value))).label if value in {*IndicatorState} else ""
    if name == "step" and value in {*SelfStep}:
        return step_word(SelfStep(int(str(value))))
    if name in {"roster_role", "launched_role"}:
        return _("trainer") if value == "trainer" else _("participant")
    return str(value)


def fate_words(fate: Fate) -> tuple[str, str]:
    """(what becomes of such rows, why)."""
    return {
        Fate.DELETED: (_("Deleted"), _("It is theirs, or about them in somebody's words.")),
        Fate.KEPT: (
            _("Kept without a name"),
            _("The figures of courses and of the institute are counted from it. It is on no list and leads to nobody."),
        ),
        Fate.AUTHORED: (
            _("Kept; says no longer who did it"),
            _("It belongs to a course, or is part of somebody else's record."),
        ),
        Fate.REVOKED: (
            _("Revoked and emptied"),
            _("Who checks it learns that it is confirmed no longer, and nothing else."),
        ),
        Fate.EMPTIED: (_("Kept; forgets who asked"), _("A reading under way goes on.")),
    }[fate]
