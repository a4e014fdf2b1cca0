"""The requirements as public pages: to read, to search and to point at; no session, no script.

`/framework/…` is always the newest version, `/framework/versions/<framework>/<version>/…` stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lti_tool.catalogue.bookshelf import Bookshelf, bookshelf
from lti_tool.catalogue.searching import LONGEST
from lti_tool.errors import NotFound
from lti_tool.web import catalogue_page, open_data
from lti_tool.web.auth import Permission, login_in_force, requires
from lti_tool.web.catalogue_document import document_page
from lti_tool.web.catalogue_reading import Reader, asked_language, surroundings
from lti_tool.web.database import db
from lti_tool.web.i18n import current_locale
from lti_tool.web.page_memory import PageMemory
from lti_tool.web.rendering import page

bp = Blueprint("catalogue", __name__, url_prefix="/framework")

_made = PageMemory()
"""Nothing on these pages depends on who reads them, but for the language."""
VERSION = "/versions/<framework>/<version>"
NEWEST: dict[str, object] = {"framework": None, "version": None}


@bp.get("/", defaults=NEWEST)
@bp.get(f"{VERSION}/")
@requires(Permission.PUBLIC)
def overview(framework: str | None, version: str | None) -> ResponseReturnValue:
    """All aspects with their competencies, and the levels."""
    return _shown(framework, version, "overview", lambda reader, _shelf: {"overview": catalogue_page.overview(reader)})


@bp.get("/<part>", defaults=NEWEST)
@bp.get(f"{VERSION}/<part>")
@requires(Permission.PUBLIC)
def part(part: str, framework: str | None, version: str | None) -> ResponseReturnValue:
    """An aspect (4), a competency (4.1) or an indicator (4.1.1.a)."""
    form = next((name for name, pattern in FORMS.items() if pattern.fullmatch(part)), None)
    if form is None:
        raise NotFound("http_404")
    return _shown(framework, version, form, lambda reader, _shelf: BUILDERS[form](reader, part))


@bp.get("/levels/<int:number>", defaults=NEWEST)
@bp.get(f"{VERSION}/levels/<int:number>")
@requires(Permission.PUBLIC)
def level(number: int, framework: str | None, version: str | None) -> ResponseReturnValue:
    """One level across all competencies."""
    return _shown(framework, version, "level", lambda reader, _shelf: _level(reader, number))


@bp.get("/glossary", defaults=NEWEST)
@bp.get(f"{VERSION}/glossary")
@requires(Permission.PUBLIC)
def glossary(framework: str | None, version: str | None) -> ResponseReturnValue:
    """All terms with their explanations."""
    return _shown(framework, version, "glossary", lambda reader, _shelf: {"all_terms": catalogue_page.glossary(reader)})


@bp.get("/document", defaults=NEWEST)
@bp.get(f"{VERSION}/document")
@requires(Permission.PUBLIC)
def document(framework: str | None, version: str | None) -> ResponseReturnValue:
    """What else is in the document, its versions, and the files for other systems."""
    return _shown(framework, version, "document", lambda reader, shelf: {"document": document_page(reader, shelf)})


@bp.get("/search", defaults=NEWEST)
@bp.get(f"{VERSION}/search")
@requires(Permission.PUBLIC)
def search(framework: str | None, version: str | None) -> ResponseReturnValue:
    """What holds the words of `q`."""
    return _shown(framework, version, "search", lambda reader, _shelf: _search(reader))


def _shown(
    framework: str | None, version: str | None, name: str, build: Callable[[Reader, Bookshelf], dict[str, object]]
) -> ResponseReturnValue:
    shelf = bookshelf(db())
    reader = Reader(shelf.volume(framework, version), current_locale(), fixed=framework is not None)

    def make() -> str:
        data = build(reader, shelf)
        around = surroundings(reader, shelf)
        return page(f"catalogue/{name}.html", None, around=around, terms=reader.texts.terms(), **data)

    asked = (request.path, reader.language, *asked_language())
    html = make() if name == "search" else _made.page(shelf, asked, make)
    answer = open_data.kept(html, "text/html; charset=utf-8", personal=login_in_force() is not None)
    answer.vary.update(["Accept-Language", "Cookie"])
    return answer


def _aspect(reader: Reader, code: str) -> dict[str, object]:
    found = reader.framework.aspect(int(code))
    return {"aspect": catalogue_page.aspect(reader, found), "ways": catalogue_page.around_aspect(reader, found)}


def _competency(reader: Reader, code: str) -> dict[str, object]:
    found = reader.framework.competency(code)
    ways = catalogue_page.around_competency(reader, found)
    return {"competency": catalogue_page.competency(reader, found), "ways": ways}


def _indicator(reader: Reader, code: str) -> dict[str, object]:
    found = reader.framework.indicator(code)
    ways = catalogue_page.around_indicator(reader, found)
    return {"shown": catalogue_page.indicator(reader, found), "ways": ways}


def _level(reader: Reader, number: int) -> dict[str, object]:
    found = reader.framework.level(number)
    return {"shown": catalogue_page.level(reader, found), "ways": catalogue_page.around_level(reader, found)}


def _search(reader: Reader) -> dict[str, object]:
    asked = request.args.get("q", "").strip()[:LONGEST]
    found, nearly = reader.index().find(asked, reader.language)
    return {"asked": asked, "hits": catalogue_page.hits(reader, found), "nearly": nearly and bool(found)}


FORMS = {
    "aspect": re.compile(r"[1-9][0-9]?"),
    "competency": re.compile(r"[0-9]{1,2}\.[0-9]{1,2}"),
    "indicator": re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]\.[a-z]"),
}
BUILDERS = {"aspect": _aspect, "competency": _competency, "indicator": _indicator}
