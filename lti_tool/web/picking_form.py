"""The picker's form read back: the activity that is being chosen, and those that wait beside it.

The list of those that wait travels in the form itself, so nothing is stored before the LMS is answered; whatever comes
back in it is checked like what was typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from werkzeug.datastructures import MultiDict

from lti_tool.competency import declaration
from lti_tool.competency.framework import Framework
from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId, new_public_id
from lti_tool.lti.deep_linking import MOST_POINTS, PickedItem
from lti_tool.people.model import ActivityKind
from lti_tool.web.i18n import gettext as _

GRADED = frozenset({ActivityKind.EVIDENCE, ActivityKind.OBSERVATION})
"""Kinds with a column of their own."""
MAPPED = GRADED | {ActivityKind.SELF_ASSESSMENT}
"""Kinds that are about chosen indicators."""
MOST_ITEMS = 30
TITLE_LENGTH, TEXT_LENGTH = 255, 2000


@dataclass(frozen=True, slots=True)
class Choice:
    """An activity as it was typed, not yet checked."""

    kind: str = ActivityKind.PROFILE.value
    title: str = ""
    text: str = ""
    points: str = str(MOST_POINTS)
    indicators: str = ""
    """As the custom parameter says them: `4.1.1.a:2,4.1.2.b::r`."""
    uid: str = ""
    """Our name of the activity that this one replaces; empty for a new one."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing has been chosen yet."""
        return not (self.title or self.text or self.indicators)


@dataclass(frozen=True, slots=True)
class Picking:
    """The whole form: what is being chosen, and what waits to be placed with it."""

    current: Choice = Choice()
    waiting: tuple[Choice, ...] = ()


def kind_words() -> dict[ActivityKind, str]:
    """What each kind is called, in the order in which they are offered."""
    return {
        ActivityKind.PROFILE: _("My competencies"),
        ActivityKind.EVIDENCE: _("Evidence task"),
        ActivityKind.OBSERVATION: _("Observation checklist"),
        ActivityKind.SELF_ASSESSMENT: _("Self-assessment"),
        ActivityKind.GRADEBOOK: _("Competency gradebook"),
    }


def read(form: MultiDict[str, str]) -> Picking:
    """The form as it came. Raises RuleBroken where its list of waiting activities is none of ours."""
    return Picking(_current(form), _waiting(form.get("waiting", "")))


def written(waiting: Sequence[Choice]) -> str:
    """The waiting activities as the form carries them."""
    return json.dumps([asdict(each) for each in waiting], ensure_ascii=False) if waiting else ""


def _current(form: MultiDict[str, str]) -> Choice:
    parts = []
    for code in form.getlist("indicator"):
        weight, role = form.get(f"weight-{code}", "1"), form.get(f"role-{code}", "")
        parts.append(f"{code}:{weight}:{role}".replace(",", ""))
    return Choice(
        kind=form.get("kind", ActivityKind.PROFILE.value),
        title=" ".join(form.get("title", "").split()),
        text=form.get("text", "").strip(),
        points=form.get("points", "").strip(),
        indicators=",".join(parts),
        uid=form.get("uid", ""),
    )


def _waiting(text: str) -> tuple[Choice, ...]:
    if not text:
        return ()
    try:
        told = json.loads(text)
        # Half a surrogate pair can be written in JSON, and neither shown nor stored.
        json.dumps(told, ensure_ascii=False).encode()
        choices = tuple(Choice(**each) for each in told)
    except (ValueError, TypeError, RecursionError) as error:
        raise RuleBroken("form_not_ours") from error
    if len(choices) > MOST_ITEMS or not all(
        isinstance(value, str) for each in choices for value in asdict(each).values()
    ):
        raise RuleBroken("form_not_ours")
    return choices


# --- what the buttons do


def kept(picking: Picking, framework: Framework) -> Picking:
    """The current activity waits with the others, and a new one begins. Raises RuleBroken where it is faulty."""
    items_of(picking, framework)
    return Picking(Choice(kind=picking.current.kind), (*picking.waiting, picking.current))


def dropped(picking: Picking, number: str) -> Picking:
    """Without the waiting activity of this number."""
    at = _place(picking, number)
    return replace(picking, waiting=picking.waiting[:at] + picking.waiting[at + 1 :])


def taken_up(picking: Picking, number: str) -> Picking:
    """The waiting activity of this number is changed now; what was being chosen waits instead, unless it is blank."""
    at = _place(picking, number)
    rest = picking.waiting[:at] + picking.waiting[at + 1 :]
    others = rest if picking.current.is_blank else (*rest, picking.current)
    return Picking(picking.waiting[at], others)


def _place(picking: Picking, number: str) -> int:
    if not number.isdecimal() or len(number) > 3 or int(number) >= len(picking.waiting):
        raise RuleBroken("form_not_ours")
    return int(number)


# --- what goes to the LMS


def items_of(picking: Picking, framework: Framework) -> list[PickedItem]:
    """Everything chosen, checked; the current one is left out where it is blank and others wait.

    Raises RuleBroken: title_missing, title_twice, points_out_of_range, text_too_long, too_many_picked.
    """
    current = () if picking.current.is_blank and picking.waiting else (picking.current,)
    items = [_item(each, framework) for each in (*picking.waiting, *current)]
    titles = [item.title.casefold() for item in items]
    twice = [item.title for item in items if titles.count(item.title.casefold()) > 1]
    if twice:
        # The gradebook of the LMS names a column by its activity: two of one name cannot be told apart in its files.
        raise RuleBroken("title_twice", title=twice[0])
    if len(items) > MOST_ITEMS:
        raise RuleBroken("too_many_picked", most=MOST_ITEMS)
    return items


def _item(choice: Choice, framework: Framework) -> PickedItem:
    kind = next((each for each in kind_words() if each.value == choice.kind), ActivityKind.PROFILE)
    title = choice.title or ("" if kind in GRADED else kind_words()[kind])
    if not 1 <= len(title) <= TITLE_LENGTH:
        raise RuleBroken("title_missing")
    if len(choice.text) > TEXT_LENGTH:
        raise RuleBroken("text_too_long", most=TEXT_LENGTH)
    return PickedItem(
        kind=kind,
        title=title.replace("\0", ""),
        text=choice.text.replace("\0", ""),
        indicators=chosen(choice, framework) if kind in MAPPED else "",
        points=_points(choice.points) if kind in GRADED else None,
        uid=choice.uid[:40].replace("\0", "") or new_public_id(),
    )


def chosen(choice: Choice, framework: Framework) -> str:
    """The indicators of a choice as the custom parameter says them. Raises RuleBroken for one that is not offered."""
    declared = declaration.read(choice.indicators, framework, ActivityId(0))
    if declared.unreadable:
        raise RuleBroken("indicator_not_offered", found=declared.unreadable[0])
    return declaration.write(declared.mappings, framework)


def _points(text: str) -> int:
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MOST_POINTS:
        raise RuleBroken("points_out_of_range", points=text[:10], most=MOST_POINTS)
    return int(text)


def weights_and_roles(choice: Choice, framework: Framework) -> Mapping[str, tuple[str, str]]:
    """Code → weight and letter of the role, for what is chosen."""
    cells = declaration.read(choice.indicators, framework, ActivityId(0)).mappings
    return {
        framework.indicator_by_id(cell.indicator).code: (str(cell.weight), declaration.LETTERS[cell.role])
        for cell in cells
    }
