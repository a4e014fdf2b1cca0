"""What the pages of decisions show: one indicator of one person with everything said of it, and what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import decision_queries, decisions, profile
from lti_tool.competency.decision_queries import JudgementEntry, LedgerLine
from lti_tool.competency.decisions import Who
from lti_tool.competency.rules import rules_of
from lti_tool.people.model import Course, Person
from lti_tool.web import explain, explain_indicators
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText, Link, Mark
from lti_tool.web.participant_pages import mark_text
from lti_tool.web.states import indicator_mark, judged_word, source_word


@dataclass(frozen=True, slots=True)
class JudgementItem:
    """One judgement in the history."""

    public_id: str
    said: str
    """Like "Attained"; for a decision of a dispute it says so."""
    by: str
    at: datetime
    reason: str
    until: datetime | None
    withdrawn_at: datetime | None
    is_mine: bool
    """Withdrawable by who looks."""


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One entry of the ledger with what was said of it."""

    public_id: str
    activity: str
    mark: str
    source: str
    worked_at: datetime
    voided: bool
    history: tuple[tuple[str, decision_queries.Voiding], ...]


@dataclass(frozen=True, slots=True)
class JudgingPage:
    """One indicator of one person."""

    code: str
    person_name: str
    text: FrameworkText
    mark: Mark
    """The state that counts."""
    value: str
    why: str
    version: int
    judgements: tuple[JudgementItem, ...]
    evidence: tuple[EvidenceItem, ...]
    disputed: bool
    may_judge: bool
    may_decide: bool
    crumbs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that waits for a decision."""

    person: str
    code: str
    text: FrameworkText
    disputed: bool
    url: str


def build(
    session: Session, course: Course, person: Person, code: str, who: Who, *, may_judge: bool, now: datetime
) -> JudgingPage:
    """The page of one indicator of one person. Raises NotFound for a code that the course's framework has not."""
    framework = rules_of(session, course.id, now).framework
    indicator = framework.indicator(code)
    why = profile.explain(session, course.id, person.id, indicator.competency, now)
    standing = why.indicators[indicator.id]
    entries = why.judgements.get(indicator.id, ())
    lines = decision_queries.ledger_lines(session, course.id, person.id, indicator.id)
    lead, own = decisions.may_decide(session, course.id, who), person.id == who.id
    return JudgingPage(
        code=code,
        person_name=person.name or _("Name not shared"),
        text=framework_text(indicator.texts, current_locale(), framework),
        mark=indicator_mark(standing.state),
        value="" if standing.value is None else explain.percent(standing.value),
        why=explain_indicators.why_indicator(
            standing, why.rules, lambda part: why.activities[part.mapping.activity].name
        ),
        version=decision_queries.version_of(entries),
        judgements=tuple(_judgement(each, who) for each in entries),
        evidence=tuple(_evidence(each) for each in lines),
        disputed=standing.disputed,
        may_judge=may_judge and not own,
        may_decide=lead and standing.disputed and not own,
        crumbs=_crumbs(course, person, indicator.competency, code),
    )


def _judgement(entry: JudgementEntry, who: Who) -> JudgementItem:
    judgement = entry.judgement
    return JudgementItem(
        public_id=entry.public_id,
        said=judged_word(judgement.attained, judgement.decides),
        by=entry.by_name or _("Name not shared"),
        at=judgement.judged_at,
        reason=entry.reason,
        until=judgement.until,
        withdrawn_at=entry.withdrawn_at,
        is_mine=judgement.by == who.id and entry.withdrawn_at is None,
    )


def _evidence(line: LedgerLine) -> EvidenceItem:
    return EvidenceItem(
        public_id=line.public_id,
        activity=line.activity,
        mark=mark_text(line.mark, current_locale()) if line.mark else _("withdrawn by its source"),
        source=source_word(line.source),
        worked_at=line.worked_at,
        voided=line.voided,
        history=tuple((_("Voided") if step.voided else _("Counts again"), step) for step in line.history),
    )


def _crumbs(course: Course, person: Person, competency: str, code: str) -> tuple[Link, ...]:
    here, name = course.public_id, person.name or _("Name not shared")
    return (
        Link(_("Group"), url_for("trainer.group", course=here)),
        Link(name, url_for("participant.somebody", course=here, person=person.public_id)),
        Link(
            competency,
            url_for("participant.somebodys_competency", course=here, person=person.public_id, code=competency),
        ),
        Link(code, "", current=True),
    )


def matters(session: Session, course: Course, now: datetime) -> tuple[Matter, ...]:
    """What waits for a decision in a course, disputes first."""
    framework = rules_of(session, course.id, now).framework
    found = []
    for each in decision_queries.open_matters(session, course.id):
        indicator = framework.indicator_by_id(each.indicator)
        found.append(
            Matter(
                person=each.person_name or _("Name not shared"),
                code=indicator.code,
                text=framework_text(indicator.texts, current_locale(), framework),
                disputed=each.disputed,
                url=url_for(
                    "judging.indicator",
                    course=course.public_id,
                    person=each.person_public_id,
                    indicator=indicator.code,
                ),
            )
        )
    return tuple(found)
