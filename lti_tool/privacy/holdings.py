"""What is held about people, table by table: what of it they are given, and what becomes of it when they are erased.

Every column that leads to a person stands here, and every table that hangs on a row of theirs; a test walks the schema
and fails on one that does not. Exporting, erasing and counting all follow this list and know no table by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of a row when the person it leads to is erased."""

    DELETED = "deleted"
    KEPT = "kept"
    """Stays without anything that names anybody: the statistics rest on it."""
    AUTHORED = "authored"
    """Belongs to a course or to somebody else's record; says no longer who did it."""
    EMPTIED = "emptied"
    """Stays and forgets who it was."""
    REVOKED = "revoked"
    """Stays without its content: whoever checks it learns that it is confirmed no longer."""


class Section(StrEnum):
    """Under which heading a person finds it."""

    COURSES = "courses"
    SESSIONS = "sessions"
    MARKS = "marks"
    LEVELS = "levels"
    DECISIONS = "decisions"
    SELF = "self"
    WORK = "work"
    GRADES = "grades"
    BY_YOU = "by_you"


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows of one table that lead to a person by one column, straight or over rows that are theirs."""

    table: str
    column: str
    section: Section
    fate: Fate
    through: str = ""
    """The table that `column` leads to, where it is not `person`; its own rows are found by its own holdings."""
    hidden: frozenset[str] = frozenset()
    """Columns that say nothing about a person, or open something: given to nobody."""
    drafts: str = ""
    """A time column: rows without one are deleted whatever the fate of the others."""

    @property
    def key(self) -> str:
        """How it is called in files and tests."""
        return f"{self.table}.{self.column}"

    @property
    def is_about(self) -> bool:
        """Whether it is about the person, rather than something that they did to others."""
        return self.section is not Section.BY_YOU


def _about(table: str, section: Section, fate: Fate = Fate.DELETED, *, column: str = "person_id") -> Holding:
    return Holding(table, column, section, fate)


def _below(table: str, column: str, through: str, section: Section, fate: Fate = Fate.DELETED) -> Holding:
    return Holding(table, column, section, fate, through)


def _by(table: str, column: str) -> Holding:
    return Holding(table, column, Section.BY_YOU, Fate.AUTHORED)


HOLDINGS = (
    _about("membership", Section.COURSES, Fate.KEPT),
    _about("course_lead", Section.COURSES, Fate.AUTHORED),
    Holding(
        "login_session", "person_id", Section.SESSIONS, Fate.DELETED, hidden=frozenset({"token_hash", "browser_hash"})
    ),
    _below("session_right", "session_id", "login_session", Section.SESSIONS),
    Holding("account_session", "person_id", Section.SESSIONS, Fate.DELETED, hidden=frozenset({"token_hash"})),
    Holding("deep_link", "person_id", Section.SESSIONS, Fate.DELETED, hidden=frozenset({"data", "return_url"})),
    _about("evidence", Section.MARKS),
    _below("evidence_voiding", "evidence_id", "evidence", Section.MARKS),
    _about("gradebook_reading", Section.MARKS),
    _about("competency_standing", Section.LEVELS, Fate.KEPT),
    _about("attainment", Section.LEVELS, Fate.KEPT),
    _about("certified_level", Section.LEVELS, Fate.KEPT),
    Holding("credential", "person_id", Section.LEVELS, Fate.REVOKED, hidden=frozenset({"status_list", "status_index"})),
    _about("judgement", Section.DECISIONS),
    _about("regrade_case", Section.DECISIONS),
    Holding("self_assessment", "person_id", Section.SELF, Fate.KEPT, drafts="submitted_at"),
    _below("self_answer", "self_assessment_id", "self_assessment", Section.SELF, Fate.KEPT),
    _about("submission", Section.WORK),
    _about("last_look", Section.WORK),
    Holding("file", "submission_id", Section.WORK, Fate.DELETED, "submission", frozenset({"shelf_name"})),
    _below("assessment", "submission_id", "submission", Section.WORK),
    Holding("delivery", "person_id", Section.GRADES, Fate.DELETED, hidden=frozenset({"lease_owner", "lease_until"})),
    _below("delivery_attempt", "delivery_id", "delivery", Section.GRADES),
    _below("drift", "delivery_id", "delivery", Section.GRADES),
    _below("drift_event", "delivery_id", "delivery", Section.GRADES),
    Holding("errand", "asked_by", Section.BY_YOU, Fate.EMPTIED, hidden=frozenset({"token"})),
    # The words are keys to sort by, with signs that nobody can read; the person's own row has them as they are written.
    Holding("person_word", "person_id", Section.COURSES, Fate.DELETED, hidden=frozenset({"word", "first"})),
    Holding("api_token", "created_by", Section.BY_YOU, Fate.AUTHORED, hidden=frozenset({"token_hash"})),
    _by("crosswalk", "changed_by"),
    _by("framework_choice", "chosen_by"),
    _by("course_move", "moved_by"),
    _by("course_move", "undone_by"),
    _by("course_impact", "asked_by"),
    _by("training_site", "created_by"),
    _by("site_check", "checked_by"),
    _by("picked_item", "picked_by"),
    _by("rule_set", "created_by"),
    _by("mapping", "created_by"),
    _by("mapping_draft", "drafted_by"),
    _by("mapping_template", "created_by"),
    _by("course_origin", "settled_by"),
    _by("rubric", "changed_by"),
    _by("task", "changed_by"),
    Holding("moodle_connection", "set_by", Section.BY_YOU, Fate.AUTHORED, hidden=frozenset({"token_locked"})),
    _by("evidence", "recorded_by"),
    _by("evidence_voiding", "said_by"),
    _by("course_lead", "named_by"),
    _by("judgement", "judged_by"),
    _by("closure", "said_by"),
    _by("regrade_case", "settled_by"),
    _by("credential", "revoked_by"),
    _by("assessment", "assessed_by"),
    Holding("file", "sent_by", Section.BY_YOU, Fate.AUTHORED, hidden=frozenset({"shelf_name"})),
    _by("drift_event", "decided_by"),
)
OPAQUE = {
    "audit_event": "opaque ids only; given by its own queries",
    "account": "somebody who works for the institute, not a person of a course; ended on its own page",
    "entry_throttle": "a name or an address that was tried, forgotten by itself",
    "export": "files of an hour, all thrown away when somebody is erased who may stand in them",
    "parked_launch": "a launch for five minutes, in one JSON; erased by what it says",
}
"""Tables that tell of people without leading to a person's row, and how they are seen to."""
DELETED_FIRST = (
    "drift_event", "drift", "delivery_attempt", "delivery", "assessment", "file", "submission", "evidence_voiding",
    "evidence", "gradebook_reading", "judgement", "regrade_case", "self_answer", "self_assessment", "session_right",
    "login_session", "deep_link", "account_session", "person_word", "last_look",
)  # fmt: skip
"""In which order rows go, so that nothing leads to what is gone."""
