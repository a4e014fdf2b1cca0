"""From a result in the ledger to stored standings, as the worked examples of the rules tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lti_tool.competency import evidence, ledger_store, recompute
from lti_tool.competency.catalogue import Framework
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.mapping import adopt_declared, mapping_of, merge_mapping, replace_mapping
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId, CompetencyId, CourseId, IndicatorId, PersonId
from lti_tool.people.activity_store import as_activity
from lti_tool.people.tables import ActivityRow, CourseRow, PersonRow
from tests.factories.make import Make


class Classroom:
    """A course with one participant, activities by name, and the national framework."""

    def __init__(self, session: Session, make: Make, now: datetime) -> None:
        self.session, self.make, self.now = session, make, now
        self.framework: Framework = make.framework()
        self.platform = make.platform()
        self.course = make.course(self.platform)
        self.person = make.person(self.platform)
        make.membership(self.course, self.person)

    def indicator(self, code: str) -> IndicatorId:
        return self.framework.indicator(code).id

    def activity(self, name: str, course: CourseRow | None = None) -> ActivityRow:
        return self.make.activity(course or self.course, name)

    def maps(
        self, activity: ActivityRow, code: str, weight: int = 1, role: MappingRole = MappingRole.SUPPORTING
    ) -> None:
        cell = Mapping(ActivityId(activity.id), self.indicator(code), weight, role)
        merge_mapping(self.session, CourseId(activity.course_id), [cell], by=None, now=self.now)

    def marks(
        self,
        activity: ActivityRow,
        mark: str | None,
        maximum: str = "100",
        *,
        later: int = 0,
        who: PersonRow | None = None,
    ) -> evidence.Recomputed:
        entry = NewEvidence(
            PersonId((who or self.person).id),
            ActivityId(activity.id),
            None,
            None if mark is None else Decimal(mark),
            Decimal(0),
            Decimal(maximum),
            "gradebook_file",
            self.now + timedelta(minutes=later),
        )
        return evidence.record(self.session, CourseId(activity.course_id), [entry], by=None, now=self.now)

    def stored(self, competency: str, course: CourseRow | None = None) -> dict[str, object]:
        course_id = CourseId((course or self.course).id)
        found = ledger_store.standings(self.session, course_id, [self.person.id])
        return found[self.person.id, self.framework.competency(competency).id]

    def states(self, competency: str, course: CourseRow | None = None) -> list[str]:
        levels = self.stored(competency, course)["levels"]
        assert isinstance(levels, list)
        return [level["state"] for level in levels]


@pytest.fixture
def room(session: Session, make: Make, now: datetime) -> Classroom:
    return Classroom(session, make, now)


def codes(room: Classroom, competency: str, level: int) -> list[str]:
    return [indicator.code for indicator in room.framework.competency(competency).of_level(level)]


def map_level(room: Classroom, competency: str, level: int) -> ActivityRow:
    """One activity that shows every indicator of the level."""
    activity = room.activity(f"Quiz: {competency} {level}")
    for code in codes(room, competency, level):
        room.maps(activity, code)
    return activity


def test_a_mark_becomes_a_level(room: Classroom) -> None:
    quiz = map_level(room, "1.1", 1)

    room.marks(quiz, "70")

    assert room.stored("1.1")["established"] == 1
    assert room.states("1.1")[0] == "met"


def test_a_mark_below_the_pass_mark_is_level_zero_and_not_unknown(room: Classroom) -> None:
    quiz = map_level(room, "1.1", 1)

    room.marks(quiz, "30")

    assert room.stored("1.1")["established"] == 0


def test_a_withdrawn_mark_is_unknown_and_not_zero(room: Classroom) -> None:
    quiz = map_level(room, "1.1", 1)
    room.marks(quiz, "70")

    room.marks(quiz, None, later=1)

    assert room.stored("1.1")["established"] is None
    assert room.states("1.1")[0] == "no_evidence"


def test_an_older_mark_that_arrives_late_changes_nothing(room: Classroom) -> None:
    quiz = map_level(room, "1.1", 1)
    room.marks(quiz, "70", later=10)

    room.marks(quiz, "10", later=5)

    assert room.stored("1.1")["established"] == 1


def test_competencies_that_the_course_does_not_map_have_no_standing(room: Classroom) -> None:
    room.marks(map_level(room, "1.1", 1), "70")

    stored = ledger_store.standings(room.session, CourseId(room.course.id), [room.person.id])

    assert [key[1] for key in stored] == [room.framework.competency("1.1").id]


def test_a_level_shown_in_one_course_counts_below_a_level_of_another(room: Classroom) -> None:
    other = room.make.course(room.platform, "Second")
    room.make.membership(other, room.person)
    higher = room.activity("Quiz: higher", other)
    for code in codes(room, "1.1", 2):
        room.maps(higher, code)
    room.marks(higher, "90")
    assert room.stored("1.1", other)["established"] is None

    done = room.marks(map_level(room, "1.1", 1), "90")

    assert set(done.persons) == {room.course.id, other.id}
    assert room.stored("1.1", other)["established"] == 2
    assert room.stored("1.1")["established"] == 2


def test_a_mapping_withdrawn_takes_the_standing_with_it(room: Classroom) -> None:
    room.marks(map_level(room, "1.1", 1), "70")

    replace_mapping(room.session, CourseId(room.course.id), [], by=None, now=room.now)
    evidence.recompute(room.session, CourseId(room.course.id), None, room.now)

    assert ledger_store.standings(room.session, CourseId(room.course.id), [room.person.id]) == {}
    assert ledger_store.attainments(room.session, CourseId(room.course.id), [room.person.id]) == {}


def test_only_what_has_changed_is_written(room: Classroom) -> None:
    first, second = map_level(room, "1.1", 1), room.activity("Quiz: elsewhere")
    of_second = [*codes(room, "2.1", 1), *codes(room, "1.1", 1)[:1]]
    for code in of_second:
        room.maps(second, code)
    room.marks(first, "70")
    written: list[tuple[str, int]] = []

    def note(_connection: object, _cursor: object, statement: str, given: object, _context: object, many: bool) -> None:
        verb, *words = statement.split()
        if "attainment" in words[:2]:
            written.append((verb, len(given) if many and isinstance(given, list) else 1))

    event.listen(room.session.get_bind(), "before_cursor_execute", note)
    room.marks(second, "90", later=1)
    room.marks(second, "90", later=2)

    assert written == [("UPDATE", len(of_second))]

    replace_mapping(
        room.session,
        CourseId(room.course.id),
        [each for each in mapping_of(room.session, CourseId(room.course.id)) if each.activity == first.id],
        by=None,
        now=room.now,
    )
    evidence.recompute(room.session, CourseId(room.course.id), None, room.now)
    gone, changed = written[1:-1], written[-1]

    assert gone == [("DELETE", 1)] * len(codes(room, "2.1", 1))
    assert changed == ("UPDATE", 1)


def test_what_is_stored_equals_what_the_ledger_gives(room: Classroom) -> None:
    quiz = map_level(room, "1.1", 1)
    for mark, later in (("10", 0), ("88.5", 2), (None, 3), ("61", 4)):
        room.marks(quiz, mark, later=later)

    scope = recompute.scope_of(room.session, CourseId(room.course.id), room.now)
    again = recompute.standings_now(room.session, scope, [PersonId(room.person.id)], room.now)

    standing = again[PersonId(room.person.id)].competencies[CompetencyId(room.framework.competency("1.1").id)]
    stored = room.stored("1.1")
    assert (stored["established"], stored["progress"]) == (standing.established, standing.progress)
    assert stored["levels"] == [recompute.level_to_json(level) for level in standing.levels]
    assert standing.progress == Fraction(1)


def test_computing_again_writes_nothing(room: Classroom) -> None:
    room.marks(map_level(room, "1.1", 1), "70")

    again = recompute.compute_course(room.session, CourseId(room.course.id), None, room.now + timedelta(days=1))

    assert (len(again.persons), again.changed) == (1, frozenset())


@pytest.mark.parametrize("mark", ["NaN", "Infinity"])
def test_an_impossible_mark_stores_nothing(room: Classroom, mark: str) -> None:
    quiz = map_level(room, "1.1", 1)

    with pytest.raises(RuleBroken):
        room.marks(quiz, mark)

    assert evidence.current_evidence(room.session, CourseId(room.course.id)) == {}


def test_the_current_evidence_tells_source_and_time(room: Classroom) -> None:
    quiz = room.activity("Quiz: Week 1 quiz")
    room.marks(quiz, "7", "10", later=1)
    room.marks(quiz, None, "10", later=2)

    found = evidence.current_evidence(room.session, CourseId(room.course.id))

    entry = found[PersonId(room.person.id), ActivityId(quiz.id), None]
    assert (entry.mark, entry.mark_max, entry.source) == (None, Decimal(10), "gradebook_file")
    assert entry.worked_at == room.now + timedelta(minutes=2)


def test_a_first_launch_does_not_overwrite_an_imported_mapping(room: Classroom) -> None:
    row = room.activity("External tool: Task")
    room.maps(row, codes(room, "1.1", 1)[0], weight=5)
    activity = as_activity(row)

    declared, change = adopt_declared(
        room.session, activity, codes(room, "1.1", 2)[0], is_new=True, by=None, now=room.now
    )

    assert (len(declared.mappings), bool(change), row.offered) == (1, False, codes(room, "1.1", 2)[0])
    assert [cell.weight for cell in mapping_of(room.session, CourseId(room.course.id))] == [5]


def test_cells_of_other_courses_activities_are_refused(room: Classroom) -> None:
    foreign = room.activity("Quiz: foreign", room.make.course(room.platform))
    cell = Mapping(ActivityId(foreign.id), room.indicator(codes(room, "1.1", 1)[0]))

    with pytest.raises(RuleBroken, match="activity_unknown"):
        merge_mapping(room.session, CourseId(room.course.id), [cell], by=None, now=room.now)


def test_a_cell_that_is_named_twice_or_of_no_indicator_here_is_refused_and_changes_nothing(room: Classroom) -> None:
    course_id, quiz = CourseId(room.course.id), ActivityId(room.activity("Quiz: 1").id)
    known = Mapping(quiz, room.indicator("4.1.1.a"), weight=2)
    merge_mapping(room.session, course_id, [known], by=None, now=room.now)
    other_version = room.make.small_framework().indicators[0].id

    for refused, code in (
        ([replace(known, weight=3), replace(known, weight=4)], "mapping_twice"),
        ([replace(known, weight=3), Mapping(quiz, other_version)], "indicator_unknown"),
    ):
        with pytest.raises(RuleBroken, match=code):
            replace_mapping(room.session, course_id, refused, by=None, now=room.now)
        assert mapping_of(room.session, course_id) == (known,)


def test_a_time_of_no_zone_is_refused(room: Classroom) -> None:
    """Which of two marks is the newer is decided by their times: one that may be hours off would decide wrongly."""
    room.now = room.now.replace(tzinfo=None)

    with pytest.raises(RuleBroken, match="time_naive"):
        room.marks(room.activity("Quiz: 1"), "5")


@pytest.mark.parametrize("mark", ["33.333333", "1000000000", "-1E+9", "0.000001", "1E+400000"])
def test_a_mark_that_only_one_database_would_round_is_refused(room: Classroom, mark: str) -> None:
    with pytest.raises(RuleBroken, match="mark_outside"):
        room.marks(room.activity("Quiz: 1"), mark)

    assert evidence.current_evidence(room.session, CourseId(room.course.id)) == {}


@pytest.mark.parametrize("mark", ["999999999.99999", "-999999999.99999", "33.33333", "1E+2", "5.00000000"])
def test_a_mark_of_moodles_precision_reads_back_exactly(any_sessions: SessionFactory, now: datetime, mark: str) -> None:
    with unit_of_work(any_sessions) as session:
        room = Classroom(session, Make(session, now), now)
        room.marks(room.activity("Quiz: 1"), mark)

    with unit_of_work(any_sessions, writes=False) as session:
        (found,) = evidence.current_evidence(session, CourseId(room.course.id)).values()
    assert found.mark == Decimal(mark)


def test_a_pass_mark_is_stored_exactly_or_not_at_all(room: Classroom) -> None:
    cell = Mapping(ActivityId(room.activity("Quiz: 1").id), room.indicator("4.1.1.a"), pass_mark=Fraction("0.33333"))

    for expected in (True, False):
        assert bool(merge_mapping(room.session, CourseId(room.course.id), [cell], by=None, now=room.now)) is expected

    third = replace(cell, pass_mark=Fraction(1, 3))
    with pytest.raises(RuleBroken, match="pass_mark_inexact"):
        replace_mapping(room.session, CourseId(room.course.id), [third], by=None, now=room.now)
    assert mapping_of(room.session, CourseId(room.course.id)) == (cell,)
