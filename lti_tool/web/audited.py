"""What each route leaves in the record of reads and changes, in one place; a test fails on a route that is missing.

A route that shows the records of others stands in `READS`, one that changes something in `CHANGES`. What shows nobody's
records, only the asking person's own, or changes nothing that is kept stands in `UNRECORDED`, with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.audit.model import Action


@dataclass(frozen=True, slots=True)
class Noted:
    """What is said of a route."""

    action: Action
    about: str = "course"
    """Whom or what it is about, by the name that it has in the address; empty: the platform."""


READS: Mapping[str, Noted] = {
    "assessing.assess": Noted(Action.READ_WORK, "submission"),
    "assessing.queue": Noted(Action.READ_COURSE),
    "closing.show": Noted(Action.READ_COURSE),
    "drift.ask": Noted(Action.READ_COURSE),
    "institute_audit.download_csv": Noted(Action.READ_AUDIT, ""),
    "institute_audit.download_ndjson": Noted(Action.READ_AUDIT, ""),
    "institute_audit.show": Noted(Action.READ_AUDIT, ""),
    "institute_person.as_json": Noted(Action.READ_DATA, "person"),
    "institute_person.as_zip": Noted(Action.READ_DATA, "person"),
    "institute_person.erase": Noted(Action.READ_DATA, "person"),
    "institute_person.show": Noted(Action.READ_DATA, "person"),
    "judging.indicator": Noted(Action.READ_RECORD, "person"),
    "judging.matters": Noted(Action.READ_COURSE),
    "mapping.preview": Noted(Action.READ_COURSE),
    "observation.checklist": Noted(Action.READ_COURSE),
    "participant.somebody": Noted(Action.READ_RECORD, "person"),
    "participant.somebodys_competency": Noted(Action.READ_RECORD, "person"),
    "roster.show": Noted(Action.READ_COURSE),
    "rules.show": Noted(Action.READ_COURSE),
    "self_assessment.group": Noted(Action.READ_COURSE),
    "task.download": Noted(Action.READ_WORK, "file"),
    "trainer.ask_again": Noted(Action.READ_COURSE),
    "trainer.deliveries": Noted(Action.READ_COURSE),
    "trainer.delivery": Noted(Action.READ_GRADE, "delivery"),
    "trainer.group": Noted(Action.READ_COURSE),
}
CHANGES: Mapping[str, Noted] = {
    "admin.try_now": Noted(Action.GRADES_SENT, ""),
    "assessing.set_task": Noted(Action.TASK_CHANGED),
    "assessing.store_assessment": Noted(Action.ASSESSED, "submission"),
    "closing.change": Noted(Action.COURSE_CLOSING),
    "closing.settle": Noted(Action.CASE_SETTLED),
    "copying.forget": Noted(Action.TEMPLATE_CHANGED),
    "copying.save": Noted(Action.TEMPLATE_CHANGED),
    "copying.settle": Noted(Action.MAPPING_DRAFTED),
    "copying.take": Noted(Action.MAPPING_DRAFTED),
    "copying.take_rules": Noted(Action.RULES_CHANGED),
    "deep_linking.pick": Noted(Action.ACTIVITY_CHANGED),
    "drift.compare": Noted(Action.GRADES_COMPARED),
    "drift.decide": Noted(Action.GRADES_DECIDED, "delivery"),
    "drift.decide_all": Noted(Action.GRADES_DECIDED),
    "institute_retention.change": Noted(Action.RETENTION_CHANGED, ""),
    "judging.decide": Noted(Action.DISPUTE_DECIDED, "person"),
    "judging.judge": Noted(Action.JUDGED, "person"),
    "judging.void": Noted(Action.EVIDENCE_VOIDED, "person"),
    "judging.withdraw": Noted(Action.JUDGEMENT_WITHDRAWN, "person"),
    "mapping.add_activity": Noted(Action.ACTIVITY_CHANGED),
    "mapping.discard": Noted(Action.MAPPING_DRAFTED),
    "mapping.publish": Noted(Action.MAPPING_PUBLISHED),
    "mapping.save": Noted(Action.MAPPING_DRAFTED),
    "mapping.upload": Noted(Action.MAPPING_DRAFTED),
    "native_marks.choose": Noted(Action.MARKS_CHOSEN),
    "native_marks.connect": Noted(Action.CONNECTION_CHANGED, ""),
    "native_marks.disconnect": Noted(Action.CONNECTION_CHANGED, ""),
    "native_marks.read": Noted(Action.MARKS_READ),
    "observation.observe": Noted(Action.OBSERVED),
    "offers.settle": Noted(Action.MAPPING_DRAFTED),
    "roster.lead": Noted(Action.LEAD_NAMED),
    "roster.read": Noted(Action.ROSTER_READ),
    "rubric.describe": Noted(Action.RUBRIC_CHANGED),
    "rules.change": Noted(Action.RULES_CHANGED),
    "self_assessment.save": Noted(Action.SELF_ASSESSED),
    "task.again": Noted(Action.WORK_SAVED),
    "task.save": Noted(Action.WORK_SAVED),
    "trainer.send_again": Noted(Action.GRADES_SENT, "delivery"),
    "trainer.send_all_again": Noted(Action.GRADES_SENT),
    "trainer.upload_results": Noted(Action.MARKS_TAKEN),
}
OWN = "shows the asking person's own record, and nobody else's"
COUNTS = "shows counts, or nobody at all"
SETUP = "shows what was set up, and nobody's record"
UNRECORDED: Mapping[str, str] = {
    "admin.courses": COUNTS,
    "admin.deliveries": COUNTS,
    "assessing.task_settings": SETUP,
    "copying.show": SETUP,
    "deep_linking.picker": SETUP,
    "following.progress": COUNTS,
    "institute_person.erase_now": "recorded by the erasure itself, in its transaction",
    "institute_retention.show": COUNTS,
    "mapping.download": SETUP,
    "mapping.show": SETUP,
    "my_data.as_json": OWN,
    "my_data.as_zip": OWN,
    "my_data.show": OWN,
    "native_marks.choice": SETUP,
    "native_marks.connection": SETUP,
    "native_marks.test": "changes nothing but when the connection was tried last",
    "observation.observed": OWN,
    "observation.overview": COUNTS,
    "participant.me": OWN,
    "participant.my_competency": OWN,
    "rubric.indicator": SETUP,
    "rubric.overview": SETUP,
    "self_assessment.show": OWN,
    "session.end": "ends the own session, which leaves nothing behind",
    "session.language": "a choice for the own pages",
    "task.show": OWN,
    "trainer.results": SETUP,
}
