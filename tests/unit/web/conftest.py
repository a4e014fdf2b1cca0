"""A bare application that speaks Kyrgyz, Russian and English and serves the static files; no database, no session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask_login import LoginManager

from lti_tool.web import assets, i18n

Speak = Callable[[str], AbstractContextManager[object]]


@pytest.fixture
def bare_app() -> Flask:
    """The application."""
    app = Flask("bare", root_path=str(assets.WEB_ROOT))
    LoginManager(app).request_loader(lambda _request: None)
    i18n.install(app)
    assets.install(app)
    return app


@pytest.fixture
def speak(bare_app: Flask) -> Speak:
    """A request in the given language."""
    return lambda locale: bare_app.test_request_context(f"/?lang={locale}")


@pytest.fixture
def in_english(speak: Speak) -> Iterator[None]:
    """The whole test in English, the language of the message ids."""
    with speak("en"):
        yield
