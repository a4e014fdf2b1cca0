"""The public check page: how a paper stands and what it states, for anybody, and of its person only what they allow."""

from __future__ import annotations

import copy
import gzip
import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.credentials import paper_records, store
from lti_tool.credentials.tables import CredentialRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PersonId, PlatformId
from lti_tool.web import rates
from tests.factories.one_minute import hold_still
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_paper import Holder
from tests.integration.web.test_paper import holder as _holder
from tests.integration.web.test_participant import BASE

holder = _holder
NAME = "Айгүл"
WITHHELD = "Not shown here"


def check(app: Flask, record: str, language: str = "en", **headers: str) -> TestResponse:
    """What somebody sees who has no session."""
    query = f"?lang={language}" if language else ""
    return app.test_client().get(f"/verify/{record}{query}", base_url=BASE, headers=headers)


def words(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(answer.text, "html.parser").get_text(" ", strip=True))


def test_a_valid_record_says_what_the_paper_says(app: Flask, holder: Holder) -> None:
    record = holder.make("ky")

    answer = check(app, record)

    said = words(answer)
    assert answer.status_code == 200
    for text in (
        "This record is valid",
        "Basic level",
        "Not yet established",
        holder.room.institute.course.title,
        record,
    ):
        assert text in said
    assert len(BeautifulSoup(answer.text, "html.parser").select("tr.competency")) == 11


def test_unknown_is_said_in_words_and_never_as_zero(app: Flask, holder: Holder) -> None:
    rows = BeautifulSoup(check(app, holder.make()).text, "html.parser").select("tr.competency")

    unknown = [row.get_text(" ", strip=True) for row in rows if "2.1" not in row.get_text()]
    assert len(unknown) == 10
    assert all("Not yet established" in row and "Below basic" not in row for row in unknown)


@pytest.mark.parametrize(("choice", "names"), [("hidden", False), ("shown", True)])
def test_it_names_its_person_only_where_they_let_it(app: Flask, holder: Holder, choice: str, names: bool) -> None:
    said = words(check(app, holder.make(name=choice)))

    assert (NAME in said, WITHHELD in said) == (names, not names)


def test_it_says_nothing_else_of_its_person(app: Flask, holder: Holder) -> None:
    text = check(app, holder.make(name="shown")).text

    person = holder.room.institute.persons["participant"]
    for secret in (person.public_id, person.sub, person.id_number, holder.room.institute.course.public_id, "18", "90"):
        assert secret is not None
        assert f">{secret}<" not in text
        if len(secret) > 2:
            assert secret not in text


def test_of_a_withdrawn_record_nothing_is_said_any_more(app: Flask, holder: Holder) -> None:
    record = holder.make(name="shown")
    holder.client.post(f"{holder.path}/{record}/withdraw", base_url=BASE)

    answer = check(app, record)

    said = words(answer)
    assert (answer.status_code, "confirmed no longer" in said, "withdrawn on" in said) == (200, True, True)
    for gone in (NAME, "Basic level", holder.room.institute.course.title, "Not yet established"):
        assert gone not in said


def test_a_replaced_record_says_so_and_does_not_lead_to_the_newer_one(app: Flask, holder: Holder) -> None:
    older, newer = holder.make("ky"), holder.make("ru")

    answer = check(app, older)

    assert "A newer record has taken the place of this one" in words(answer)
    assert "Basic level" in words(answer)
    assert newer not in answer.text


def test_of_somebody_erased_it_is_only_said_that_it_is_confirmed_no_longer(app: Flask, holder: Holder) -> None:
    record = holder.make(name="shown")
    person = PersonId(holder.room.institute.persons["participant"].id)
    with unit_of_work(holder.room.sessions) as session:
        store.forget(session, person, clock.now() + timedelta(days=40))

    answer = check(app, record)

    said = words(answer)
    assert (answer.status_code, "confirmed no longer" in said) == (200, True)
    for gone in (NAME, "Basic level", holder.room.institute.course.title, "withdrawn on", str(clock.now().year)):
        assert gone not in said


def test_levels_that_have_expired_since_are_marked(app: Flask, holder: Holder) -> None:
    record = holder.make()
    before = words(check(app, record))
    _let_expire(holder.room.sessions, record)

    assert ("has expired" in before, "(has expired)" in words(check(app, record)).replace("( ", "(")) == (False, True)


def _let_expire(sessions: SessionFactory, record: str) -> None:
    with unit_of_work(sessions) as session:
        row = session.scalars(select(CredentialRow).where(CredentialRow.public_id == record)).one()
        facts = copy.deepcopy(row.facts)
        for each in facts["competencies"]:
            for one in each["certified"]:
                one["until"] = (clock.now() - timedelta(days=1)).isoformat()
        row.facts = facts


