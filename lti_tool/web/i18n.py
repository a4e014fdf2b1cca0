"""Kyrgyz, Russian and English: which of them a page is in, and where its sentences come from.

Translations are the `.po` files themselves, read when a language is first needed: a fresh clone needs no compile
step and nothing compiled is committed. English is the language of the message ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask import session as cookie
from flask_babel import Babel, Domain, force_locale
from flask_babel import get_locale as _flask_locale
from markupsafe import Markup

from lti_tool.web.api.address import is_call
from lti_tool.web.assets import WEB_ROOT
from lti_tool.web.auth import login_in_force

LOCALES: Mapping[str, str] = {"ky": "Кыргызча", "ru": "Русский", "en": "English"}
"""Every language with its own name for itself."""
DEFAULT_LOCALE = "ky"
LOCALE_FOLDER = WEB_ROOT / "locale"
TIME_ZONE = "Asia/Bishkek"
"""In which times are shown."""


def locale_of(tag: str | None) -> str:
    """Our language for a platform's or browser's tag (`ru_RU`, `en-gb`, `ky`): the part before _ or -, else ky."""
    primary = (tag or "").strip().lower().replace("-", "_").partition("_")[0]
    return primary if primary in LOCALES else DEFAULT_LOCALE


@cache
def translations(locale: str) -> NullTranslations:
    """The sentences of one language."""
    with (LOCALE_FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


class _Sentences(Domain):  # type: ignore[misc]  # Flask-Babel carries no types
    """Flask-Babel's domain, reading what `translations` gives."""

    def get_translations(self) -> NullTranslations:
        return _sentences()


def install(app: Flask) -> None:
    """Sets Flask-Babel up: locale of the visit, else of the browser; dates of Bishkek."""
    babel = Babel(app, default_locale=DEFAULT_LOCALE, default_timezone=TIME_ZONE, locale_selector=_chosen)
    babel.domain_instance = _Sentences()
    app.jinja_env.globals.update(current_locale=current_locale, LOCALES=LOCALES, _=_in_template)


def gettext(message: str, **values: object) -> str:
    """The message in the page's language; `%(name)s` in it takes `name=...`. Import it as `_`."""
    told = _sentences().gettext(message)
    return str(told % values) if values else told


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The form of the message that belongs to `num` in the page's language; `%(num)d` is the number as it writes it."""
    told = _sentences().ngettext(one, many, num).replace("%(num)d", "%(num)s")
    return str(told % {"num": format_decimal(num, locale=current_locale()), **values})


def current_locale() -> str:
    """The language of this request's page: ky, ru or en."""
    # Asked for a hundred times a page, and Flask-Babel's own answer costs as much as everything else about a sentence:
    # so it is kept for the request, and `speaking` changes it. Each way through a proxy costs as much again.
    if not has_request_context():
        return _asked_locale()
    here = g._get_current_object()
    spoken: str | None = here.get("spoken")
    if spoken is None:
        spoken = here.spoken = _asked_locale()
    return spoken


def _asked_locale() -> str:
    locale = _flask_locale()
    return str(locale) if locale else DEFAULT_LOCALE


def _sentences() -> NullTranslations:
    return translations(current_locale()) if has_request_context() else NullTranslations()


def _in_template(message: str, **values: object) -> Markup:
    # Always a format, as Jinja has it: a % in a sentence is written twice, whether or not it takes values.
    return Markup(_sentences().gettext(message)) % values  # noqa: S704  the sentences are ours, the values are escaped


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Sentences of another language than the page's, for the length of a block (a comment for somebody else)."""
    before = g.get("spoken") if has_request_context() else None
    with force_locale(locale):
        if has_request_context():
            g.spoken = None
        try:
            yield
        finally:
            if has_request_context():
                g.spoken = before


def _chosen() -> str:
    if is_call():
        return _browser()
    # A page's script says in which language its page is: what it is answered stands beside that page's sentences.
    asked = request.args.get("lang") or request.headers.get("Page-Language")
    if asked in LOCALES:
        return str(asked)
    login = None if g.get("db_unavailable") else login_in_force()
    # Who is signed out by waiting is told so in the language that they read; *End session* leaves nothing to go by.
    known = login.locale if login is not None else cookie.get("locale")
    return str(known) if known in LOCALES else _browser()


def _browser() -> str:
    """The first of the browser's languages that is ours; Kyrgyz where none is."""
    wanted = (tag.lower().replace("-", "_").partition("_")[0] for tag in request.accept_languages.values())
    return next((primary for primary in wanted if primary in LOCALES), DEFAULT_LOCALE)
