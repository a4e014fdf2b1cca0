"""Grades that differ in the LMS, on pages: compared on demand, told, decided about one by one and all at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import comparing
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.tables import ComparisonRow, DeliveryRow, DriftEventRow, DriftRow, LineItemRow
from lti_tool.ids import CourseId
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_deliveries_page import BASE, Post, _lines, _open, _words


class Gradebook(Post):
    """Two grades of 1 were sent an hour ago, into a column that stands."""

    def __init__(self, sessions: SessionFactory, institute: Institute) -> None:
        super().__init__(sessions, institute)
        for name in ("participant", "neighbour"):
            self.is_at(name, DeliveryState.SENT, sent=1)
        self.column(ready_at=clock.now(), url="https://lms.example.invalid/1/lineitem")
        with unit_of_work(sessions) as session:
            for row in session.scalars(select(DeliveryRow)):
                row.sent_at, row.last_timestamp = clock.now() - timedelta(hours=1), clock.now() - timedelta(hours=1)

    def row(self, name: str) -> DeliveryRow:
        with self.sessions() as session:
            person = self.institute.persons[name].id
            return session.scalars(select(DeliveryRow).where(DeliveryRow.person_id == person)).one()

    def compared(self, fault: Answer | None = None, ago: timedelta = timedelta(0)) -> None:
        """The column was read, or could not be."""
        with unit_of_work(self.sessions) as session:
            column = session.scalars(select(LineItemRow)).one()
            row = ComparisonRow(line_item_id=column.id, course_id=column.course_id, tried_at=clock.now() - ago)
            row.compared_at, row.fault = None if fault else clock.now() - ago, fault
            row.asked_at = None
            session.merge(row)

    def differs(self, name: str, given: int | None = 3, kind: str = "changed", at: datetime | None = None) -> None:
        """The LMS shows this instead."""
        row = self.row(name)
        with unit_of_work(self.sessions) as session:
            found = DriftRow(delivery_id=row.id, course_id=row.course_id, kind=kind, found_at=at or clock.now())
            found.given, found.maximum = (None, None) if given is None else (Decimal(given), Decimal(3))
            found.held_at = None if given is None else clock.now()
            session.merge(found)
            session.add(DriftEventRow(delivery_id=row.id, what="found", given=given, maximum=3, at=clock.now()))

    def decision(self, name: str) -> str | None:
        row = self.row(name)
        with self.sessions() as session:
            return session.get_one(DriftRow, row.id).decision


@pytest.fixture
def book(sessions: SessionFactory, institute: Institute) -> Gradebook:
    return Gradebook(sessions, institute)


def _panel(page: BeautifulSoup) -> str:
    return _words(page.select_one("section[aria-labelledby=comparison-title]"))


def _press(client: FlaskClient, page: BeautifulSoup, form: str, **more: str) -> BeautifulSoup:
    """Sends a form of the page as a browser would; the page to which it leads."""
    (found,) = page.select(form)
    data = {str(field["name"]): str(field.get("value", "")) for field in found.select("input[type=hidden]")}
    answer = client.post(str(found["action"]), data=data | more, base_url=BASE, follow_redirects=True)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def test_what_was_never_compared_says_so_and_can_be(visitor: Visitor, book: Gradebook, institute: Institute) -> None:
    client = visitor("trainer")
    page = _open(client, institute, "")

    asked = _press(client, page, "form[action$=compare]")

    assert "has not been compared with what was sent yet" in _panel(page)
    assert "not read yet" in _lines(page)[0]
    assert "0 of 1 columns have been read." in _panel(asked)
    assert asked.select("form[action$=compare]") == []
    with unit_of_work(book.sessions) as session:
        assert comparing.ask(session, CourseId(institute.course.id), clock.now()) is False


def test_a_page_that_is_left_open_follows_the_comparison_to_its_end(
    visitor: Visitor, book: Gradebook, institute: Institute
) -> None:
    client = visitor("trainer")
    asked = _press(client, _open(client, institute, ""), "form[action$=compare]")
    (followed,) = asked.select("[data-following]")
    address = str(followed["data-following"])

    under_way = client.get(f"{address}?lang=en", base_url=BASE).text
    book.compared()
    ended = client.get(f"{address}?lang=en", base_url=BASE).text

    assert "0 of 1 columns have been read." in under_way
    assert "data-following" in under_way
    assert "All that was compared is alike." in ended
    assert "data-following" not in ended


def test_a_course_that_was_just_compared_is_not_compared_again(
    visitor: Visitor, book: Gradebook, institute: Institute
) -> None:
    book.compared()
    client = visitor("trainer")

    page = _press(client, _open(client, institute, ""), "form[action$=compare]")

    assert "compared a moment ago" in _words(page.select_one(".notice"))


def test_where_all_are_alike_the_page_says_when_and_shows_what_stands_there(
    visitor: Visitor, book: Gradebook, institute: Institute
) -> None:
    book.compared()

    page = _open(visitor("trainer"), institute, "")

    assert "Last compared: " in _panel(page)
    assert "All that was compared is alike." in _panel(page)
    assert _lines(page)[0].count("1 of 3") == 3


def test_what_was_sent_since_is_not_taken_for_read(visitor: Visitor, book: Gradebook, institute: Institute) -> None:
    book.compared(ago=timedelta(hours=2))

    assert "not read yet" in _lines(_open(visitor("trainer"), institute, ""))[0]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Answer.FORBIDDEN, "does not let the tool read grades back"),
        (Answer.LINE_ITEM_GONE, "no longer in the gradebook"),
        (Answer.OUTAGE, "did not answer"),
        (Answer.FAILED, "no list of grades"),
    ],
)
def test_a_column_that_could_not_be_read_says_why(
    visitor: Visitor, book: Gradebook, institute: Institute, fault: Answer, words: str
) -> None:
    book.compared(fault)

    page = _open(visitor("trainer"), institute, "")

    assert "1 column could not be read: that says nothing about its grades" in _panel(page)
    assert "alike" not in _panel(page)
    assert words in _words(page.select_one("section[aria-labelledby=columns-title] tbody"))


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (3, "changed", "another grade, given"),
        (None, "gone", "shows no grade here"),
        (3, "kept", "a teacher has overridden it there"),
    ],
)
def test_a_grade_that_differs_stands_first_with_what_the_lms_shows(
    visitor: Visitor, book: Gradebook, institute: Institute, given: int | None, kind: str, words: str
) -> None:
    book.compared()
    book.differs("neighbour", given, kind)

    page = _open(visitor("trainer"), institute, "")

    first = _lines(page)[0]
    assert "Бакыт" in first
    assert ("3 of 3" if given else "no grade") in first
    assert words in first
    assert "1 grade differs and waits for a decision" in _panel(page)
    assert "Differs in the LMS 1" in _words(page.select_one(".tally"))


def test_a_held_wish_says_that_it_waits_for_the_decision(
    visitor: Visitor, book: Gradebook, institute: Institute
) -> None:
    book.differs("neighbour")
    book.is_at("neighbour", DeliveryState.HELD, Answer.DIFFERS)

    page = _open(visitor("trainer"), institute, "")

    assert "worked out anew since, and waits for your decision" in _lines(page)[0]
    assert page.select("form[action$=again]") == []


@pytest.mark.parametrize(
    ("decision", "kept", "state"),
    [
        ("resend", "resend", DeliveryState.DUE),
        ("accept", "accept", DeliveryState.SENT),
        ("detach", "detach", DeliveryState.DETACHED),
    ],
)
def test_a_trainer_decides_about_one_grade(
    visitor: Visitor, book: Gradebook, institute: Institute, decision: str, kept: str, state: DeliveryState
) -> None:
    book.differs("neighbour")
    client = visitor("trainer")

    after = _press(client, _open(client, institute, "?state=differs"), "table form", decision=decision)

    assert "Decided about 1 grade." in _words(after.select_one(".notice"))
    assert (book.decision("neighbour"), book.state_of("neighbour")[0]) == (kept, state)
    chosen = after.select_one("#f-state option[selected]")
    assert chosen is not None
    assert chosen["value"] == "differs"
    with book.sessions() as session:
        event = session.scalars(select(DriftEventRow).order_by(DriftEventRow.id.desc())).first()
    assert event is not None
    assert (event.what, event.decided_by) == (decision, institute.persons["trainer"].id)


@pytest.mark.parametrize(
    ("first", "then", "shown"), [("accept", "reopen", "accepted"), ("detach", "attach", "detached")]
)
def test_what_was_decided_can_be_taken_back(
    visitor: Visitor, book: Gradebook, institute: Institute, first: str, then: str, shown: str
) -> None:
    book.differs("neighbour")
    client = visitor("trainer")
    _press(client, _open(client, institute, ""), "table form", decision=first)
    page = _open(client, institute, f"?state={shown}")
    assert len(_lines(page)) == 1

    _press(client, page, "table form", decision=then)

    assert (book.decision("neighbour"), book.state_of("neighbour")[0]) == (None, DeliveryState.SENT)


def test_what_was_found_since_the_page_was_opened_is_not_decided(
    visitor: Visitor, book: Gradebook, institute: Institute
) -> None:
    book.differs("neighbour")
    client = visitor("trainer")
    page = _open(client, institute, "")
    book.differs("neighbour", 0)

    after = _press(client, page, "table form", decision="resend")

    assert "something has changed meanwhile" in _words(after.select_one(".notice"))
    assert (book.decision("neighbour"), book.state_of("neighbour")[0]) == (None, DeliveryState.SENT)


@pytest.mark.parametrize(
    "form", [{}, {"decision": "burn"}, {"decision": "resend"}, {"decision": "resend", "seen": "\0x"}]
)
def test_a_form_that_says_nothing_decides_nothing(
    visitor: Visitor, book: Gradebook, institute: Institute, form: dict[str, str]
) -> None:
    book.differs("neighbour")
    client = visitor("trainer")
    token = _open(client, institute, "").select_one("[name=csrf_token]")
    assert token is not None
    here = f"/c/{institute.course.public_id}/deliveries"

    for path in ("decide", f"{book.row('neighbour').public_id}/decide"):
        answer = client.post(f"{here}/{path}", data={"csrf_token": token["value"], **form}, base_url=BASE)
        assert answer.status_code == 303

    assert (book.decision("neighbour"), book.state_of("neighbour")[0]) == (None, DeliveryState.SENT)


def test_all_that_differs_in_a_choice_is_decided_at_once(
    visitor: Visitor, book: Gradebook, institute: Institute
) -> None:
    book.differs("participant")
    book.differs("neighbour", None, "gone")
    client = visitor("trainer")
    link = _open(client, institute, "").find("a", string=lambda said: bool(said and said.startswith("Decide about")))
    assert link is not None
    assert "2" in link.get_text()
    page = BeautifulSoup(client.get(str(link["href"]), base_url=BASE).text, "html.parser")  # type: ignore[index]

    _press(client, page, "form.panel", decision="accept")
    undo = _open(client, institute, "/decide?text=KG-2")
    after = _press(client, undo, "form.panel", decision="reopen")

    assert [_words(label) for label in page.select("form.panel label")] == [
        "Send ours again: 2",
        "Accept the LMS's: 2",
        "Detach: 2",
    ]
    assert [_words(label) for label in undo.select("form.panel label")] == ["Undo accepting: 1"]
    assert "Decided about 1 grade." in _words(after.select_one(".notice"))
    assert (book.decision("participant"), book.decision("neighbour")) == ("accept", None)


def test_where_nothing_differs_there_is_nothing_to_decide(
    visitor: Visitor, book: Gradebook, institute: Institute
) -> None:
    assert "There is nothing to decide." in _open(visitor("trainer"), institute, "/decide").text


def test_an_admin_sees_what_differs_and_decides_nothing(
    visitor: Visitor, book: Gradebook, institute: Institute
) -> None:
    book.differs("neighbour")
    book.differs("participant")
    client = visitor("admin")

    page = _open(client, institute, "")

    assert "2 grades differ" in _panel(page)
    assert page.select("table form, form[action$=compare], a[href*=decide]") == []
    listed = BeautifulSoup(client.get("/institute/deliveries", base_url=BASE).text, "html.parser")
    link = listed.select_one("section[aria-labelledby=courses-title] td a")
    assert link is not None
    assert (link.get_text(strip=True), str(link["href"]).endswith("?state=differs")) == ("2", True)


def test_the_history_of_a_grade_tells_what_was_found_and_who_decided(
    visitor: Visitor, book: Gradebook, institute: Institute
) -> None:
    book.compared()
    book.differs("neighbour")
    client = visitor("trainer")
    path = f"/{book.row('neighbour').public_id}"

    _press(client, _open(client, institute, path), "form[action$=decide]", decision="accept")
    page = _open(client, institute, path)

    newest, oldest = [_words(line) for line in page.select("section[aria-labelledby=events-title] tbody tr")]
    assert "Decided: the LMS's grade is accepted." in newest
    assert "Гүлнара" in newest
    assert "Found to differ in the LMS." in oldest
    assert "3 of 3" in oldest
    assert "In the LMS now 3 of 3" in _words(page.select_one("section[aria-labelledby=stands-title] dl"))


def test_any_grade_can_be_detached_on_its_own_page(visitor: Visitor, book: Gradebook, institute: Institute) -> None:
    client = visitor("trainer")
    path = f"/{book.row('participant').public_id}"

    page = _press(client, _open(client, institute, path), "form[action$=decide]", decision="detach")

    assert book.state_of("participant") == (DeliveryState.DETACHED, False)
    assert "Detached" in _words(page.select_one("section[aria-labelledby=stands-title]"))
    assert [button.get_text(strip=True) for button in page.select("form[action$=decide] button")] == ["Attach again"]
    token = page.select_one("[name=csrf_token]")
    assert token is not None
    address = f"/c/{institute.course.public_id}/deliveries{path}/again"
    refused = client.post(address, data={"csrf_token": token["value"]}, base_url=BASE)
    assert refused.status_code == 400
    assert "attach it again before it can be sent" in refused.text
