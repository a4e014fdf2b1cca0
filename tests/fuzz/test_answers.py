"""Platforms that answer anything: what cannot be read is a fault of theirs by name, and the database takes the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from urllib3 import HTTPHeaderDict

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import ToolError
from lti_tool.grading import comparing
from lti_tool.grading.model import Answer as GradeAnswer
from lti_tool.grading.tables import LineItemRow
from lti_tool.ids import LineItemId
from lti_tool.lti import courses as lti_courses
from lti_tool.lti import invitations, platform_keys, registration
from lti_tool.lti.model import LineItem, LineItemWish, Scope, Score
from lti_tool.lti.tokens import Tokens
from lti_tool.moodle import connections, native_marks, pull
from lti_tool.moodle.connections import SITE_INFO, Opened
from lti_tool.outbound import Answer
from lti_tool.people import errands, roster
from lti_tool.people.errand import ErrandKind
from lti_tool.people.tables import CourseRow
from lti_tool.sealing import Seal
from tests.factories.course_services import MOODLE, Moodle, SharedSecret, at_moodle
from tests.factories.desk import Desk, open_desk
from tests.factories.moodle_server import FILES, TOKEN, recorded_body
from tests.factories.network import RECORDED, Asked, Network, answer, recorded
from tests.factories.signing_lms import jwk_of, rsa_key
from tests.fuzz.odd import TEXTS, edited, edits, written
from tests.fuzz.rows import rows
from tests.fuzz.tally import Tally, cases
from tests.fuzz.undone import undone

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOKEN_URL = f"{MOODLE}/mod/lti/token.php"
COLUMN = f"{MOODLE}/mod/lti/services.php/2/lineitems/4/lineitem?type_id=1"
SEAL = Seal("a secret of the tests, and of nobody else")
HEADERS = st.dictionaries(
    st.sampled_from(["Link", "Retry-After", "Date", "Content-Type", "Location"]),
    st.sampled_from(
        [
            f'<{COLUMN}>; rel="next"',
            '<https://evil.example.invalid/>; rel="next"',
            "<>; rel=next",
            "<" * 300,
            f"<{MOODLE}/\udcff>; rel=“next”",
            "120",
            "-1",
            "99999999999999999999",
            "Mon, 01 Jan 0001 00:00:00 +1400",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Mon, 23 Nov 2026 12:00:00 GMT",
            "\0",
        ]
    )
    | TEXTS,
    max_size=2,
)
STATUSES = st.sampled_from([200] * 14 + [201, 204, 302, 400, 401, 403, 404, 409, 410, 418, 429, 500, 503, 599])
"""Mostly what lets the rest be read."""


def _bodies(*names: str) -> list[Any]:
    """What Moodle answered, where it was JSON."""
    found = [json.loads((RECORDED / f"{name}.json").read_text())["response"]["body"] for name in names]
    return [body for body in found if isinstance(body, dict | list)]


def _recorded_in(folder: str) -> list[Any]:
    names = sorted(str(path.relative_to(RECORDED))[: -len(".json")] for path in (RECORDED / folder).rglob("*.json"))
    return _bodies(*names)


def answers(bodies: list[Any]) -> st.SearchStrategy[Answer]:
    """Answers of a kind, with places of their bodies exchanged; now and then something that is none."""
    bodies = [body for body in bodies if body]
    spoilt = st.one_of([_spoilt(body) for body in bodies])
    other = st.sampled_from(
        [b"", b"[]", b"{}", b"null", b"\xff\xfe", b"<html>", b'{"a":', b"[" * 5000, b"NaN", b'"\\ud800"']
    )
    return st.builds(
        lambda status, headers, body: Answer(status, "", HTTPHeaderDict(headers), body),
        STATUSES,
        HEADERS,
        st.one_of(spoilt, spoilt, spoilt, st.sampled_from(bodies).map(written), other),
    )


def _spoilt(body: object) -> st.SearchStrategy[bytes]:
    return edits(body).map(lambda changes: written(edited(body, changes)))


class Anything(Network):
    """Answers what a case says, one after the other, whatever is asked; afterwards it is down."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Answer] = []
        self.by_function: dict[str, Answer] = {}
        """What Moodle's web service answers."""
        self.token: Answer | None = recorded("token/token-success-all-scopes").answer

    def say(self, *answers: Answer) -> None:
        """What to answer from now on."""
        self.said, self.asked = [*answers], []

    def answer_to(self, asked: Asked) -> Answer | Exception:
        if asked.url == TOKEN_URL and self.token is not None:
            return self.token
        if function := asked.form.get("wsfunction"):
            return self.by_function[function]
        return self.said.pop(0) if self.said else answer(503)


