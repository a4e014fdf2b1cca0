"""An observation as pages and forms write it, and as it is read back from them."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Fields
from fractions import Fraction

from lti_tool.competency.framework import Indicator
from lti_tool.competency.model import ObservationStep
from lti_tool.competency.observing import STEPS, ObservationChange, Observed
from lti_tool.errors import RuleBroken
from lti_tool.people.model import Person
from lti_tool.web.cell_text import PREFIX, shown_in
from lti_tool.web.explain import percent
from lti_tool.web.i18n import gettext as _

SCORES = {step.value: score for score, step in STEPS.items()}


def step_word(step: ObservationStep) -> str:
    """What a step is called."""
    return {
        ObservationStep.NOT_SHOWN: _("not shown"),
        ObservationStep.EMERGING: _("emerging"),
        ObservationStep.SHOWN: _("shown"),
        ObservationStep.CONVINCING: _("convincing"),
    }[step]


def step_words() -> tuple[tuple[str, str], ...]:
    """Value and word of everything that a trainer may choose."""
    return ("", _("not yet observed")), *((step.value, step_word(step)) for step in ObservationStep)


def in_words(observed: Observed | None) -> str:
    """What stands in a cell, as a person reads it."""
    if observed is None:
        return _("not yet observed")
    return step_word(observed.step) if observed.step else percent(observed.score)


def cell_name(person: Person, code: str) -> str:
    """The name of a cell's field."""
    return f"{PREFIX}{person.public_id}-{code}"


def written(observed: Observed | None) -> str:
    """What a cell's field holds: nothing, a step, or a score that is none ("11/20")."""
    if observed is None:
        return ""
    return observed.step.value if observed.step else str(observed.score)


def changes_in(
    form: Fields[str, str], people: Iterable[Person], looked_for: Iterable[Indicator]
) -> tuple[ObservationChange, ...]:
    """What a sent form changes of what it showed. Raises RuleBroken for a cell or a value that no page offers."""
    shown, looked_for = shown_in(form.get("shown", "")), tuple(looked_for)
    places = {cell_name(person, each.code): (person.id, each.id) for person in people for each in looked_for}
    changes = []
    for name, text in form.items():
        if not name.startswith(PREFIX) or text == shown.get(name, ""):
            continue
        if name not in places:
            raise RuleBroken("cell_unknown", cell=name[:60])
        changes.append(ObservationChange(*places[name], _seen(shown.get(name, "")), _wanted(text)))
    return tuple(changes)


def _wanted(text: str) -> ObservationStep | None:
    if text and text not in SCORES:
        raise RuleBroken("observation_unknown", value=text[:20])
    return ObservationStep(text) if text else None


def _seen(text: str) -> Fraction | None:
    try:
        return SCORES[text] if text in SCORES else Fraction(text[:40]) if text else None
    except (ValueError, ZeroDivisionError) as error:
        raise RuleBroken("form_not_ours") from error