# --- Whoever asks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("guessed", ["2" * 26, "nosuch", "%F0%9F%98%80", "a" * 3000, "..", "1 or 1=1"])
def test_what_was_never_issued_is_explained(app: Flask, institute: Institute, guessed: str) -> None:
    answer = app.test_client().get(f"/verify/{guessed}?lang=en", base_url=BASE)

    assert answer.status_code == 404
    if guessed != "..":
        assert "Nothing was ever issued under this address" in words(answer)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_an_address_that_was_typed_in_capitals_is_understood(app: Flask, holder: Holder) -> None:
    assert check(app, holder.make().upper()).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "said"),
    [("ky", "Бул маалымкат жарактуу"), ("ru-RU,ru;q=0.9", "Эта справка действительна"), ("en", "This record is valid")],
)
def test_it_speaks_the_language_of_who_reads_it(app: Flask, holder: Holder, accepted: str, said: str) -> None:
    answer = check(app, holder.make("en"), language="", **{"Accept-Language": accepted})

    assert said in words(answer)


def test_its_language_can_be_switched(app: Flask, holder: Holder) -> None:
    record = holder.make()
    page = BeautifulSoup(check(app, record).text, "html.parser")

    ways = {link["lang"]: str(link["href"]) for link in page.select(".langs a")}

    assert set(ways) == {"ky", "ru", "en"}
    assert all(app.test_client().get(way, base_url=BASE).status_code == 200 for way in ways.values())
    assert 'lang="ru"' in app.test_client().get(ways["ru"], base_url=BASE).text


@pytest.mark.parametrize("known", [True, False])
def test_it_leaves_nothing_behind_and_runs_nothing(app: Flask, holder: Holder, known: bool) -> None:
    answer = check(app, holder.make() if known else "nosuch")

    policy = answer.headers["Content-Security-Policy"]
    page = BeautifulSoup(answer.text, "html.parser")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in policy
    assert page.select_one('meta[name="robots"][content="noindex"]') is not None
    assert (page.select("script"), page.select("form")) == ([], [])


def test_nobody_frames_it_though_they_have_a_session(holder: Holder, visitor: Visitor) -> None:
    record = holder.make()

    for who in ("participant", "trainer", "account"):
        answer = visitor(who).get(f"/verify/{record}", base_url=BASE)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_there_to_be_read(app: Flask, holder: Holder, method: str) -> None:
    client = app.test_client()

    assert getattr(client, method)(f"/verify/{holder.make()}", base_url=BASE).status_code in {403, 405}


def test_it_asks_the_database_as_often_whatever_it_states(app: Flask, holder: Holder, sessions: SessionFactory) -> None:
    rich = holder.make()
    poor = _record_of(holder, sessions, "neighbour")
    check(app, rich)

    counts = {record: _asked(app, sessions, record) for record in (rich, poor)}

    assert counts[rich] == counts[poor] <= 6


def _record_of(holder: Holder, sessions: SessionFactory, who: str) -> str:
    """A record of somebody of whom nothing is known."""
    with unit_of_work(sessions) as session:
        return paper_records.make(session, _asking(holder, who), clock.now())


def _asking(holder: Holder, who: str) -> paper_records.Asked:
    person = holder.room.institute.persons[who]
    return paper_records.Asked(
        PlatformId(person.platform_id), holder.room.course, PersonId(person.id), "Институт", "ky", shows_name=False
    )


def _asked(app: Flask, sessions: SessionFactory, record: str) -> int:
    asked: list[str] = []

    def count(_session: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    with sessions() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert check(app, record).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(asked)


def test_a_page_is_light(app: Flask, holder: Holder) -> None:
    assert len(gzip.compress(check(app, holder.make(), "ky").data)) < 8_000


@pytest.mark.parametrize("path", ["/verify/nosuch", "/credentials/nosuch", "/credentials/issuer"])
def test_one_address_checks_so_much_in_a_minute_and_others_are_unharmed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    hold_still(app)
    monkeypatch.setattr(rates, "PUBLIC_PAGES", 2)

    def asked(address: str) -> TestResponse:
        return app.test_client().get(path, base_url=BASE, environ_overrides={"REMOTE_ADDR": address})

    found = asked("192.0.2.1").status_code
    answers = [asked("192.0.2.1") for _ in range(3)]

    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert asked("192.0.2.2").status_code == found != 429
