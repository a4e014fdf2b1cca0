"""What the actions of the record are called, and who did them, as far as they are still known."""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool.audit.model import Action, ActorKind
from lti_tool.audit.queries import Line
from lti_tool.web.i18n import gettext as _


def action(stored: str) -> str:
    """What was done."""
    known = {**_reads(), **_of_records(), **_of_courses(), **_of_the_institute()}
    return known.get(Action(stored), stored) if stored in {*Action} else stored


def actor(line: Line, names: Mapping[str, str]) -> str:
    """Who did it: by name where they are still there, else by what they are."""
    if line.actor_kind == ActorKind.PERSON:
        known = names.get(line.actor_id or "")
        return _("Somebody who is no longer known") if known is None else known or _("Name not shared")
    return {
        ActorKind.ACCOUNT.value: _("Account %(id)s", id=names.get(line.actor_id or "", line.actor_id)),
        ActorKind.TOKEN.value: _("Program with token %(id)s", id=names.get(line.actor_id or "", line.actor_id)),
        ActorKind.OPERATOR.value: _("Operator"),
        ActorKind.WORKER.value: _("By itself"),
        ActorKind.LMS.value: _("LMS"),
        ActorKind.STRANGER.value: _("Somebody who has not entered"),
    }.get(line.actor_kind, line.actor_kind)


def detail(line: Line) -> str:
    """What stands beside an action: as whom a session was begun, how many, which kind."""
    as_whom = {"admin": _("institute admin"), "trainer": _("trainer")} if line.action == Action.SESSION_BEGUN else {}
    values = [str(value) for name, value in line.detail.items() if name != "page"]
    return ", ".join(as_whom.get(value, value) for value in values)


def _reads() -> dict[Action, str]:
    return {
        Action.READ_RECORD: _("Read a person's record"),
        Action.READ_WORK: _("Read a person's work"),
        Action.READ_GRADE: _("Read a person's grade"),
        Action.READ_COURSE: _("Read a list of a course's people"),
        Action.READ_DATA: _("Read all data of a person"),
        Action.READ_AUDIT: _("Read this record"),
        Action.READ_EXPORT: _("Took data out as a file"),
        Action.READ_API: _("Read by the API"),
        Action.READ_PEOPLE: _("Read a list of the institute's people"),
    }


def _of_records() -> dict[Action, str]:
    return {
        Action.MARKS_TAKEN: _("Marks uploaded"),
        Action.OBSERVED: _("Observation stored"),
        Action.ASSESSED: _("A person's work assessed"),
        Action.EVIDENCE_VOIDED: _("Mark declared void or valid"),
        Action.JUDGED: _("Indicator judged"),
        Action.JUDGEMENT_WITHDRAWN: _("Judgement withdrawn"),
        Action.DISPUTE_DECIDED: _("Dispute decided"),
        Action.CASE_SETTLED: _("Decided after closing"),
        Action.GRADES_SENT: _("Grades sent again"),
        Action.GRADES_COMPARED: _("Grades compared with the LMS"),
        Action.GRADES_DECIDED: _("Differing grade decided"),
        Action.WORK_SAVED: _("Own work stored"),
        Action.SELF_ASSESSED: _("Self-assessment stored"),
        Action.CREDENTIAL_MADE: _("Badge or record made to carry away"),
        Action.CREDENTIAL_CHANGED: _("Own badge or record changed or withdrawn"),
        Action.CREDENTIAL_REVOKED: _("Badge or record revoked"),
        Action.PERSON_ERASED: _("Person erased"),
    }


def _of_courses() -> dict[Action, str]:
    return {
        Action.COURSE_CLOSING: _("Course closed or reopened"),
        Action.COURSE_MOVED: _("Course moved to another version of the requirements"),
        Action.EXPORT_ASKED: _("A long file asked for"),
        Action.MAPPING_DRAFTED: _("Mapping drafted"),
        Action.MAPPING_PUBLISHED: _("Mapping published"),
        Action.RULES_CHANGED: _("Rules changed"),
        Action.TEMPLATE_CHANGED: _("Template changed"),
        Action.TASK_CHANGED: _("Evidence task changed"),
        Action.RUBRIC_CHANGED: _("Description of steps changed"),
        Action.ACTIVITY_CHANGED: _("Activity added or placed"),
        Action.LEAD_NAMED: _("Lead trainer named"),
        Action.ROSTER_READ: _("List of people asked for"),
        Action.MARKS_CHOSEN: _("Marks from Moodle chosen"),
        Action.MARKS_READ: _("Marks from Moodle asked for"),
    }


def _of_the_institute() -> dict[Action, str]:
    return {
        Action.CONNECTION_CHANGED: _("Connection to Moodle changed"),
        Action.SESSION_BEGUN: _("Session begun"),
        Action.SESSIONS_ENDED: _("All sessions ended"),
        Action.ENTRY_REFUSED: _("Name, password or code refused"),
        Action.ENTRY_THROTTLED: _("Entering held back after many tries"),
        Action.RETENTION_CHANGED: _("Period changed"),
        Action.RETENTION_APPLIED: _("Deleted for its age"),
        Action.REGISTRATION_CHANGED: _("Registration of an LMS changed"),
        Action.KEYS_CHANGED: _("Keys changed"),
        Action.FRAMEWORK_CHANGED: _("Requirements imported"),
        Action.ACCOUNTS_CHANGED: _("Accounts changed"),
        Action.TOKENS_CHANGED: _("Tokens changed"),
        Action.SETTINGS_CHANGED: _("Settings changed"),
        Action.SITE_CHANGED: _("Training site changed"),
    }
