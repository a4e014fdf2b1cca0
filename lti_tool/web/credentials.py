"""Badges for programs that check them: the badge itself, who issued it, the keys, and the lists of revoked ones.

Anybody may ask, from any origin and without a session: who knows a badge's id was given it by its person. Nothing here
names anybody. A browser that follows a badge's address is told what it is and what to do with it.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.catalogue.bookshelf import bookshelf, edition_of
from lti_tool.credentials import badge, badge_queries, keyring, queries, status_list
from lti_tool.credentials.badge import Place
from lti_tool.credentials.keyring import CredentialKeys
from lti_tool.credentials.model import Credential
from lti_tool.errors import NotFound
from lti_tool.web import badge_page, badge_words, machine_errors, open_data, rates
from lti_tool.web.auth import Permission, requires
from lti_tool.web.database import db
from lti_tool.web.machine_errors import Refusal
from lti_tool.web.rendering import page
from lti_tool.web.sentences import LOCALES
from lti_tool.web.tool import tool

bp = Blueprint("credentials", __name__, url_prefix="/credentials")
open_data.open_to_any_origin(bp)
rates.limit_by_address(bp)

JSON = "application/json"
JWT = "application/vc+jwt"
KINDS = (JWT, "application/jwt", "text/plain", JSON, "application/ld+json", "application/vc", "text/html")
"""In which forms a badge is given; who asks for anything gets the first."""


@bp.get("/<credential>")
@requires(Permission.PUBLIC)
def show(credential: str) -> ResponseReturnValue:
    """A badge in the form that is asked for: signed (VC-JWT), as plain JSON, or a page that says what to do with it."""
    wanted = request.accept_mimetypes.best_match(KINDS, JWT)
    found = _badge(credential)
    if wanted == "text/html":
        shown = page("badge.html", badge=badge_page.public_page(db(), found, clock.now()))
        answer = Response(shown, content_type="text/html; charset=utf-8")
    else:
        answer = open_data.kept(*_form(found, wanted or JWT))
    answer.vary.update(["Accept", "Accept-Language"])
    return answer


@bp.get("/<credential>.<ending>")
@requires(Permission.PUBLIC)
def file(credential: str, ending: str) -> ResponseReturnValue:
    """A badge as a file to keep: `jwt` is the signed one that others check, `json` the same to read."""
    if ending not in {"jwt", "json"}:
        raise NotFound("http_404")
    answer = open_data.kept(*_form(_badge(credential), JWT if ending == "jwt" else JSON))
    answer.headers["Content-Disposition"] = f'attachment; filename="badge-{credential}.{ending}"'
    return answer


@bp.get("/issuer")
@requires(Permission.PUBLIC)
def issuer() -> ResponseReturnValue:
    """Who issues badges, as an Open Badges profile."""
    context = {"@context": badge.CONTEXT}
    return open_data.kept(_json(context | badge.profile(_base(), badge_words.issuer())), JSON)


@bp.get("/jwks")
@requires(Permission.PUBLIC)
def jwks() -> ResponseReturnValue:
    """All public keys that ever signed a badge."""
    return open_data.kept(_json(keyring.key_set(db(), _base())), "application/jwk-set+json")


@bp.get("/keys/<kid>")
@requires(Permission.PUBLIC)
def key(kid: str) -> ResponseReturnValue:
    """One public key: the address that the head of a badge names."""
    found = next((each for each in keyring.listed(db()) if each.kid == kid), None)
    if found is None:
        raise NotFound("key_unknown")
    named = found.public_jwk | {"kid": keyring.address_of(_base(), kid)}
    return open_data.kept(_json(named), "application/jwk+json")


@bp.get("/status/<int:number>")
@requires(Permission.PUBLIC)
def status(number: int) -> ResponseReturnValue:
    """A list of what was revoked, signed (Bitstring Status List 1.0)."""
    if not badge_queries.has_status_list(db(), number):
        raise NotFound("status_list_unknown")
    now = clock.now()
    kid = tool().credential_keys.signing_key(db(), now)
    hour = now.replace(minute=0, second=0, microsecond=0)
    revoked = badge_queries.revoked_places(db(), number)
    return open_data.kept(_status_list(tool().credential_keys, kid, _base(), number, revoked, hour), JWT)


@bp.get("/achievements/<framework>/<version>/<code>/<int:level>/<language>")
@requires(Permission.PUBLIC)
def achievement(framework: str, version: str, code: str, level: int, language: str) -> ResponseReturnValue:
    """What a badge is given for: one level of one competency."""
    if language not in LOCALES:
        raise NotFound("http_404")
    held = bookshelf(db()).volume(framework, version).framework
    competency = held.competency(code)
    place = Place(_base(), held, edition_of(held.version), competency, held.level(level), language)
    if not competency.of_level(level):
        raise NotFound("level_unknown")
    told = badge.achievement(place, badge_words.words_of(place), badge_words.issuer())
    return open_data.kept(_json({"@context": badge.CONTEXT} | told), JSON)


@lru_cache(maxsize=64)
def _status_list(
    keys: CredentialKeys, kid: str, base: str, number: int, revoked: tuple[int, ...], hour: datetime
) -> str:
    """Signing takes a millisecond, and everybody who checks a badge asks."""
    return keys.sign(kid, status_list.claims(base, number, revoked, hour))


def _badge(public_id: str) -> Credential:
    found = queries.find(db(), public_id)
    if found is None or found.signed is None:
        raise NotFound("credential_unknown", check=badge_words.check_address(public_id))
    return found


def _form(found: Credential, wanted: str) -> tuple[str | bytes, str]:
    """The badge as it was signed, or the part that says what it states."""
    signed = found.signed or ""
    if wanted in KINDS[:3]:
        return signed, wanted if wanted != "text/plain" else "text/plain; charset=utf-8"
    return badge.payload_of(signed), wanted


def _base() -> str:
    return tool().settings.base_url


def _json(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _error(refusal: Refusal) -> object:
    more = {"check": refusal.facts["check"]} if "check" in refusal.facts else {}
    return {"error": refusal.code, "reference": refusal.reference, **more}


machine_errors.install(bp, _error)
