"""The REST interface of CASE 1.0: the requirements for catalogues, repositories and learning platforms."""

from __future__ import annotations

import json
from functools import lru_cache
from urllib.parse import urlencode

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from lti_tool.catalogue.bookshelf import Bookshelf, bookshelf, exchange_of
from lti_tool.catalogue.case import KINDS, ROOT
from lti_tool.catalogue.case_asking import Chosen, choose
from lti_tool.catalogue.case_ids import is_guid
from lti_tool.errors import NotFound
from lti_tool.web import machine_errors, open_data
from lti_tool.web.auth import Permission, requires
from lti_tool.web.database import db
from lti_tool.web.machine_errors import Refusal
from lti_tool.web.tool import tool

bp = Blueprint("case", __name__, url_prefix=ROOT)
open_data.open_to_any_origin(bp)

JSON = "application/json"
REQUIRED = ("identifier", "uri", "creator", "title", "lastChangeDateTime")
FIELDS = (*REQUIRED, "officialSourceURL", "publisher", "description", "subject", "subjectURI", "language", "version",
          "adoptionStatus", "statusStartDate", "statusEndDate", "licenseURI", "notes", "CFPackageURI")  # fmt: skip
"""What a CFDocument may have."""
MINOR = {400: "invalid_selection_field", 401: "unauthorisedrequest", 403: "forbidden", 429: "server_busy",
         500: "internal_server_error", 503: "server_busy"}  # fmt: skip
"""The standard's word for a status."""


@bp.get("/CFDocuments")
@requires(Permission.PUBLIC)
def documents() -> ResponseReturnValue:
    """All documents, page by page."""
    records = tuple(exchange_of(bookshelf(db()), _base())["CFDocuments"].values())
    chosen = choose(records, request.args, FIELDS, REQUIRED)
    answer = open_data.kept(_json({"CFDocuments": list(chosen.records)}), JSON)
    answer.headers["X-Total-Count"] = str(chosen.total)
    answer.headers["Link"] = _links(chosen)
    return answer


@bp.get("/<kind>/<sourced_id>")
@requires(Permission.PUBLIC)
def one(kind: str, sourced_id: str) -> ResponseReturnValue:
    """One thing by its GUID."""
    if kind not in KINDS:
        raise NotFound("http_404")
    if not is_guid(sourced_id):
        raise NotFound("invaliduuid", field="sourcedId")
    return open_data.kept(_body(bookshelf(db()), _base(), kind, sourced_id), JSON)


@bp.route("/", defaults={"_rest": ""}, methods=["GET"])
@bp.route("/<path:_rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@requires(Permission.PUBLIC)
def nothing(_rest: str) -> ResponseReturnValue:
    """Every other address, and every way to change something: there is none, and programs are told so in JSON."""
    if request.method != "GET":
        raise MethodNotAllowed(["GET", "HEAD", "OPTIONS"])
    raise NotFound("http_404")


@lru_cache(maxsize=512)
def _body(shelf: Bookshelf, base: str, kind: str, guid: str) -> bytes:
    found = exchange_of(shelf, base)[kind].get(guid)
    if found is None:
        raise NotFound("unknownobject", field="sourcedId")
    return _json(found)


def _base() -> str:
    return tool().settings.base_url


def _json(record: object) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def _links(chosen: Chosen) -> str:
    """The other pages, as RFC 8288 writes them."""
    asked = {name: value for name, value in request.args.items() if name not in {"limit", "offset"}}
    here = f"{_base()}{ROOT}/CFDocuments"
    return ", ".join(
        f'<{here}?{urlencode(asked | {"limit": str(chosen.limit), "offset": str(offset)})}>; rel="{name}"'
        for name, offset in chosen.others().items()
    )


def _status_info(refusal: Refusal) -> object:
    """The standard's imsx_StatusInfo."""
    standard = {"invaliduuid", "unknownobject", "invalid_sort_field", "invalid_selection_field"}
    minor = refusal.code if refusal.code in standard else MINOR.get(refusal.status, "unknownobject")
    said = {"invaliduuid": "Invalid UUID", "unknownobject": "Unknown Object"}.get(minor, refusal.code)
    name = str(refusal.facts.get("field", "TargetEndSystem"))
    return {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": f"{said} ({refusal.reference})",
        "imsx_codeMinor": {
            "imsx_codeMinorField": [{"imsx_codeMinorFieldName": name, "imsx_codeMinorFieldValue": minor}]
        },
    }


machine_errors.install(bp, _status_info)
