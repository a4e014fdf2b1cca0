"""The languages of an institute: who launches gets one that is offered, and the institute's own where none is told."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import RuleBroken
from lti_tool.ids import PlatformId
from lti_tool.lti import languages
from lti_tool.lti.languages import Languages
from tests.factories.launch_bench import TOOL as BASE
from tests.integration.web.conftest import Institute, Visitor

PATH = "/administration/languages"


@pytest.mark.parametrize(
    ("locale", "told", "gets"),
    [("ru", True, "ru"), ("en", True, "ru"), ("ky", True, "ky"), ("ky", False, "ru")],
)
def test_who_comes_with_none_that_is_offered_gets_the_institutes(locale: str, told: bool, gets: str) -> None:
    assert Languages("ru", ("ky", "ru")).of(locale, told=told) == gets


def test_where_nobody_has_chosen_all_are_offered_with_kyrgyz_first(
    sessions: SessionFactory, institute: Institute
) -> None:
    with unit_of_work(sessions, writes=False) as session:
        found = languages.languages_of(session, PlatformId(institute.course.platform_id))

    assert found == Languages("ky", ("ky", "ru", "en"))


@pytest.mark.parametrize(("default", "offered"), [("en", ["ky"]), ("ky", []), ("tlh", ["tlh"]), ("", ["ky"])])
def test_a_default_that_is_not_offered_is_refused(
    sessions: SessionFactory, institute: Institute, default: str, offered: list[str]
) -> None:
    with pytest.raises(RuleBroken), unit_of_work(sessions) as session:
        languages.choose(session, PlatformId(institute.course.platform_id), default, offered)


def _choose(client: FlaskClient, **fields: str | list[str]) -> int:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(PATH, base_url=BASE).text)
    assert found is not None
    return client.post(PATH, data={"csrf_token": found.group(1), **fields}, base_url=BASE).status_code


@pytest.mark.parametrize("name", ["admin", "account", "operator at the platform"])
def test_an_admin_chooses_for_their_own_institute_only(
    visitor: Visitor, sessions: SessionFactory, institute: Institute, name: str
) -> None:
    assert _choose(visitor(name), default="ru", offered=["ru", "en"]) == 303
    assert _choose(visitor(name), default="ky", offered=["ru"]) == 422

    with unit_of_work(sessions, writes=False) as session:
        chosen = [
            languages.languages_of(session, PlatformId(course.platform_id))
            for course in (institute.course, institute.foreign_course)
        ]
    assert chosen == [Languages("ru", ("ru", "en")), Languages()]


def test_the_switch_of_a_page_offers_them_and_the_language_that_it_is_in(
    visitor: Visitor, sessions: SessionFactory, institute: Institute
) -> None:
    with unit_of_work(sessions) as session:
        languages.choose(session, PlatformId(institute.course.platform_id), "ky", ["ky"])
    path = f"/c/{institute.course.public_id}/group"

    page = visitor("trainer").get(path, base_url=BASE).text

    assert re.findall(r'name="locale"\s+value="(\w+)"', page) == ["ky", "en"], "the trainer came in English before"
