"""The OpenAPI document, made of the same definitions by which calls are read and answered."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from pydantic.json_schema import models_json_schema

from lti_tool import __version__
from lti_tool.web.api import words
from lti_tool.web.api.address import PREFIX
from lti_tool.web.api.endpoints import ENDPOINTS, Endpoint
from lti_tool.web.api.parameters import PUBLIC_ID
from lti_tool.web.api.problems import KINDS, MEDIA_TYPE, Problem
from lti_tool.web.i18n import speaking

REFERENCE = "#/components/schemas/{model}"
LANGUAGE = "en"
ALWAYS = ("unauthorized", "parameters", "not-acceptable", "too-many-calls")
LIMIT_HEADERS = ("RateLimit", "RateLimit-Policy")


@lru_cache(1)
def document(base_url: str) -> str:
    """The document for a tool at this address. It does not change while the tool runs."""
    with speaking(LANGUAGE):
        return json.dumps(_document(base_url), ensure_ascii=False)


def _document(base_url: str) -> dict[str, Any]:
    models = [(endpoint.answer, "serialization") for endpoint in ENDPOINTS] + [(Problem, "serialization")]
    _names, schemas = models_json_schema(models, ref_template=REFERENCE)  # type: ignore[arg-type]  # modes are literals
    return {
        "openapi": "3.1.0",
        "info": {"title": words.TITLE, "version": __version__, "description": words.about()},
        "servers": [{"url": base_url + PREFIX}],
        "security": [{"token": []}],
        "paths": {endpoint.template: {"get": _operation(endpoint)} for endpoint in ENDPOINTS},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "headers": {name: _header(name) for name in words.HEADERS},
            "parameters": {name: _asked(name) for name in words.ASKED},
            "responses": {kind: _problem(kind) for kind in KINDS},
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "operationId": endpoint.name,
        "summary": endpoint.tells(),
        "parameters": [*map(_in_path, endpoint.named), *_in_query(endpoint), *_in_header()],
        "responses": {"200": _good(endpoint), "304": _unchanged(), **_refusals(endpoint)},
    }


def _in_path(name: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": PUBLIC_ID, "format": f"{name}-id"}
    return {"name": name, "in": "path", "required": True, "description": words.PARAMETERS[name](), "schema": schema}


def _in_query(endpoint: Endpoint) -> list[dict[str, Any]]:
    described = endpoint.query.model_json_schema(mode="validation")
    kinds = described.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": words.PARAMETERS[name](),
            "schema": _plain(schema, kinds) | ({"format": f"{endpoint.name}-cursor"} if name == "cursor" else {}),
        }
        for name, schema in described.get("properties", {}).items()
    ]


def _in_header() -> list[dict[str, Any]]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in words.ASKED]


def _asked(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": words.ASKED[name], "schema": {"type": "string"}}


def _plain(schema: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema by itself: one that may be left out is no null in an address, and nothing refers to it."""
    outer = {key: value for key, value in schema.items() if key not in {"anyOf", "title"} and value is not None}
    inner: dict[str, Any] = next((each for each in schema.get("anyOf", []) if each.get("type") != "null"), {})
    merged = {**inner, **outer}
    if "$ref" in merged:
        kind = kinds[merged.pop("$ref").rpartition("/")[2]]
        merged |= {key: kind[key] for key in ("type", "enum")}
    return merged


def _good(endpoint: Endpoint) -> dict[str, Any]:
    name = endpoint.answer.__name__.replace("[", "_").replace("]", "_")
    names = ["ETag", "Content-Language", "Cache-Control", *LIMIT_HEADERS, *(["Link"] if endpoint.is_list else [])]
    return {
        "description": endpoint.tells(),
        "headers": _headers(*names),
        "content": {"application/json": {"schema": {"$ref": REFERENCE.format(model=name)}}},
    }


def _unchanged() -> dict[str, Any]:
    return {"description": words.UNCHANGED, "headers": _headers("ETag", *LIMIT_HEADERS)}


def _refusals(endpoint: Endpoint) -> dict[str, Any]:
    kinds = [*ALWAYS, "not-found"] if endpoint.named or "course" in endpoint.query.model_fields else list(ALWAYS)
    if "version" in endpoint.query.model_fields:
        kinds.append("not-found")
    return {
        str(KINDS[kind][0]): {"$ref": f"#/components/responses/{kind}"} for kind in [*kinds, "method", "unavailable"]
    }


def _problem(kind: str) -> dict[str, Any]:
    _status, title, _detail = KINDS[kind]
    named = {"unauthorized": ["WWW-Authenticate"], "too-many-calls": ["Retry-After", *LIMIT_HEADERS]}
    named["unavailable"] = ["Retry-After"]
    return {
        "description": title(),
        "headers": _headers("Content-Language", *named.get(kind, [])),
        "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}},
    }


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _header(name: str) -> dict[str, Any]:
    required = name not in {"Link"}
    schema = {"type": "integer", "minimum": 1} if name == "Retry-After" else {"type": "string", "minLength": 1}
    return {"description": words.HEADERS[name], "required": required, "schema": schema}
