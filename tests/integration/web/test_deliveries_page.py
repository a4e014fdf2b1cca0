"""The page of grades sent: what is stuck comes first, with why and what to do; sending again is for trainers."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.tables import DeliveryAttemptRow, DeliveryRow, LineItemRow, PlatformChannelRow
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import BASE, Classroom


class Post:
    """A course in which two grades are wanted; the test says how far they are."""

    def __init__(self, sessions: SessionFactory, institute: Institute) -> None:
        self.sessions, self.institute = sessions, institute
        classroom = Classroom(sessions, institute)
        classroom.map()
        classroom.mark("18")
        classroom.mark("19", of="neighbour")

    def is_at(self, name: str, state: DeliveryState, answer: Answer | None = None, sent: int | None = None) -> None:
        """How far one person's grade is."""
        with unit_of_work(self.sessions) as session:
            person = self.institute.persons[name].id
            row = session.scalars(select(DeliveryRow).where(DeliveryRow.person_id == person)).one()
            row.state, row.last_answer = state, answer
            row.first_failed_at = clock.now() - timedelta(hours=2) if answer else None
            row.due_at = None if state is DeliveryState.SENT else clock.now() + timedelta(hours=22)
            if sent is not None:
                row.sent_given, row.sent_maximum, row.sent_at = Decimal(sent), Decimal(3), clock.now()

    def state_of(self, name: str) -> tuple[str, bool]:
        """State, and whether the worker may take it now."""
        with unit_of_work(self.sessions, writes=False) as session:
            person = self.institute.persons[name].id
            row = session.scalars(select(DeliveryRow).where(DeliveryRow.person_id == person)).one()
            return row.state, row.due_at is not None and row.due_at <= clock.now()

    def column(self, **values: object) -> None:
        """Sets fields of the one column."""
        with unit_of_work(self.sessions) as session:
            row = session.scalars(select(LineItemRow)).one()
            for name, value in values.items():
                setattr(row, name, value)

    def open(self, client: FlaskClient) -> BeautifulSoup:
        """The page."""
        answer = client.get(f"/c/{self.institute.course.public_id}/deliveries", base_url=BASE)
        assert answer.status_code == 200
        return BeautifulSoup(answer.text, "html.parser")


@pytest.fixture
def post(sessions: SessionFactory, institute: Institute) -> Post:
    return Post(sessions, institute)


def _words(tag: Tag | None) -> str:
    assert tag is not None
    return re.sub(r"\s+", " ", tag.get_text(" ", strip=True))


def _lines(page: BeautifulSoup) -> list[str]:
    return [_words(row) for row in page.select("section[aria-labelledby=lines-title] tbody tr")]


def test_a_wanted_grade_is_on_its_way_and_not_yet_confirmed(visitor: Visitor, post: Post) -> None:
    first, second = _lines(post.open(visitor("trainer")))

    assert "1 of 3" in first
    assert "nothing yet" in first
    assert "On its way" in first
    assert "Бакыт" in second


def test_what_is_stuck_stands_before_what_was_delivered(visitor: Visitor, post: Post) -> None:
    post.is_at("participant", DeliveryState.SENT, sent=1)
    post.is_at("neighbour", DeliveryState.HELD, Answer.REFUSED)

    first, second = _lines(post.open(visitor("trainer")))

    assert "Бакыт" in first
    assert "Held" in first
    assert "Delivered" in second
    assert second.count("1 of 3") == 2


@pytest.mark.parametrize(
    ("answer", "why", "what"),
    [
        (Answer.REFUSED, "does not take a grade for this person", "Enrol the person as a student"),
        (Answer.PERHAPS_LOCKED, "perhaps it is locked", "Unlock the grade or its column"),
        (Answer.NEWER_THERE, "Something newer stands", "it is left as it is"),
        (Answer.LINE_ITEM_GONE, "no longer in the gradebook", "made again when the grade changes"),
        (Answer.FORBIDDEN, "does not allow the tool", "Ask the LMS's administrator"),
    ],
)
def test_each_refusal_has_its_reason_and_what_to_do(
    visitor: Visitor, post: Post, answer: Answer, why: str, what: str
) -> None:
    post.is_at("neighbour", DeliveryState.HELD, answer)

    line = next(each for each in _lines(post.open(visitor("trainer"))) if "Бакыт" in each)

    assert why in line
    assert what in line


