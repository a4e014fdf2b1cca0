"""Addresses and sentences that are made once say what Flask and gettext would say each time."""

from __future__ import annotations

from typing import Any

import flask
import pytest
from flask import Flask
from jinja2 import DictLoader
from werkzeug.routing import BuildError

from lti_tool.web import i18n
from lti_tool.web.addresses import url_for
from lti_tool.web.sentences import LOCALES, translations
from lti_tool.web.spoken import SpokenEnvironment, templates_of_page


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/c/<course>/me/<code>", "me", lambda: "")
    app.add_url_rule("/files/<path:name>", "file", lambda: "")
    app.add_url_rule("/n/<int:number>", "numbered", lambda: "")
    app.add_url_rule("/", "home", lambda: "")
    return app


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("home", {}),
        ("me", {"course": "abc", "code": "4.1"}),
        ("me", {"code": "Ж/ж %2F?#&\"<'", "course": "0"}),
        ("me", {"course": "-hole-1-", "code": "-hole-0-"}),
        ("file", {"name": "a b/ö.css"}),
        ("numbered", {"number": 7}),
        ("me", {"course": "abc", "code": "1", "lang": "ru"}),
        ("me", {"course": "abc", "code": "1", "lang": None}),
        ("home", {"_anchor": "x"}),
    ],
)
@pytest.mark.parametrize("root", ["", "/tool"])
def test_an_address_is_flask_s_own(app: Flask, endpoint: str, values: dict[str, Any], root: str) -> None:
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
        expected = flask.url_for(endpoint, **values)

        assert [url_for(endpoint, **values), url_for(endpoint, **values)] == [expected, expected]


def test_a_prefix_that_a_request_names_is_not_remembered(app: Flask) -> None:
    for prefix in ("", "/a", "/b"):
        with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": prefix}):
            url_for("home")

    assert [len(kept) for name, kept in app.extensions.items() if "addresses" in name] == [1]


def test_an_endpoint_that_is_not_there_is_refused_as_flask_does(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(BuildError, match="nowhere"):
        url_for("nowhere")


TEMPLATE = """{{ _("My competencies") }}|{{ current_locale() }}|{{ _("No %% here") }}|{{ _("%(n)s < x", n=name) }}\
<i title="{{ _('"quoted" & <b>') }}">{% set said = _("Group") %}{{ said }}</i>"""


@pytest.fixture
def spoken(app: Flask) -> Flask:
    app.jinja_environment = SpokenEnvironment
    i18n.install(app)
    app.jinja_loader = DictLoader({"page.html": TEMPLATE})
    return app


@pytest.mark.parametrize("locale", LOCALES)
def test_a_template_says_in_each_language_what_it_would_have_looked_up(spoken: Flask, locale: str) -> None:
    with spoken.test_request_context("/"), i18n.speaking(locale):
        looked_up = spoken.jinja_env.get_template("page.html").render(name="<i>")

        put_in = templates_of_page(spoken).get_template("page.html").render(name="<i>")

    assert put_in == looked_up
    assert f"|{locale}|No % here|&lt;i&gt; < x" in put_in
    assert translations(locale).gettext("My competencies") in put_in


def test_sentences_of_a_spoken_template_are_not_looked_up_again(spoken: Flask) -> None:
    with spoken.test_request_context("/"), i18n.speaking("ru"):
        page = templates_of_page(spoken).get_template("page.html")
        spoken.jinja_env.globals["_"] = lambda message, **values: f"looked up: {message}"

        assert page.render(name="").count("looked up") == 1
