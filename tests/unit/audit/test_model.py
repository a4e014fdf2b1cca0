"""Nothing but ids and words of closed sets gets into the record."""

from __future__ import annotations

import pytest

from lti_tool.audit.model import OPERATOR, Action, Actor, ActorKind, Event, Subject, SubjectKind
from lti_tool.errors import RuleBroken

NAMES = ["Айгүл", "Trainer One", "a@example.invalid", "", "x" * 65, "a/b", "a b", "id\n"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_opaque_id_is_refused(name: str) -> None:
    with pytest.raises(RuleBroken):
        Actor(ActorKind.PERSON, name)
    with pytest.raises(RuleBroken):
        Subject(SubjectKind.PERSON, name)
    with pytest.raises(RuleBroken):
        Event(Action.READ_RECORD, OPERATOR, course=name)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "x"),
        ("page", "Айгүл"),
        ("page", "a@example.invalid"),
        ("page", "two words"),
        ("code", "word"),
        ("code", "1"),
        ("count", "12"),
        ("what", 3),
        ("format", "CSV"),
    ],
)
def test_a_detail_that_could_be_text_of_people_is_refused(key: str, value: str | int) -> None:
    with pytest.raises(RuleBroken) as refused:
        Event(Action.READ_RECORD, OPERATOR, detail={key: value})

    assert refused.value.facts == {"key": key}, "the value itself goes nowhere"


@pytest.mark.parametrize(
    ("key", "value"),
    [("page", "participant.somebody"), ("format", "csv"), ("code", "1.1"), ("code", "4.1.1.a"), ("count", 12)],
)
def test_what_says_nothing_of_a_person_is_taken(key: str, value: str | int) -> None:
    assert Event(Action.READ_RECORD, OPERATOR, detail={key: value}).detail == {key: value}


def test_reads_and_drafts_fold_and_nothing_else_does() -> None:
    folding = {action for action in Action if action.folds}

    assert {action for action in Action if action.is_read} < folding
    assert Action.JUDGED not in folding
    assert Action.WORK_SAVED in folding


def test_every_action_finds_room_in_its_column() -> None:
    assert max(len(action) for action in Action) <= 30
    assert max(len(kind) for kind in SubjectKind) <= 12
    assert max(len(kind) for kind in ActorKind) <= 10