def test_a_trainer_sends_a_held_grade_again(visitor: Visitor, post: Post) -> None:
    post.is_at("neighbour", DeliveryState.HELD, Answer.REFUSED)
    client = visitor("trainer")
    (form,) = post.open(client).select("table form")
    token = form.select_one("[name=csrf_token]")
    assert token is not None

    answer = client.post(str(form["action"]), data={"csrf_token": token["value"]}, base_url=BASE)

    assert answer.status_code == 303
    assert post.state_of("neighbour") == (DeliveryState.DUE, True)
    assert "on its way again" in _words(post.open(client).select_one(".notice"))


@pytest.mark.parametrize("state", [DeliveryState.DUE, DeliveryState.SENT])
def test_what_goes_by_itself_has_no_button(visitor: Visitor, post: Post, state: DeliveryState) -> None:
    for name in ("participant", "neighbour"):
        post.is_at(name, state, sent=1)

    assert post.open(visitor("trainer")).select("table form") == []


def test_a_grade_that_was_given_up_can_still_be_sent_again(visitor: Visitor, post: Post) -> None:
    post.is_at("neighbour", DeliveryState.DEAD, Answer.FAILED)

    page = post.open(visitor("trainer"))

    assert len(page.select("table form")) == 1
    assert "Given up" in _lines(page)[0] + _lines(page)[1]


def test_an_admin_reads_and_sends_nothing(visitor: Visitor, post: Post) -> None:
    post.is_at("neighbour", DeliveryState.HELD, Answer.REFUSED)

    page = post.open(visitor("admin"))

    assert "Held" in " ".join(_lines(page))
    assert page.select("table form") == []


def test_another_courses_grade_cannot_be_sent_again(visitor: Visitor, post: Post, institute: Institute) -> None:
    post.is_at("neighbour", DeliveryState.HELD, Answer.REFUSED)
    (form,) = post.open(visitor("trainer")).select("table form")
    client, other = visitor("trainer of another course"), institute.other_course.public_id
    page = client.get(f"/c/{other}/deliveries", base_url=BASE).text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None

    foreign = str(form["action"]).replace(institute.course.public_id, other)
    answer = client.post(foreign, data={"csrf_token": token.group(1)}, base_url=BASE)

    assert answer.status_code == 404
    assert post.state_of("neighbour") == (DeliveryState.HELD, False)


def test_a_platform_that_does_not_answer_is_told_once(visitor: Visitor, post: Post, institute: Institute) -> None:
    with unit_of_work(post.sessions) as session:
        session.merge(
            PlatformChannelRow(
                platform_id=institute.course.platform_id,
                paused_until=clock.now() + timedelta(minutes=1),
                reason=Answer.OUTAGE,
                paused_since=clock.now(),
            )
        )

    alerts = post.open(visitor("trainer")).select("[role=alert]")

    (said,) = [_words(alert) for alert in alerts]
    assert said.startswith("The LMS does not answer; everything waits and nothing is lost. Since ")
    assert "Next try: " in said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ready_at": None}, "To be made the worker makes it in a moment"),
        ({"ready_at": None, "last_answer": Answer.FORBIDDEN}, "The LMS does not allow the tool to send grades."),
        ({"targeted": False}, "Switched off its grades are withdrawn"),
    ],
)
def test_a_column_says_how_far_it_is(visitor: Visitor, post: Post, values: dict[str, object], words: str) -> None:
    post.column(**values)

    page = post.open(visitor("trainer"))

    assert words in _words(page.select_one("section[aria-labelledby=columns-title] tbody tr"))


def test_a_column_that_is_there_says_so(visitor: Visitor, post: Post) -> None:
    post.column(ready_at=clock.now())

    (row,) = post.open(visitor("trainer")).select("section[aria-labelledby=columns-title] tbody tr")

    assert "In the gradebook" in _words(row)
    assert "2.1 " in _words(row)


def test_before_any_grade_the_page_says_when_one_is_sent(visitor: Visitor, institute: Institute) -> None:
    answer = visitor("trainer").get(f"/c/{institute.course.public_id}/deliveries", base_url=BASE)

    said = _words(BeautifulSoup(answer.text, "html.parser").select_one(".empty"))
    assert said.startswith("No grades to send yet")
    assert "as soon as somebody has an established level" in said


# --- narrowed, sent again together, looked into


