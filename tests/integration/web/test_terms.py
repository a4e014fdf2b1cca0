"""Terms of the requirements are explained where they occur, on pages of a session as in the public catalogue."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup, Tag

from lti_tool import clock
from lti_tool.competency.framework import Framework
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.people.tables import CourseRow
from tests.factories.big_course import counted
from tests.factories.make import Make
from tests.factories.spoken import unmarked
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_rights import BASE

PATHS = {"participant": ("me/2.1", "me/4.2"), "trainer": ("people/{neighbour}/2.1", "mapping")}


@pytest.fixture(autouse=True)
def _quiz(institute: Institute, sessions: SessionFactory) -> None:
    """The course has something to be mapped."""
    with unit_of_work(sessions) as session:
        Make(session, clock.now()).activity(session.get_one(CourseRow, institute.course.id), "Quiz: 1-жума")


def _page(visitor: Visitor, institute: Institute, who: str, path: str, locale: str = "ky") -> BeautifulSoup:
    path = path.format(neighbour=institute.persons["neighbour"].public_id)
    address = f"/c/{institute.course.public_id}/{path}?lang={locale}"
    return BeautifulSoup(visitor(who).get(address, base_url=BASE).text, "html.parser")


def _explained(page: BeautifulSoup) -> dict[str, Tag]:
    return {f"#{part['id']}": part for part in page.select(".term-explained")}


@pytest.mark.parametrize("locale", ["ky", "ru", "en"])
@pytest.mark.parametrize("who", PATHS)
def test_each_term_of_a_page_leads_to_its_explanation_on_that_page_and_no_other_is_explained(
    visitor: Visitor, institute: Institute, who: str, locale: str
) -> None:
    for path in PATHS[who]:
        page = _page(visitor, institute, who, path, locale)

        used = {str(link["href"]) for link in page.select("a.term")}
        assert used == set(_explained(page)), path
        assert unmarked(str(page)) == []
    assert used, "a page without a term would show nothing"


def test_an_explanation_is_the_official_definition_in_its_own_language(visitor: Visitor, institute: Institute) -> None:
    framework: Framework = institute.framework
    page = _page(visitor, institute, "participant", "me/2.1")

    for href, part in _explained(page).items():
        term = next(each for each in framework.glossary if f"#term-{each.number}" == href)
        definition = part.select_one("dd[lang]")
        assert definition is not None
        assert (definition["lang"], " ".join(definition.text.split())) == ("ky", " ".join(term.definitions.ky.split()))


def test_a_term_is_marked_once_in_a_text_and_the_text_stays_what_it_is(visitor: Visitor, institute: Institute) -> None:
    page = _page(visitor, institute, "trainer", "mapping")

    texts = {" ".join(each.text.split()): each for each in page.select("dd.quoted")}

    assert set(texts) == {" ".join(each.texts.ky.split()) for each in institute.framework.indicators}
    for text in texts.values():
        marked = [str(link["href"]) for link in text.select("a.term")]
        assert len(marked) == len(set(marked))


def test_nothing_is_asked_of_the_database_for_it(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    client, address = visitor("participant"), f"/c/{institute.course.public_id}/me/2.1"
    client.get(address, base_url=BASE)

    with counted(sessions) as sent:
        page = client.get(address, base_url=BASE).text

    assert 'class="term"' in page
    assert [statement for statement in sent if re.search(r"framework_version\b.*document|glossary", statement)] == []


def test_a_page_without_texts_of_the_requirements_explains_nothing(visitor: Visitor, institute: Institute) -> None:
    page = _page(visitor, institute, "trainer", "roster")

    assert page.select(".terms, .which-text, a.term") == []
