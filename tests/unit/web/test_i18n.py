"""Which language a page is in."""

from __future__ import annotations

import pytest
from flask import Flask

from lti_tool.web import i18n
from lti_tool.web.i18n import gettext, ngettext


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("", "ky"),
        ("de-DE, fr", "ky"),
        ("ru-RU, en;q=0.8", "ru"),
        ("de, en-US;q=0.9, ru;q=0.1", "en"),
        ("ky-KG", "ky"),
        ("not a header;;;", "ky"),
    ],
)
def test_without_a_session_the_browser_is_asked(bare_app: Flask, accepted: str, locale: str) -> None:
    with bare_app.test_request_context(headers={"Accept-Language": accepted}):
        assert i18n.current_locale() == locale


@pytest.mark.parametrize(("asked", "locale"), [("ru", "ru"), ("xx", "ky"), ("<script>", "ky")])
def test_the_address_may_ask_for_a_language(bare_app: Flask, asked: str, locale: str) -> None:
    with bare_app.test_request_context(query_string={"lang": asked}):
        assert i18n.current_locale() == locale


@pytest.mark.parametrize(("said", "locale"), [("ru", "ru"), ("xx", "ky")])
def test_a_script_is_answered_in_its_page_s_language(bare_app: Flask, said: str, locale: str) -> None:
    with bare_app.test_request_context(headers={"Page-Language": said}):
        assert i18n.current_locale() == locale


def test_sentences_and_plurals_follow_the_language(bare_app: Flask) -> None:
    with bare_app.test_request_context("/?lang=ru"):
        assert gettext("End session") == "Завершить сеанс"
        forms = [
            ngettext("Evidence: %(num)d activity", "Evidence: %(num)d activities", number) for number in (1, 2, 5, 21)
        ]

    assert [form.split()[-1] for form in forms] == ["задание", "задания", "заданий", "задание"]


@pytest.mark.parametrize(
    ("locale", "told"), [("ky", "6\xa0000 курс"), ("ru", "6\xa0000 курсов"), ("en", "6,000 courses")]
)
def test_a_number_in_a_plural_is_grouped_as_the_language_does(bare_app: Flask, locale: str, told: str) -> None:
    with bare_app.test_request_context(f"/?lang={locale}"):
        assert ngettext("%(num)d course", "%(num)d courses", 6000) == told


def test_a_block_may_speak_another_language(bare_app: Flask) -> None:
    with bare_app.test_request_context("/?lang=en"):
        with i18n.speaking("ky"):
            assert gettext("End session") == "Сеансты бүтүрүү"

        assert gettext("End session") == "End session"
