"""Versions of the requirements side by side: which one new courses take, what is confirmed between them, reviews."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from lti_tool.cli.findings import Outcome, of_reviews
from lti_tool.competency import crosswalks, moving, publishing, version_store, versions
from lti_tool.competency.crosswalk import Kind, Line
from lti_tool.competency.crosswalks import Drafted
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.framework import Framework
from lti_tool.competency.model import Mapping
from lti_tool.competency.queries import stored_standings
from lti_tool.competency.rules import rules_of
from lti_tool.competency.tables import CertifiedLevelRow
from lti_tool.competency.validity import Validity, due_on
from lti_tool.competency.versions import Import
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.grading import gradebook
from lti_tool.grading.moving import accept_move
from lti_tool.ids import ActivityId, CourseId, PersonId, PlatformId
from lti_tool.people.tables import CourseRow
from tests.factories.catalogues import next_catalogue
from tests.factories.make import Make

SPLIT_CARRIES = Line(Kind.SPLIT, ("4.1.1.b",), ("4.1.1.b", "4.1.1.j"), ("4.1.1.b",))


@pytest.fixture
def old(make: Make) -> Framework:
    return make.framework()


@pytest.fixture
def platform(make: Make) -> PlatformId:
    return PlatformId(make.platform().id)


def beside(session: Session, now: datetime, **known: date) -> Framework:
    data = json.dumps(next_catalogue()).encode()
    return versions.take_in(session, Import(data, known=Validity(beside=True, **known)), now)


@pytest.fixture
def new(session: Session, old: Framework, now: datetime) -> Framework:
    return beside(session, now + timedelta(days=1))


def version_of_new_course(make: Make, platform: PlatformId) -> str:
    course = make.course(make.session.get_one(type(make.platform()), platform))
    return rules_of(make.session, CourseId(course.id), make.now).framework.version


# ── which one new courses take ───────────────────────────────────────────────────────────────────────────────────


def test_new_courses_go_on_with_their_version_until_their_institute_chooses(
    make: Make, platform: PlatformId, new: Framework, now: datetime
) -> None:
    other = PlatformId(make.platform().id)
    assert version_of_new_course(make, platform) == "1.0"

    versions.choose(make.session, platform, new.id, None, now)

    assert version_of_new_course(make, platform) == "2.0"
    assert version_of_new_course(make, other) == "1.0"
    newest, before = versions.versions_of(make.session, platform)
    assert (newest.info.version, newest.courses, newest.for_new_courses) == ("2.0", 1, True)
    assert (before.info.version, before.courses, before.for_new_courses) == ("1.0", 1, False)


def test_closed_courses_are_counted_apart(make: Make, platform: PlatformId, old: Framework, now: datetime) -> None:
    version_of_new_course(make, platform)
    version_of_new_course(make, platform)
    make.session.query(CourseRow).first().closed_at = now  # type: ignore[union-attr]
    make.session.flush()

    (only,) = versions.versions_of(make.session, platform)

    assert (only.courses, only.closed) == (2, 1)


def test_a_version_that_would_end_before_it_begins_is_refused_also_where_one_end_was_known(
    session: Session, old: Framework, now: datetime
) -> None:
    data = publishing.exported(session, old.id, with_edition=True)
    versions.take_in(session, Import(data, known=Validity(valid_from=date(2022, 5, 3))), now)

    with pytest.raises(RuleBroken, match="dates_turned"):
        versions.take_in(session, Import(data, known=Validity(valid_until=date(2022, 5, 2))), now)

    versions.take_in(session, Import(data, known=Validity(valid_until=date(2022, 5, 3))), now)
    assert versions.known_of(session)[old.id] == Validity(valid_from=date(2022, 5, 3), valid_until=date(2022, 5, 3))


def test_a_version_in_use_is_not_put_aside_by_importing_it_again(
    session: Session, old: Framework, now: datetime
) -> None:
    data = publishing.exported(session, old.id, with_edition=True)

    versions.take_in(session, Import(data, known=Validity(approved_on=date(2022, 5, 3), beside=True)), now)

    assert versions.known_of(session)[old.id] == Validity(approved_on=date(2022, 5, 3))


def test_a_version_is_found_by_its_public_id_only(session: Session, old: Framework) -> None:
    (info,) = publishing.versions(session)

    assert versions.version_named(session, info.public_id) == old
    with pytest.raises(NotFound):
        versions.version_named(session, "1.0")


# ── reviews ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("approved", "due"),
    [
        (date(2022, 5, 3), date(2027, 5, 3)),
        (date(2024, 2, 29), date(2029, 2, 28)),
        (date(2023, 2, 28), date(2028, 2, 28)),
        (date(9997, 5, 3), date.max),
    ],
)
def test_a_review_is_due_five_years_after_the_approval(approved: date, due: date) -> None:
    assert due_on(approved) == due


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (date(2026, 10, 1), None),
        (date(2026, 12, 1), "approved 2022-05-03: its five years are over on 2027-05-03"),
        (date(2027, 5, 3), "approved 2022-05-03: its five years are over since 2027-05-03"),
    ],
)
def test_a_review_is_told_half_a_year_ahead(session: Session, old: Framework, today: date, told: str | None) -> None:
    versions.date_version(session, old.id, Validity(approved_on=date(2022, 5, 3)))

    found = list(of_reviews(versions.reviews(session, today), today))

    assert [(each.outcome, each.about, each.tells) for each in found] == (
        [] if told is None else [(Outcome.NOTE, "kg-ict-teachers 1.0", told)]
    )


def test_only_the_newest_dated_version_is_due(session: Session, old: Framework, now: datetime) -> None:
    today = date(2030, 1, 1)
    assert list(versions.reviews(session, today)) == []
    versions.date_version(session, old.id, Validity(approved_on=date(2022, 5, 3)))

    beside(session, now + timedelta(days=1), approved_on=date(2027, 6, 1))

    assert list(versions.reviews(session, today)) == []


# ── the crosswalk ────────────────────────────────────────────────────────────────────────────────────────────────


def look(session: Session, platform: PlatformId, old: Framework, new: Framework) -> Drafted:
    return crosswalks.drafted(session, platform, old, new)


def test_what_is_proposed_can_be_confirmed_at_once(
    session: Session, platform: PlatformId, old: Framework, new: Framework, now: datetime
) -> None:
    seen = look(session, platform, old, new)
    assert (seen.revision, seen.faults, seen.stands) == (0, (), None)

    crosswalks.confirm(session, platform, old, new, seen=0, by=None, now=now)

    stands = look(session, platform, old, new).stands
    assert stands is not None
    assert stands.lines == seen.lines


def test_a_draft_counts_for_nobody_until_it_is_whole_and_confirmed(
    session: Session, platform: PlatformId, old: Framework, new: Framework, now: datetime
) -> None:
    lines = look(session, platform, old, new).lines
    faults = crosswalks.save_draft(session, platform, old, new, lines[1:], seen=0, by=None, now=now)
    assert len(faults) == 2
    with pytest.raises(RuleBroken) as refused:
        crosswalks.confirm(session, platform, old, new, seen=1, by=None, now=now)
    assert refused.value.code == "crosswalk_faulty"
    assert version_store.crosswalks(session, platform) == []

    mended = [SPLIT_CARRIES if each.kind is Kind.SPLIT else each for each in lines]
    assert crosswalks.save_draft(session, platform, old, new, mended, seen=1, by=None, now=now) == ()
    crosswalks.confirm(session, platform, old, new, seen=2, by=None, now=now)

    (stands,) = version_store.crosswalks(session, platform)
    assert SPLIT_CARRIES in stands.lines
    assert look(session, platform, old, new).revision == 0


def test_confirming_what_stands_changes_nothing_and_takes_no_ones_place(
    session: Session, platform: PlatformId, old: Framework, new: Framework, now: datetime
) -> None:
    lines = look(session, platform, old, new).lines
    crosswalks.store_confirmed(session, platform, old, new, lines, None, now)
    (before,) = version_store.crosswalks(session, platform)

    crosswalks.store_confirmed(session, platform, old, new, tuple(reversed(lines)), None, now + timedelta(days=1))

    assert version_store.crosswalks(session, platform) == [before]


def test_a_crosswalk_leads_from_one_version_to_another_of_the_same_requirements(
    make: Make, platform: PlatformId, old: Framework, new: Framework, now: datetime
) -> None:
    others = make.small_framework()
    lines = look(make.session, platform, old, new).lines

    for one, other in ((old, old), (old, others), (others, new)):
        with pytest.raises(RuleBroken, match="crosswalk_of_others"):
            crosswalks.store_confirmed(make.session, platform, one, other, lines, None, now)

    assert version_store.crosswalks(make.session, platform) == []


def test_a_draft_has_an_end(
    session: Session, platform: PlatformId, old: Framework, new: Framework, now: datetime
) -> None:
    lines = [Line(Kind.REMOVED, (old.indicators[0].code,))] * (crosswalks.MOST_LINES + 1)

    with pytest.raises(RuleBroken, match="crosswalk_too_long"):
        crosswalks.save_draft(session, platform, old, new, lines, seen=0, by=None, now=now)

    assert look(session, platform, old, new).revision == 0


def test_who_saw_another_draft_is_told(
    session: Session, platform: PlatformId, old: Framework, new: Framework, now: datetime
) -> None:
    lines = look(session, platform, old, new).lines
    crosswalks.save_draft(session, platform, old, new, lines, seen=0, by=None, now=now)

    for refuse in (
        lambda: crosswalks.save_draft(session, platform, old, new, lines, seen=0, by=None, now=now),
        lambda: crosswalks.confirm(session, platform, old, new, seen=0, by=None, now=now),
    ):
        with pytest.raises(Conflict):
            refuse()


def test_an_institute_goes_by_its_own_crosswalk_and_else_by_the_operators(
    make: Make, platform: PlatformId, old: Framework, new: Framework, now: datetime
) -> None:
    session, other = make.session, PlatformId(make.platform().id)
    lines = look(session, platform, old, new).lines
    crosswalks.store_confirmed(session, None, old, new, lines, None, now)
    mended = [SPLIT_CARRIES if each.kind is Kind.SPLIT else each for each in lines]

    crosswalks.store_confirmed(session, platform, old, new, mended, None, now - timedelta(days=1))

    assert [each.own for each in version_store.crosswalks(session, platform)] == [True]
    assert [each.lines for each in version_store.crosswalks(session, other)] == [lines]


# ── a person on both versions ────────────────────────────────────────────────────────────────────────────────────


def test_what_was_shown_under_one_version_counts_under_the_other_by_the_crosswalk(
    any_sessions: SessionFactory, now: datetime
) -> None:
    """Level 1 of 6.1 in a course on 1.0, level 2 in one on 2.0; and 4.2, of which 2.0 asks something new on level 1."""
    with unit_of_work(any_sessions) as session:
        make = Make(session, now)
        old, row = make.framework(), make.platform()
        new, platform = beside(session, now + timedelta(days=1)), PlatformId(row.id)
        crosswalks.confirm(session, platform, old, new, seen=0, by=None, now=now)
        first, second, person = make.course(row), make.course(row), PersonId(make.person(row).id)
        for course in (first, second):
            make.membership(course, session.get_one(type(make.person(row)), person))
        rules_of(session, CourseId(first.id), now)
        versions.choose(session, platform, new.id, None, now)
        for course, version, levels in ((first, old, (1,)), (second, new, (2,))):
            activity = ActivityId(make.activity(course).id)
            cells = [
                Mapping(activity, each.id)
                for code in ("6.1", "4.2")
                for level in levels
                for each in version.competency(code).of_level(level)
            ]
            course_id = CourseId(course.id)
            gradebook.accept_mapping(session, course_id, cells, by=None, now=now)
            mark = NewEvidence(person, activity, None, Decimal(90), Decimal(0), Decimal(100), "gradebook_file", now)
            gradebook.accept_results(session, course_id, [mark], by=None, now=now)

        found = stored_standings(session, CourseId(second.id), person).standings
        assert found[new.competency("6.1").id].established == 2
        assert found[new.competency("4.2").id].established == 2  # 2 of 3 are enough on level 1

        seen = moving.look(session, CourseId(first.id), new.id, now)
        assert (seen.changes, seen.persons) == ((), 1)
        accept_move(session, CourseId(first.id), new.id, seen.fingerprint, by=None, now=now)
        assert stored_standings(session, CourseId(second.id), person).standings == found


def test_a_crosswalk_that_has_brought_courses_along_is_not_replaced(make: Make, old: Framework, now: datetime) -> None:
    session, row = make.session, make.platform()
    new, platform = beside(session, now + timedelta(days=1)), PlatformId(row.id)
    crosswalks.confirm(session, platform, old, new, seen=0, by=None, now=now)
    course = CourseId(make.course(row).id)
    seen = moving.look(session, course, new.id, now)
    accept_move(session, course, new.id, seen.fingerprint, by=None, now=now)
    crosswalks.save_draft(
        session, platform, old, new, look(session, platform, old, new).lines, seen=0, by=None, now=now
    )

    with pytest.raises(RuleBroken) as refused:
        crosswalks.confirm(session, platform, old, new, seen=1, by=None, now=now)

    assert refused.value.code == "crosswalk_in_use"
    back = moving.look(session, course, old.id, now)
    accept_move(session, course, old.id, back.fingerprint, by=None, now=now)
    crosswalks.confirm(session, platform, old, new, seen=1, by=None, now=now)


@pytest.mark.parametrize("code", ["course_closed", "course_has_certified", "crosswalk_missing", "version_is_here"])
def test_a_course_that_cannot_move_says_why(make: Make, old: Framework, now: datetime, code: str) -> None:
    session, row = make.session, make.platform()
    new, platform = beside(session, now + timedelta(days=1)), PlatformId(row.id)
    if code != "crosswalk_missing":
        crosswalks.confirm(session, platform, old, new, seen=0, by=None, now=now)
    course = make.course(row)
    if code == "course_closed":
        course.closed_at = now
    if code == "course_has_certified":
        person, competency = make.person(row), old.competencies[0].id
        level = CertifiedLevelRow(course_id=course.id, person_id=person.id, competency_id=competency, level=1)
        level.certified_at = now
        session.add(level)
    session.flush()

    with pytest.raises(RuleBroken) as refused:
        moving.look(session, CourseId(course.id), old.id if code == "version_is_here" else new.id, now)

    assert refused.value.code == code


def test_who_agreed_to_something_else_is_told(make: Make, old: Framework, now: datetime) -> None:
    session, row = make.session, make.platform()
    new = beside(session, now + timedelta(days=1))
    crosswalks.confirm(session, PlatformId(row.id), old, new, seen=0, by=None, now=now)

    with pytest.raises(Conflict):
        accept_move(session, CourseId(make.course(row).id), new.id, "seen", by=None, now=now)
