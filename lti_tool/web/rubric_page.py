"""What the pages of the rubric show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import rubric
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.model import ObservationStep
from lti_tool.competency.rubric import LONGEST, Descriptors
from lti_tool.competency.rules import rules_of
from lti_tool.people import activities
from lti_tool.people.model import ActivityKind, Course
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.observation_text import step_word
from lti_tool.web.page_data import FrameworkText, Link

ASSESSED_BY_PEOPLE = {ActivityKind.EVIDENCE, ActivityKind.OBSERVATION}


@dataclass(frozen=True, slots=True)
class RubricIndicator:
    """One indicator in the list."""

    link: Link
    text: FrameworkText
    status: str


@dataclass(frozen=True, slots=True)
class StepField:
    """One step in the form."""

    step: ObservationStep
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class RubricPage:
    """The words for one indicator."""

    code: str
    text: FrameworkText
    fields: tuple[StepField, ...]
    version: int
    longest: int


def lines(session: Session, course: Course, now: datetime) -> tuple[RubricIndicator, ...]:
    """Every indicator that a task or a checklist of the course shows, in the order of the requirements."""
    by_people = {each.id for each in activities.activities_of(session, course.id) if each.kind in ASSESSED_BY_PEOPLE}
    shown = {cell.indicator for cell in mapping_of(session, course.id) if cell.activity in by_people}
    told, framework = rubric.descriptors_of(session, course), rules_of(session, course.id, now).framework
    return tuple(
        RubricIndicator(
            Link(each.code, url_for("rubric.indicator", course=course.public_id, indicator=each.code)),
            framework_text(each.texts, current_locale(), framework),
            _status(told.get(each.id, rubric.NONE)),
        )
        for each in framework.indicators
        if each.id in shown
    )


def build(session: Session, course: Course, code: str, now: datetime) -> RubricPage:
    """The words for one indicator. Raises NotFound for a code that the course's framework has not."""
    framework = rules_of(session, course.id, now).framework
    indicator = framework.indicator(code)
    told = rubric.descriptors_of(session, course).get(indicator.id, rubric.NONE)
    return RubricPage(
        code=code,
        text=framework_text(indicator.texts, current_locale(), framework),
        fields=tuple(StepField(step, step_word(step), told.steps.get(step, "")) for step in ObservationStep),
        version=told.version,
        longest=LONGEST,
    )


def words_of(told: Descriptors | None) -> tuple[tuple[str, str], ...]:
    """(name of the step, what it looks like) of the steps that are described."""
    return tuple((step_word(step), text) for step, text in told.steps.items()) if told else ()


def _status(told: Descriptors) -> str:
    count = len(told.steps)
    return ngettext("%(num)d step described", "%(num)d steps described", count) if count else ""
