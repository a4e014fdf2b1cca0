"""A level can be worked out again from what its page says, and from nothing else.

The reader below knows the rules as the page and the requirements tell them, and the texts of the page; no value of the
tool's own. Whatever the page left out, it would come to another level than the one that stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from flask import Flask
from flask_login import LoginManager
from hypothesis import Phase, example, given, settings

from lti_tool.competency import profile, queries
from lti_tool.competency.profile import Explanation
from lti_tool.ids import CourseId, PersonId
from lti_tool.web import assets, i18n
from lti_tool.web.competency_page import competency_page
from lti_tool.web.page_data import CompetencyPage, EvidenceLine, IndicatorItem, JudgementLine, LevelSection
from lti_tool.web.participant_pages import Surroundings, level_names
from tests.factories.explained import Cell, Result, Story, Word, stories, tell
from tests.factories.world import NOW, MappingRole

NOTHING, FIRST_OF_ALL = "–", datetime.min.replace(tzinfo=UTC)
RANKED = ("Attained", "In progress", "Not attained", "No evidence yet", "Not covered here")


@pytest.fixture(scope="module", autouse=True)
def _in_english() -> Iterator[None]:
    app = Flask("bare", root_path=str(assets.WEB_ROOT))
    LoginManager(app).request_loader(lambda _request: None)
    i18n.install(app)
    with app.test_request_context("/?lang=en"):
        yield


# --- What a reader makes of the page --------------------------------------------------------------------------------


def _share(text: str) -> Fraction:
    """A share as the page writes it: "60 %", or "1/3" where no percentage is exact."""
    number = re.split(r"\s", text)[0]
    return Fraction(number) / 100 if "%" in text else Fraction(number)


@dataclass(frozen=True)
class Rules:
    """The rules that the page tells."""

    aggregation: str
    pass_mark: Fraction
    coverage: Fraction

    @classmethod
    def read(cls, page: CompetencyPage) -> Rules:
        told = {fact.name: fact.value for fact in page.facts}
        return cls(told["Several marks of one indicator"], _share(told["Pass mark"]), _share(told["Graded at least"]))

    @property
    def n(self) -> int | None:
        found = re.match(r"(\d+) activit", self.aggregation)
        return int(found[1]) if found else None


@dataclass(frozen=True)
class Line:
    """A line of evidence as it is read."""

    score: Fraction | None
    weight: int
    role: str
    pass_mark: Fraction
    at: datetime

    @classmethod
    def read(cls, line: EvidenceLine) -> Line:
        at = line.worked_at.replace(second=0, microsecond=0) if line.worked_at else FIRST_OF_ALL
        return cls(_score(line), line.weight, line.role, _share(line.pass_mark), at)


def _score(line: EvidenceLine) -> Fraction | None:
    if line.score == NOTHING:
        return None
    if not line.mark:
        assert "counts 0" in line.note
        return Fraction(0)
    ranged = re.fullmatch(r"(\S+) on a scale from (\S+) to (\S+)", line.mark)
    plain = re.fullmatch(r"(\S+) of (\S+)", line.mark)
    given, low, high = ranged.groups() if ranged else (plain[1], "0", plain[2]) if plain else ("", "", "")
    exact = (Fraction(given) - Fraction(low)) / (Fraction(high) - Fraction(low))
    return min(Fraction(1), max(Fraction(0), exact))


def _aggregate(lines: Sequence[Line], rules: Rules) -> Fraction:
    scores = sorted((line.score for line in lines if line.score is not None), reverse=True)
    if rules.aggregation == "the best mark":
        return scores[0]
    if rules.aggregation == "the latest work":
        return max((line.at, line.score) for line in lines if line.score is not None)[1]
    if rules.n is not None:
        return scores[rules.n - 1] if len(scores) >= rules.n else Fraction(0)
    weighed = [(line.weight, line.score) for line in lines if line.score is not None]
    return sum((w * s for w, s in weighed), Fraction(0)) / sum(w for w, _ in weighed)


def _value(lines: Sequence[Line], rules: Rules) -> Fraction | None:
    graded = [line for line in lines if line.score is not None]
    counted = [line for line in graded if line.role != "optional"]
    helps = sorted((line for line in graded if line.role == "optional"), key=lambda line: line.score or 0, reverse=True)
    if not counted:
        return helps[0].score if helps else None
    value = _aggregate(counted, rules)
    for line in helps:
        if line.score is not None and line.score > value:
            counted.append(line)
            value = _aggregate(counted, rules)
    return value


def _by_marks(lines: Sequence[Line], rules: Rules) -> tuple[str, Fraction | None]:
    value = _value(lines, rules)
    if not lines:
        return "Not covered here", None
    if value is None:
        return "No evidence yet", None
    owed = [line for line in lines if line.role != "optional"]
    missing = [line for line in owed if line.score is None]
    weight = sum(line.weight for line in owed)
    covered = 1 if not owed else Fraction(weight - sum(line.weight for line in missing), weight)
    failed = any(line.role == "required" and line.score is not None and line.score < line.pass_mark for line in lines)
    reached = value >= rules.pass_mark
    if rules.n is not None:
        reached = sum(line.score is not None and line.score >= rules.pass_mark for line in lines) >= rules.n
    complete = not any(line.role == "required" for line in missing) and covered >= rules.coverage
    if reached and complete and not failed:
        return "Attained", value
    return ("Not attained" if failed or not missing else "In progress"), value


def _by_people(lines: Sequence[JudgementLine]) -> str | None:
    """What judgements come to, the newest first: a decision, else what all trainers say by their newest one."""
    decided = [line.said for line in lines if line.said.startswith("Decided")]
    if decided:
        return decided[0].removeprefix("Decided: ").capitalize()
    newest = {line.by: line.said for line in reversed(lines)}
    return next(iter(newest.values())) if len(set(newest.values())) == 1 else None


@dataclass(frozen=True)
class Read:
    """An indicator as it is read: here, and over all courses."""

    here: str
    anywhere: str
    is_key: bool

    @classmethod
    def read(cls, item: IndicatorItem, rules: Rules) -> Read:
        by_marks, value = _by_marks([Line.read(line) for line in item.evidence], rules)
        here = _by_people(item.judgements) or by_marks
        elsewhere = [line.mark.label for line in item.elsewhere]
        anywhere = min([here, *elsewhere], key=RANKED.index)
        if not item.elsewhere and value is not None:
            tenths = floor(value * 1000)
            assert item.value == f"{tenths // 10}" + (f".{tenths % 10}" if tenths % 10 else "") + "\N{NO-BREAK SPACE}%"
        assert item.mark.label in {here, anywhere}
        return cls(here, anywhere, item.is_key)


def _level(states: Sequence[str], keys: Sequence[str]) -> str:
    known = [state for state in states if state != "Not covered here"]
    needed = -(-2 * len(states) // 3)
    if not states:
        return "No indicators"
    if len(known) < needed or "Not covered here" in keys:
        return "Not assessable here"
    if known.count("Attained") >= needed and set(keys) <= {"Attained"}:
        return "Met"
    if len(known) - known.count("Not attained") < needed or "Not attained" in keys:
        return "Not met"
    return "No evidence yet" if set(known) == {"No evidence yet"} else "In progress"


def _state(section: LevelSection, rules: Rules) -> str:
    """What the level comes to, here or, where it cannot be assessed here, over all courses."""
    items = [Read.read(item, rules) for item in section.indicators]
    own = _level([item.here for item in items], [item.here for item in items if item.is_key])
    if own != "Not assessable here":
        _check_counts(section, [item.here for item in items])
        return own
    said = f"{section.why} {section.now}"
    if "when the course “" in said or "certified when a course was closed" in said:
        return "Met"
    return _level([item.anywhere for item in items], [item.anywhere for item in items if item.is_key])


def _check_counts(section: LevelSection, states: Sequence[str]) -> None:
    """The numbers in the sentence are those that the indicators below it come to."""
    told = re.search(r"(\d+) of the (\d+) indicators? (?:is|are) attained; needed: (\d+)", section.now or section.why)
    if told:
        needed = -(-2 * len(states) // 3)
        assert [int(each) for each in told.groups()] == [states.count("Attained"), len(states), needed]


def _established(states: Sequence[str]) -> int | None:
    reached = None
    for number, state in enumerate(states, 1):
        if state == "Met":
            reached = number
        elif state == "Not met" and reached is None:
            return 0
        elif state != "No indicators":
            break
    return reached


def _told(page: CompetencyPage, names: Sequence[str]) -> tuple[int | None, int | None]:
    """The level that the page says stands, and the one that the marks give."""

    def number(text: str) -> int | None:
        if "Below basic level" in text:
            return 0
        return next((at for at, name in enumerate(names, 1) if name in text), None)

    stands, _since, marks = page.summary.partition("Marks have changed since the course was closed;")
    level = number(stands) if stands.startswith(("Established", "Below")) else None
    return level, number(marks) if marks else level


# --- The page of anybody --------------------------------------------------------------------------------------------


def _page(why: Explanation) -> CompetencyPage:
    around = Surroundings("Group", "Айгүл", "en", lambda code: f"/{code}", "/")
    return competency_page(why, around)


CERTIFIED_AND_LOWERED = Story(
    cells=[Cell(int(each < 3), 0, each, 1, MappingRole.SUPPORTING, None) for each in range(5)],
    results=[Result(course, 0, None, Decimal(9), 0, 10, 5 + course) for course in (0, 1)],
    words=[],
    rules=[{}, {}],
    closes=(1,),
    later=[Result(1, 0, None, Decimal(0), 0, 10, 0)],
)
"""Level 1 is certified elsewhere and would not be met any more; level 2 is shown here and rests on it."""
LATEST_OF_ONE_DAY = Story(
    cells=[Cell(0, act, each, 1, MappingRole.SUPPORTING, None) for act in (0, 1) for each in range(3)],
    results=[Result(0, 0, None, Decimal(9), 0, 10, 120), Result(0, 1, None, Decimal(1), 0, 10, 5)],
    words=[],
    rules=[{"aggregation": "latest"}, {}],
)
"""Of two marks of one day the later one counts, though it is the lower one."""
JUST_BELOW = Story(
    cells=[Cell(0, 0, each, 1, MappingRole.REQUIRED, "0.50005") for each in range(3)],
    results=[Result(0, 0, None, Decimal(5), 0, 10, 5)],
    words=[],
    rules=[{"pass_mark": "2/5"}, {}],
)
"""A pass mark that is missed by less than a page shows of a percentage."""


@settings(max_examples=50, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(stories())
@example(
    Story(
        cells=[Cell(0, 0, 0, 1, MappingRole.REQUIRED, "0.33333"), Cell(1, 0, 1, 2, MappingRole.SUPPORTING, None)],
        results=[Result(0, 0, None, None, 0, 10, 5), Result(1, 0, None, Decimal(7), 0, 10, 6)],
        words=[Word(0, 0, 0, True, False, False, None, 20), Word(0, 0, 1, False, False, False, None, 30)],
        rules=[{"pass_mark": "1/3"}, {}],
        closes=(1,),
    )
)
@example(CERTIFIED_AND_LOWERED)
@example(LATEST_OF_ONE_DAY)
@example(JUST_BELOW)
def test_every_level_is_rebuilt_from_what_its_page_says(story: Story) -> None:
    told = tell(story)
    person = PersonId(told.people[0].id)
    for course in told.courses:
        why = profile.explain(told.session, CourseId(course.id), person, "1.1", NOW)
        page = _page(why)
        names = [level_names(why.framework, "en")(level.number) for level in why.framework.levels]
        rules = Rules.read(page)

        states = [_state(section, rules) for section in page.levels]

        stands, by_marks = _told(page, names)
        assert _established(states) == by_marks == why.computed.established
        assert stands == why.standing.established
        stored = queries.stored_standings(told.session, CourseId(course.id), person).standings.get(why.competency.id)
        assert stored is None or stored.established == stands
        if course.closed_at is None:
            assert states == [section.mark.label for section in page.levels]
            held = ["Held" in {flag.label for flag in section.flags} for section in page.levels]
            reached = _established(states) or 0
            assert held == [state == "Met" and at > reached for at, state in enumerate(states, 1)]
    told.session.close()
