"""The requirements as public pages: whole, in three languages, at addresses that stay, light for caches."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency.catalogue import parse
from lti_tool.competency.store import import_framework
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from tests.factories.catalogues import packaged_catalogue, small_catalogue
from tests.factories.launch_bench import TOOL
from tests.integration.web.conftest import Institute, Visitor, make_lms

FRAMEWORK = parse(packaged_catalogue())


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[FlaskClient]:
    """The application with the packaged requirements and older small ones; nothing here writes."""
    folder = tmp_path_factory.mktemp("catalogue")
    path = folder / "catalogue.sqlite3"
    path.write_bytes(empty_database.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    sessions = make_session_factory(engine)
    app = make_lms(folder, sessions).app
    with unit_of_work(sessions) as session:
        import_framework(session, small_catalogue([(2, 0, 1)], "0.9"), clock.now() - timedelta(days=9))
    yield app.test_client()
    engine.dispose()


def ask(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    return client.get(f"/framework{path}", base_url=TOOL, headers=headers)


def soup(client: FlaskClient, path: str) -> BeautifulSoup:
    answer = ask(client, path)
    assert answer.status_code == 200, path
    return BeautifulSoup(answer.data, "html.parser")


def main(client: FlaskClient, path: str) -> Tag:
    found = soup(client, path).main
    assert found is not None
    return found


def said(part: Tag) -> str:
    return " ".join(part.get_text(" ", strip=True).split())


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_every_aspect_competency_indicator_level_and_term_can_be_read(client: FlaskClient, language: str) -> None:
    for competency in FRAMEWORK.competencies:
        page = main(client, f"/{competency.code}?lang={language}").get_text()
        for each in (competency, *competency.indicators):
            assert each.text(language) in page
            assert each.texts.ky in page, "the official text stands below"
    for aspect in FRAMEWORK.aspects:
        assert aspect.title(language) in main(client, f"/{aspect.number}?lang={language}").get_text()
    for level in FRAMEWORK.levels:
        page = main(client, f"/levels/{level.number}?lang={language}").get_text()
        assert level.description(language) in page
        assert all((each.code in page) == (each.level == level.number) for each in FRAMEWORK.indicators)
    glossary = main(client, f"/glossary?lang={language}").get_text()
    assert all(term.definition(language) in glossary for term in FRAMEWORK.glossary)


def test_an_indicator_says_where_it_belongs_and_what_stands_beside(client: FlaskClient) -> None:
    page = main(client, "/4.1.2.c?lang=en")

    assert "Uses authoring tools (OER)" in page.get_text()
    links = {str(link["href"]) for link in page.find_all("a")}
    assert {"/framework/4.1?lang=en", "/framework/4?lang=en", "/framework/levels/2?lang=en"} <= links
    assert {"/framework/4.1.2.a?lang=en", "/framework/4.1.2.b?lang=en", "/framework/4.1.2.d?lang=en"} <= links


@pytest.mark.parametrize("path", ["", "/1.1", "/4", "/4.1.1.a", "/levels/1", "/glossary", "/document", "/search?q=МКТ"])
def test_every_way_on_a_page_leads_somewhere(client: FlaskClient, path: str) -> None:
    page = soup(client, path or "/")
    ids = {str(part["id"]) for part in page.find_all(id=True)}

    for link in page.find_all("a"):
        address = str(link["href"])
        if address.startswith("#"):
            assert address[1:] in ids, f"{path}: {address}"
        elif address.startswith("/framework"):
            assert client.get(address.partition("#")[0], base_url=TOOL).status_code == 200, f"{path}: {address}"


def test_terms_are_explained_on_the_page_that_uses_them_and_only_those(client: FlaskClient) -> None:
    page = main(client, "/5.2?lang=ru")

    used = {str(link["href"]).removeprefix("#term-") for link in page.select("a.term")}
    explained = {str(part["id"]).removeprefix("term-") for part in page.select("aside.explained [id^=term-]")}
    assert used == explained == {"1", "5"}
    assert FRAMEWORK.glossary[0].definition("ru") in page.get_text()


def test_a_definition_points_to_the_terms_that_it_uses_but_not_to_itself(client: FlaskClient) -> None:
    for entry in main(client, "/glossary?lang=ky").select(".glossary-terms > div"):
        assert f"#{entry['id']}" not in {str(link["href"]) for link in entry.select("a.term")}


@pytest.mark.parametrize(("language", "official"), [("ky", True), ("ru", False), ("en", False)])
def test_official_text_and_unofficial_translation_are_told_apart(
    client: FlaskClient, language: str, official: bool
) -> None:
    page = main(client, f"/2.1?lang={language}")

    tags = {said(tag) for tag in page.select(".which-text .tag")}
    assert tags == {{"ky": "расмий текст", "ru": "неофициальный перевод", "en": "unofficial translation"}[language]}
    assert bool(page.select(".original")) is not official
    assert all(part["lang"] == "ky" for part in page.select(".original [lang]"))


def test_a_missing_translation_is_shown_as_the_official_text(client: FlaskClient) -> None:
    page = main(client, "/versions/small/0.9/1.1?lang=en")

    assert {said(tag) for tag in page.select(".which-text .tag")} == {"official text"}
    assert {str(part["lang"]) for part in page.select(".indicator-text")} == {"ky"}


def test_levels_are_drawn_and_named(client: FlaskClient) -> None:
    cards = main(client, "/?lang=en").select(".level-cards li")

    drawn = [[str(step["class"][0]) for step in card.select("rect")] for card in cards]
    assert drawn == [
        ["step-met", "step-open", "step-open"],
        ["step-met", "step-met", "step-open"],
        ["step-met", "step-met", "step-met"],
    ]
    assert [said(card.h3) for card in cards if card.h3] == ["Basic level", "Intermediate level", "Advanced level"]


def test_an_older_version_says_so_and_stays_within_itself(client: FlaskClient) -> None:
    page = soup(client, "/versions/small/0.9/?lang=ru")

    assert said(page.select(".notice")[0]).endswith("Читать самую новую версию")
    inside = {str(link["href"]) for link in page.select("main table a")}
    assert inside
    assert all(address.startswith("/framework/versions/small/0.9/") for address in inside)
    assert not main(client, "/").select(".notice")
    assert "0.9" in said(main(client, "/document"))


def test_a_level_without_indicators_is_left_out_of_its_competency(client: FlaskClient) -> None:
    page = main(client, "/versions/small/0.9/1.1")

    assert [part["id"] for part in page.select("section.level-part")] == ["level-1", "level-3"]


def test_a_search_finds_and_marks_the_words(client: FlaskClient) -> None:
    page = main(client, "/search?lang=ru&q=социальные+сети")

    assert [said(mark) for mark in page.select("mark")] == ["социальные", "сети"]
    assert page.select("input[name=q]")[0]["value"] == "социальные сети"
    assert [link["href"] for link in page.select(".hits a")] == ["/framework/4.1.1.h?lang=ru"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("zzzzz", "Nothing was found"), ("сабатуулук", "but nearly"), ("<script>", "Nothing was found"), ("", "Words in")],
)
def test_a_search_says_what_came_of_it(client: FlaskClient, asked: str, expected: str) -> None:
    page = ask(client, f"/search?lang=en&q={asked}").get_data(as_text=True)

    assert expected in page
    assert "<script" not in page


@pytest.mark.parametrize(
    "path",
    ["/9", "/4.9", "/4.1.9.a", "/0", "/999999999999999999999", "/xyz", "/levels/9", "/versions/small/3/",
     "/versions/x/0.9/1.1", "/4.1.1.A", "/٤", "/levels/99999999999999999999"],
)  # fmt: skip
def test_what_is_not_in_the_requirements_is_not_found(client: FlaskClient, path: str) -> None:
    assert ask(client, path).status_code == 404


@pytest.mark.parametrize(
    "more", ["endpoint=x", "framework=x&version=y", "_external=1", "_anchor=x", "number=7", "part=1"]
)
def test_further_parameters_change_nothing(client: FlaskClient, more: str) -> None:
    assert ask(client, f"/4.1?lang=ru&{more}").data == ask(client, "/4.1?lang=ru").data


def test_the_language_is_that_of_the_address_or_the_browser_and_stays(client: FlaskClient) -> None:
    asked = soup(client, "/?lang=ru")
    by_browser = BeautifulSoup(ask(client, "/", **{"Accept-Language": "en-GB,en"}).data, "html.parser")

    assert asked.html is not None
    assert by_browser.html is not None
    assert (asked.html["lang"], by_browser.html["lang"]) == ("ru", "en")
    assert all("lang=ru" in str(link["href"]) for link in asked.select("main a"))
    assert not any("lang=" in str(link["href"]) for link in by_browser.select("main a"))
    assert [str(link["href"]) for link in soup(client, "/search?q=МКТ&lang=ru").select(".langs a")] == [
        f"/framework/search?lang={each}&q=%D0%9C%D0%9A%D0%A2" for each in ("ky", "ru", "en")
    ]


def test_pages_may_be_kept_by_caches_in_each_language(client: FlaskClient) -> None:
    first = ask(client, "/4.1")

    again = ask(client, "/4.1", **{"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert {"Accept-Language", "Cookie", "Accept-Encoding"} <= set(re.split(r",\s*", first.headers["Vary"]))
    assert "Set-Cookie" not in first.headers
    assert "Access-Control-Allow-Origin" not in first.headers
    assert ask(client, "/4.1?lang=ru").headers["ETag"] != first.headers["ETag"]


def test_a_page_is_the_same_compressed_and_not(client: FlaskClient) -> None:
    plain, packed = ask(client, "/4.2"), ask(client, "/4.2", **{"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert len(packed.data) < len(plain.data) / 3


def test_a_new_version_is_shown_at_once(tmp_path: Path, sessions: SessionFactory) -> None:
    client = make_lms(tmp_path, sessions).app.test_client()
    assert "МКТ" in main(client, "/1.1").get_text()

    with unit_of_work(sessions) as session:
        import_framework(session, small_catalogue(version="3.0"), clock.now() + timedelta(minutes=1))

    assert "1.1 компетенттүүлүгү" in main(client, "/1.1").get_text()
    assert "МКТ" in main(client, "/versions/kg-ict-teachers/1.0/1.1").get_text()


def test_pages_need_no_script_and_may_be_found_by_search_engines(client: FlaskClient) -> None:
    page = soup(client, "/4.1")

    assert page.find_all("script") == []
    assert page.find_all("meta", attrs={"name": "robots"}) == []


def test_with_a_session_a_page_is_kept_by_that_browser_alone(visitor: Visitor, institute: Institute) -> None:
    assert institute.framework.framework == "kg-ict-teachers"

    answer = visitor("trainer").get("/framework/4.1", base_url=TOOL)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert 'lang="en"' in answer.get_data(as_text=True), "in the language of the session"
