"""What a record freezes: levels and who gave them, the same after it was stored, and nothing of a person."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency import rollup
from lti_tool.competency.catalogue import parse
from lti_tool.competency.certifying import CertifiedIn
from lti_tool.competency.framework import Framework
from lti_tool.competency.model import LevelState
from lti_tool.competency.standing import CompetencyStanding, LevelStanding
from lti_tool.credentials.record_facts import CertifiedFact, CompetencyFact, RecordFacts, facts_of
from lti_tool.ids import CourseId
from tests.factories.catalogues import small_catalogue

DAY = datetime(2026, 11, 20, tzinfo=UTC)
LATER, LATEST = datetime(2028, 11, 20, tzinfo=UTC), datetime(2029, 11, 20, tzinfo=UTC)


def _standing(framework: Framework, code: str, established: int | None, *certified: int) -> CompetencyStanding:
    levels = tuple(
        LevelStanding(number, LevelState.MET, 0, 0, 1, 1, certified=number in certified) for number in (1, 2, 3)
    )
    return CompetencyStanding(framework.competency(code).id, levels, established, Fraction(0))


def _facts(
    framework: Framework, established: int | None, certified: tuple[int, ...], *certificates: CertifiedIn
) -> RecordFacts:
    """Of somebody of whom only 1.1 is known."""
    standings = {
        framework.competency("1.1").id: _standing(framework, "1.1", established, *certified),
        framework.competency("1.2").id: _standing(framework, "1.2", None),
    }
    profile = rollup.profile(framework.shape(), rollup.established_levels(standings))
    return facts_of(framework, standings, profile, certificates, "Институт")


def _attested(
    framework: Framework, level: int, title: str, on: datetime = DAY, until: datetime | None = None
) -> CertifiedIn:
    competency = framework.competency("1.1")
    return CertifiedIn(CourseId(1), title, competency.id, competency.code, {}, level, on, until, None)


def test_unknown_is_kept_as_unknown() -> None:
    framework = parse(small_catalogue(((1, 1, 1), (1, 1, 1))))

    facts = _facts(framework, 0, ())

    assert [(each.code, each.level) for each in facts.competencies] == [("1.1", 0), ("1.2", None)]
    assert (facts.overall, facts.provisional, facts.assessed) == (0, True, 1)


def test_a_certified_level_names_its_course() -> None:
    framework = parse(small_catalogue(((1, 1, 1), (1, 1, 1))))

    facts = _facts(framework, 2, (1, 2), _attested(framework, 1, "А"), _attested(framework, 2, "Б", until=LATER))

    assert facts.competencies[0].certified == (
        CertifiedFact(1, "А", DAY, None),
        CertifiedFact(2, "Б", DAY, LATER),
    )


def test_of_two_courses_the_one_is_named_whose_certificate_holds_longer() -> None:
    framework = parse(small_catalogue(((1, 1, 1), (1, 1, 1))))
    short, long = _attested(framework, 1, "short", until=LATER), _attested(framework, 1, "long", until=LATEST)
    ever = _attested(framework, 1, "ever")

    named = [
        _facts(framework, 1, (1,), *each).competencies[0].certified[0].course
        for each in ((short, long), (long, short), (ever, long), (long, ever))
    ]

    assert named == ["long", "long", "ever", "ever"]


def test_a_level_that_stems_from_another_version_names_no_course() -> None:
    framework = parse(small_catalogue(((1, 1, 1), (1, 1, 1))))

    facts = _facts(framework, 1, (1,))

    assert facts.competencies[0].certified == (CertifiedFact(1, "", None, None),)


_moments = st.none() | st.datetimes(timezones=st.just(UTC))
_certified = st.builds(CertifiedFact, st.integers(1, 3), st.text(), _moments, _moments)
_competencies = st.builds(
    CompetencyFact, st.text(), st.none() | st.integers(0, 3), st.lists(_certified, max_size=3).map(tuple)
)
_records = st.builds(
    RecordFacts,
    st.text(),
    st.text(),
    st.text(),
    st.none() | st.integers(0, 3),
    st.booleans(),
    st.lists(_competencies, max_size=4).map(tuple),
)


@given(_records)
def test_what_is_stored_is_read_again_as_it_was(facts: RecordFacts) -> None:
    assert RecordFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts
