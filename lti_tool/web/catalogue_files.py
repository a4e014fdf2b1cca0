"""The requirements as files: our own JSON, and the competency framework that Moodle imports."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from lti_tool.catalogue.bookshelf import Volume, bookshelf
from lti_tool.catalogue.moodle_csv import ScaleWords, moodle_csv
from lti_tool.competency.framework import Framework
from lti_tool.web import machine_errors, open_data
from lti_tool.web.auth import Permission, requires
from lti_tool.web.database import db
from lti_tool.web.machine_errors import Refusal
from lti_tool.web.sentences import DEFAULT_LOCALE, LOCALES, translations

bp = Blueprint("catalogue_files", __name__, url_prefix="/framework")
open_data.open_to_any_origin(bp)

OF_A_VERSION = "/versions/<framework>/<version>"


@bp.get("/catalogue.json", defaults={"framework": None, "version": None})
@bp.get(f"{OF_A_VERSION}/catalogue.json")
@requires(Permission.PUBLIC)
def catalogue_json(framework: str | None, version: str | None) -> ResponseReturnValue:
    """The catalogue as `lti-tool framework export` writes it."""
    volume = bookshelf(db()).volume(framework, version)
    return _named(open_data.kept(volume.file, "application/json"), volume.framework, "json")


@bp.get("/moodle.csv", defaults={"framework": None, "version": None})
@bp.get(f"{OF_A_VERSION}/moodle.csv")
@requires(Permission.PUBLIC)
def moodle(framework: str | None, version: str | None) -> ResponseReturnValue:
    """The file for Moodle's *Import competency framework*, in the language `lang`, else in the official one."""
    volume, asked = bookshelf(db()).volume(framework, version), request.args.get("lang", DEFAULT_LOCALE)
    language = asked if asked in LOCALES else DEFAULT_LOCALE
    answer = open_data.kept(_moodle(volume, language), "text/csv; charset=utf-8")
    return _named(answer, volume.framework, f"{language}.csv")


@lru_cache(maxsize=64)
def _moodle(volume: Volume, language: str) -> bytes:
    return moodle_file(volume.framework, language).encode()


def moodle_file(framework: Framework, language: str) -> str:
    """The file in one of our languages; commands write it, too, so it needs neither request nor application."""
    _ = translations(language).gettext
    words = ScaleWords(
        not_shown=_("not shown"),
        emerging=_("emerging"),
        shown=_("shown"),
        convincing=_("convincing"),
        below=_("below basic"),
    )
    return moodle_csv(framework, language, words)


def _named(answer: Response, framework: Framework, ending: str) -> Response:
    name = f"{framework.framework}-{framework.version}.{ending}"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _error(refusal: Refusal) -> object:
    return {"error": refusal.code, "reference": refusal.reference}


machine_errors.install(bp, _error)