@dataclass(eq=False)
class Line:
    """A course with a column and people, and the platform at the other end."""

    desk: Desk
    network: Anything
    moodle: Moodle

    @property
    def sessions(self) -> SessionFactory:
        """The database."""
        return self.desk.sessions


@pytest.fixture(scope="session")
def line(database: SessionFactory) -> Line:
    """Everything in its place: a column made, a grade wished, marks of the web service chosen."""
    desk, network = open_desk(database, NOW, people=2), Anything()
    with database() as session:
        course = session.get_one(CourseRow, desk.course_id)
        moodle = at_moodle(session, database, course, network, SharedSecret(), NOW)
    desk.want_columns("4.1.1")
    with unit_of_work(database) as session:
        column = session.scalars(select(LineItemRow).where(LineItemRow.course_id == desk.course_id)).one()
        column.url, column.ready_at, column.due_at, desk.column = COLUMN, NOW, None, LineItemId(column.id)
        connections.connect(session, SEAL, desk.platform_id, MOODLE, TOKEN, by=None, now=NOW)
    desk.want(2)
    desk.want_columns("4.1.1", "4.1.2")
    desk.lms = moodle.ags  # type: ignore[assignment]  # what grading asks for, as the tests' platform is
    found = Line(desk, network, moodle)
    network.by_function = {name: answer(200, recorded_body(file)) for name, file in FILES.items()}
    assert _pull(found).failure is None
    with unit_of_work(database) as session:
        keys = [item.key for item in native_marks.items_of(session, desk.course_id) if item.fault is None]
        native_marks.choose(session, desk.course_id, keys, NOW)
    return found


def _pull(line: Line) -> pull.Pulled:
    with unit_of_work(line.sessions) as session:
        native_marks.ask(session, line.desk.course_id, NOW)
        held = errands.take_next(session, [ErrandKind.NATIVE_MARKS], [], NOW)
    assert held is not None
    return pull.pull_course(line.sessions, line.network, SEAL, held, NOW)


WISH = LineItemWish("4.1 Билим берүү саясаты", Decimal(3), "competency:4.1", "competency")
ITEM = LineItem(COLUMN, "4.1", Decimal(3), "competency:4.1", "competency", None)
CALLS: dict[str, Callable[[Moodle], object]] = {
    "ensure": lambda moodle: moodle.ags.ensure_line_item(moodle.course, WISH),
    "find": lambda moodle: moodle.ags.find_line_items(moodle.course, tag="competency"),
    "read": lambda moodle: moodle.ags.line_item(moodle.course, COLUMN),
    "update": lambda moodle: moodle.ags.update_line_item(moodle.course, ITEM),
    "send": lambda moodle: moodle.ags.send(moodle.course, COLUMN, Score("6", Decimal(2), Decimal(3), "2", NOW)),
    "results": lambda moodle: moodle.ags.results(moodle.course, COLUMN),
    "result": lambda moodle: moodle.ags.results(moodle.course, COLUMN, "6"),
}
GIVEN = ("success-all-scopes", "syncro-tool-asks-all-scopes", "jti-first", "error-no-scope")
TOKENS = _bodies(*(f"token/token-{name}" for name in GIVEN))
KEYS = {"keys": [jwk_of(rsa_key(1), "key-1")]}
"""The recorded set has no real key in it."""
GRADES_SAID = st.lists(answers(_recorded_in("ags")), min_size=1, max_size=3)


def _is_taken(work: Callable[[], object]) -> bool:
    """Whether the work went well; a refusal by name is none of our faults."""
    try:
        work()
    except ToolError:
        return False
    return True


@cases(15)
@given(call=st.sampled_from(sorted(CALLS)), said=GRADES_SAID)
def test_answers_about_columns_and_results(line: Line, tally: Tally, call: str, said: list[Answer]) -> None:
    line.network.say(*said)
    with tally.case() as case:
        case.note(accepted=_is_taken(lambda: CALLS[call](line.moodle)))


