"""*My record on paper*: made, printed again as it was made, withdrawn; and that a telephone leads to its check."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from lti_tool import clock
from lti_tool.competency import closing
from lti_tool.competency.decisions import Who
from lti_tool.credentials import paper_records
from lti_tool.credentials.model import Credential, Standing
from lti_tool.credentials.tables import CredentialRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import closing as door
from lti_tool.ids import PersonId
from lti_tool.people.tables import PersonRow
from tests.factories.pdf import facts_of, flow_of, fonts_of, text_of
from tests.factories.qr import codes_of
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import BASE, Classroom

LANGUAGES = ("ky", "ru", "en")
KYRGYZ = "Өмүрбекова Айгүл Ңуржан кызы, Үсөн, Аңылчы"


@dataclass
class Holder:
    """A participant who has level 1 of 2.1, which the closed course has certified."""

    client: FlaskClient
    room: Classroom

    @property
    def path(self) -> str:
        return f"/c/{self.room.institute.course.public_id}/me/record/paper"

    def page(self) -> BeautifulSoup:
        answer = self.client.get(self.path, base_url=BASE)
        assert answer.status_code == 200
        return BeautifulSoup(answer.text, "html.parser")

    def make(self, language: str = "ky", **more: str) -> str:
        """Makes a record on the page; its id."""
        answer = self.client.post(self.path, data={"language": language, **more}, base_url=BASE)
        assert (answer.status_code, answer.headers["Location"]) == (303, self.path)
        return self.records()[0].public_id

    def records(self) -> tuple[Credential, ...]:
        person = PersonId(self.room.institute.persons["participant"].id)
        with unit_of_work(self.room.sessions, writes=False) as session:
            return paper_records.of_person(session, person)

    def pdf(self, record: str) -> bytes:
        answer = self.client.get(f"{self.path}/{record}.pdf", base_url=BASE)
        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
        return answer.data

    def rename(self, name: str) -> None:
        with unit_of_work(self.room.sessions) as session:
            session.get_one(PersonRow, self.room.institute.persons["participant"].id).name = name


@pytest.fixture
def holder(app: Flask, sessions: SessionFactory, institute: Institute, visitor: Visitor) -> Holder:
    """Whose course is closed, and who has a session there."""
    app.config["WTF_CSRF_ENABLED"] = False
    room = Classroom(sessions, institute)
    room.map()
    room.mark("18")
    admin = Who(PersonId(institute.persons["admin"].id), is_admin=True)
    with unit_of_work(sessions) as session:
        seen = closing.look(session, room.course, clock.now()).fingerprint
        door.accept_closing(session, room.course, seen, by=admin, now=clock.now())
    return Holder(visitor("participant"), room)


# --- Making and withdrawing -----------------------------------------------------------------------------------------


def test_before_the_first_one_the_page_says_what_it_is(holder: Holder) -> None:
    said = holder.page().main.get_text(" ", strip=True)  # type: ignore[union-attr]

    assert "Whoever gets it can check it by its QR code" in said
    assert "Make your record" in said
    assert "Made before" not in said


def test_what_was_made_is_there_to_take_along(holder: Holder) -> None:
    record = holder.make()

    page = holder.page()
    links = [link["href"] for link in page.select("main a")]
    assert f"{holder.path}/{record}.pdf" in links
    assert f"/verify/{record}" in links


def test_a_newer_one_takes_the_place_of_the_older(holder: Holder) -> None:
    first, second = holder.make("ky"), holder.make("ru")

    standings = {each.public_id: each.standing(clock.now()) for each in holder.records()}
    assert standings == {first: Standing.SUPERSEDED, second: Standing.VALID}
    assert "Replaced by a newer one" in holder.page().get_text()


@pytest.mark.parametrize("asked", ["xx", "", "ky' OR 1=1"])
def test_a_language_that_there_is_none_of_is_the_pages(holder: Holder, asked: str) -> None:
    holder.make(asked)

    assert holder.records()[0].locale == "en"


def test_the_check_names_nobody_unless_they_say_so(holder: Holder) -> None:
    holder.make()
    silent = holder.records()[0].shows_name
    holder.make(name="shown")

    assert (silent, holder.records()[0].shows_name) == (False, True)


def test_the_name_can_be_shown_and_hidden_later(holder: Holder) -> None:
    record = holder.make()
    seen = []
    for choice in ("shown", "hidden"):
        holder.client.post(f"{holder.path}/{record}/name", data={"name": choice}, base_url=BASE)
        seen.append(holder.records()[0].shows_name)

    assert seen == [True, False]


def test_withdrawing_asks_first_and_then_is_for_good(holder: Holder) -> None:
    record = holder.make()
    asked = holder.client.get(f"{holder.path}/{record}/withdraw", base_url=BASE)
    before = holder.records()[0].standing(clock.now())

    done = holder.client.post(f"{holder.path}/{record}/withdraw", base_url=BASE)

    assert ("cannot be taken back" in asked.text, before) == (True, Standing.VALID)
    assert (done.status_code, holder.records()[0].standing(clock.now())) == (303, Standing.REVOKED)
    assert holder.client.get(f"{holder.path}/{record}.pdf", base_url=BASE).status_code == 404


Way = Callable[[FlaskClient, str], int]
WAYS: dict[str, Way] = {
    "file": lambda client, path: client.get(f"{path}.pdf", base_url=BASE).status_code,
    "question": lambda client, path: client.get(f"{path}/withdraw", base_url=BASE).status_code,
    "withdrawal": lambda client, path: client.post(f"{path}/withdraw", base_url=BASE).status_code,
    "name": lambda client, path: client.post(f"{path}/name", data={"name": "shown"}, base_url=BASE).status_code,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("who", ["neighbour", "trainer", "admin", "participant of another course"])
def test_nobody_else_reaches_it(holder: Holder, visitor: Visitor, who: str, way: str) -> None:
    record = holder.make()

    assert WAYS[way](visitor(who), f"{holder.path}/{record}") == 404
    assert (holder.records()[0].standing(clock.now()), holder.records()[0].shows_name) == (Standing.VALID, False)


def test_where_the_lms_shares_no_name_none_is_asked_for(holder: Holder) -> None:
    holder.rename("")
    holder.make(name="shown")

    assert holder.page().select_one("#f-name") is None


# --- The file -------------------------------------------------------------------------------------------------------

TITLES = {
    "ky": "МКТ компетенттүүлүктөрү жөнүндө маалымкат",
    "ru": "Справка об ИКТ-компетенциях",
    "en": "Record of ICT competencies",
}
SAID = {
    "ky": ("Базалык деңгээл", "Азырынча аныктала элек", "Өнүккөн деңгээл", "расмий текстинде"),
    "ru": ("Базовый уровень", "Пока не установлен", "Продвинутый уровень", "неофициальном переводе"),
    "en": ("Basic level", "Not yet established", "Advanced level", "unofficial translation"),
}
OFFICIAL = "Мугалим МКТны окуучулардын билим алуудагы жетишкендиктерин баалоо системасына интеграциялап кошот."


@pytest.mark.pdf
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_is_certified_by_whom_and_what_is_not_known(holder: Holder, language: str) -> None:
    record = holder.make(language)

    said = flow_of(holder.pdf(record))

    for text in (TITLES[language], "Айгүл", holder.room.institute.course.title, *SAID[language]):
        assert text in said
    assert said.count(SAID[language][1]) >= 10, "every competency but one is not established, in words"


@pytest.mark.pdf
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_tagged_in_its_language_on_two_pages_with_its_font(holder: Holder, tmp_path: Path, language: str) -> None:
    content = holder.pdf(holder.make(language))

    facts = facts_of(content, tmp_path)
    assert (facts["Title"], facts["Tagged"], facts["Page size"]) == (
        TITLES[language],
        "yes",
        "595.276 x 841.89 pts (A4)",
    )
    assert int(facts["Pages"]) <= 2
    assert fonts_of(content, tmp_path) == {"LibertinusSerif"}
    assert b"pdfuaid:part>1<" in content
    assert re.search(rb"/Lang ?\(%s\)" % language.encode(), content)
    assert b"/StructTreeRoot" in content
    assert re.search(rb"/Marked true", content)


@pytest.mark.pdf
@pytest.mark.parametrize("language", LANGUAGES)
def test_one_page_is_to_show_and_one_to_read(holder: Holder, language: str) -> None:
    record = holder.make(language)

    first, second = text_of(holder.pdf(record)).split("\f")[:2]

    assert re.search(r"1 ?/ ?2\s*$", first)
    assert re.search(r"2 ?/ ?2\s*$", second)
    assert "6.2" in first
    assert "6.2" not in second
    assert record in first
    assert record in second


@pytest.mark.pdf
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_telephone_reads_where_it_is_checked(holder: Holder, language: str) -> None:
    record = holder.make(language)

    content = holder.pdf(record)

    address = f"{BASE}/verify/{record}"
    assert codes_of(content) == [address]
    assert f"{BASE}/verify/" in text_of(content)
    assert record in text_of(content)
    assert holder.client.get(address.removeprefix(BASE), base_url=BASE).status_code == 200


@pytest.mark.pdf
def test_every_kyrgyz_letter_can_be_taken_out_of_it(holder: Holder) -> None:
    holder.rename(KYRGYZ)

    said = flow_of(holder.pdf(holder.make("ky")))

    assert KYRGYZ in said
    assert OFFICIAL in said
    assert {letter for letter in "ңөүҢӨҮ" if letter not in said} == set()


@pytest.mark.pdf
def test_what_is_printed_again_is_the_same_file_of_the_day_of_issue(holder: Holder) -> None:
    record = holder.make()
    with unit_of_work(holder.room.sessions) as session:
        session.execute(update(CredentialRow).values(issued_at=datetime(2026, 11, 1, 9, 30, tzinfo=UTC)))

    first = holder.pdf(record)

    assert holder.pdf(record) == first
    assert b"<xmp:CreateDate>2026-11-01T09:30:00" in first
    assert "2026-ж. 1-ноябрь" in flow_of(first)


@pytest.mark.pdf
def test_what_was_shown_later_is_not_in_it(holder: Holder) -> None:
    record = holder.make("en")
    before = holder.pdf(record)
    holder.room.mark("2")

    assert holder.pdf(record) == before


@pytest.mark.pdf
def test_without_a_name_it_says_so(holder: Holder) -> None:
    holder.rename("")

    assert "Name not shared" in flow_of(holder.pdf(holder.make("en")))


@pytest.mark.pdf
def test_its_file_is_called_by_what_it_is_and_whose(holder: Holder) -> None:
    answer = holder.client.get(f"{holder.path}/{holder.make('en')}.pdf", base_url=BASE)

    assert "Record_of_ICT_competencies" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