def _open(client: FlaskClient, institute: Institute, more: str) -> BeautifulSoup:
    answer = client.get(f"/c/{institute.course.public_id}/deliveries{more}", base_url=BASE)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?state=held", ["Бакыт"]),
        ("?state=sent", ["Айгүл"]),
        ("?state=waiting", ["Бакыт"]),
        ("?state=dead", []),
        ("?text=бак", ["Бакыт"]),
        ("?text=KG-1", ["Айгүл"]),
        ("?state=nonsense&column=nosuch&page=99&text=%00", ["Бакыт", "Айгүл"]),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    visitor: Visitor, post: Post, institute: Institute, query: str, shown: list[str]
) -> None:
    post.is_at("participant", DeliveryState.SENT, sent=1)
    post.is_at("neighbour", DeliveryState.HELD, Answer.REFUSED)

    page = _open(visitor("trainer"), institute, query)

    assert [_words(name) for name in page.select("section[aria-labelledby=lines-title] tbody th")] == shown


def test_the_summary_counts_states_and_says_since_when_the_oldest_waits(
    visitor: Visitor, post: Post, institute: Institute
) -> None:
    post.is_at("participant", DeliveryState.SENT, sent=1)
    post.is_at("neighbour", DeliveryState.HELD, Answer.REFUSED)

    said = _words(_open(visitor("trainer"), institute, "").select_one("section[aria-labelledby=summary-title]"))

    assert "Delivered 1 Held back 1" in said
    assert "The oldest has waited since" in said


def test_all_that_is_stuck_goes_again_but_nothing_newer_is_overwritten_unasked(
    visitor: Visitor, post: Post, institute: Institute
) -> None:
    post.is_at("participant", DeliveryState.DEAD, Answer.FAILED)
    post.is_at("neighbour", DeliveryState.HELD, Answer.NEWER_THERE)
    client = visitor("trainer")
    (form,) = _open(client, institute, "/again").select("form.panel")
    token = form.select_one("[name=csrf_token]")
    assert token is not None

    client.post(str(form["action"]), data={"csrf_token": token["value"]}, base_url=BASE)

    assert "something newer stands in the gradebook (1)" in _words(form)
    assert post.state_of("participant") == (DeliveryState.DUE, True)
    assert post.state_of("neighbour") == (DeliveryState.HELD, False)

    client.post(str(form["action"]), data={"csrf_token": token["value"], "over_newer": "1"}, base_url=BASE)

    assert post.state_of("neighbour") == (DeliveryState.DUE, True)


def test_what_the_choice_leaves_out_is_not_sent_again(visitor: Visitor, post: Post, institute: Institute) -> None:
    for name in ("participant", "neighbour"):
        post.is_at(name, DeliveryState.HELD, Answer.REFUSED)
    client = visitor("trainer")
    (form,) = _open(client, institute, "/again?text=KG-2").select("form.panel")
    token = form.select_one("[name=csrf_token]")
    assert token is not None

    client.post(str(form["action"]), data={"csrf_token": token["value"]}, base_url=BASE)

    assert post.state_of("participant") == (DeliveryState.HELD, False)
    assert post.state_of("neighbour") == (DeliveryState.DUE, True)


def test_the_history_of_a_grade_has_each_try_the_newest_first(
    visitor: Visitor, post: Post, institute: Institute
) -> None:
    with unit_of_work(post.sessions) as session:
        row = session.scalars(select(DeliveryRow)).first()
        assert row is not None
        public_id = row.public_id
        for minutes, answer in ((9, "outage"), (5, "accepted"), (1, "word_of_another_version")):
            at = clock.now() - timedelta(minutes=minutes)
            session.add(DeliveryAttemptRow(delivery_id=row.id, version=1, given=1, tried_at=at, answer=answer))

    page = _open(visitor("trainer"), institute, f"/{public_id}")

    tries = [_words(line) for line in page.select("section[aria-labelledby=tries-title] tbody tr")]
    assert ["does not know" in tries[0], "took it" in tries[1], "did not answer" in tries[2]] == [True] * 3


def test_another_courses_grade_has_no_history_here(visitor: Visitor, post: Post, institute: Institute) -> None:
    with unit_of_work(post.sessions, writes=False) as session:
        public_id = session.scalars(select(DeliveryRow.public_id)).first()

    path = f"/c/{institute.other_course.public_id}/deliveries/{public_id}"

    assert visitor("trainer of another course").get(path, base_url=BASE).status_code == 404