@cases(1)
@given(said=GRADES_SAID, columns=GRADES_SAID, results=GRADES_SAID)
def test_a_worker_with_a_gradebook_that_answers_anything(
    line: Line, tally: Tally, said: list[Answer], columns: list[Answer], results: list[Answer]
) -> None:
    desk, network = line.desk, line.network
    with tally.case() as case, undone(line.sessions):
        network.say(*said)
        outcomes = desk.work()
        network.say(*columns)
        desk.make_columns()
        network.say(*results)
        with unit_of_work(line.sessions) as session:
            comparing.ask(session, desk.course_id, NOW)
        comparing.compare_next(line.sessions, line.moodle.ags, "a lane", NOW)
        assert all(outcome.stored for outcome in outcomes)
        case.note(accepted=any(outcome.answer is GradeAnswer.ACCEPTED for outcome in outcomes))


@cases(2)
@given(said=st.lists(answers(_recorded_in("nrps")), min_size=1, max_size=2))
def test_rosters(line: Line, tally: Tally, said: list[Answer]) -> None:
    line.network.say(*said)

    def read() -> None:
        members = [lti_courses.enrolled(member) for member in line.moodle.roster.members(line.moodle.course)]
        with unit_of_work(line.sessions) as session:
            roster.sync(session, line.moodle.course, members, NOW)

    with tally.case() as case, undone(line.sessions):
        before = rows(line.sessions, {"access_token"})
        case.note(accepted=_is_taken(read))
        if case.outcome == "refused":
            assert rows(line.sessions, {"access_token"}) == before


@cases(2)
@given(said=st.lists(answers(TOKENS), min_size=1, max_size=2))
def test_access_tokens(line: Line, tally: Tally, said: list[Answer]) -> None:
    line.network.say(*said)
    kept, line.network.token = line.network.token, None
    with tally.case() as case, undone(line.sessions):
        tokens = Tokens(line.sessions, line.network, SharedSecret(), SEAL, lambda: NOW)
        case.note(accepted=_is_taken(lambda: tokens.get(line.moodle.registration, {Scope.SCORE.value})))
    line.network.token = kept


@cases(5)
@given(said=answers([KEYS]))
def test_key_sets(line: Line, tally: Tally, said: Answer) -> None:
    line.network.say(said)
    with tally.case() as case, undone(line.sessions):
        source = platform_keys.KeySource(line.sessions, line.network, f"{MOODLE}/keys")
        case.note(accepted=_is_taken(lambda: platform_keys.key_for(source, None, "key-1", NOW)))


@cases(2)
@given(
    configuration=answers(_bodies("openid-configuration")),
    answer=answers(_bodies("registration-full", "registration-none", "registration-syncro")),
)
def test_registrations(line: Line, tally: Tally, configuration: Answer, answer: Answer) -> None:
    line.network.say(configuration, answer)
    with tally.case() as case, undone(line.sessions):
        with unit_of_work(line.sessions) as session:
            url = invitations.invite(session, "https://tool.example.invalid", NOW)
        request = registration.Request(url.partition("=")[2], f"{MOODLE}/configuration", "token")
        before = rows(line.sessions)
        register = registration.register
        base = "https://tool.example.invalid"
        case.note(accepted=_is_taken(lambda: register(line.sessions, line.network, base, request, NOW)))
        if case.outcome == "refused":
            assert rows(line.sessions) == before


@cases(1)
@given(
    said=st.fixed_dictionaries(
        {}, optional={name: answers([recorded_body(file)]) for name, file in FILES.items() if name != SITE_INFO}
    )
)
def test_marks_of_moodles_web_service(line: Line, tally: Tally, said: dict[str, Answer]) -> None:
    good = line.network.by_function
    line.network.say()
    line.network.by_function = {**good, **said}
    with tally.case() as case, undone(line.sessions):
        case.note(accepted=_pull(line).failure is None)
    line.network.by_function = good


@cases(4)
@given(said=answers([recorded_body(FILES[SITE_INFO])]))
def test_tests_of_a_connection_to_moodle(line: Line, tally: Tally, said: Answer) -> None:
    line.network.say()
    line.network.by_function = {**line.network.by_function, SITE_INFO: said}
    with tally.case() as case:
        case.note(accepted=_is_taken(lambda: connections.ask_site(line.network, Opened(MOODLE, TOKEN))))
