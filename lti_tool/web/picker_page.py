"""What the picker's form shows: kinds, and the indicators by competency and level."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lti_tool.competency.framework import Framework
from lti_tool.people.model import ActivityKind
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class IndicatorChoice:
    """One indicator to tick."""

    code: str
    text: str
    lang: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class CompetencyChoice:
    """A competency with its indicators."""

    label: str
    open: bool
    indicators: tuple[IndicatorChoice, ...]


@dataclass(frozen=True, slots=True)
class PickerPage:
    """The whole form with what was typed."""

    kinds: tuple[tuple[str, str], ...]
    kind: str
    title: str
    text: str
    points: str
    competencies: tuple[CompetencyChoice, ...]


def build(framework: Framework, typed: Mapping[str, str], chosen: Collection[str]) -> PickerPage:
    """The form as it was left, or new."""
    return PickerPage(
        kinds=_kinds(),
        kind=typed.get("kind", ActivityKind.PROFILE.value),
        title=typed.get("title", _("My competencies")),
        text=typed.get("text", ""),
        points=typed.get("points", "100"),
        competencies=tuple(
            CompetencyChoice(
                label=f"{competency.code} {competency.short_title(current_locale())}",
                open=any(indicator.code in chosen for indicator in competency.indicators),
                indicators=tuple(
                    IndicatorChoice(
                        indicator.code,
                        indicator.text(current_locale()),
                        indicator.texts.served(current_locale()),
                        indicator.code in chosen,
                    )
                    for indicator in competency.indicators
                ),
            )
            for competency in framework.competencies
        ),
    )


def _kinds() -> tuple[tuple[str, str], ...]:
    return (
        (ActivityKind.PROFILE.value, _("My competencies (a page without a grade)")),
        (ActivityKind.EVIDENCE.value, _("Evidence task")),
        (ActivityKind.OBSERVATION.value, _("Observation checklist")),
        (ActivityKind.SELF_ASSESSMENT.value, _("Self-assessment")),
        (ActivityKind.GRADEBOOK.value, _("Competency gradebook")),
    )
