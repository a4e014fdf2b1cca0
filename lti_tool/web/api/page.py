"""The page about the API, for people: made of the same definitions as the API itself."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from lti_tool.web.api import words
from lti_tool.web.api.address import PREFIX
from lti_tool.web.api.endpoints import ENDPOINTS, Endpoint
from lti_tool.web.api.problems import KINDS
from lti_tool.web.i18n import current_locale
from lti_tool.web.sentences import LOCALES


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """A parameter and what it means."""

    name: str
    means: str
    values: str
    """What can be chosen; empty where that is open."""


@dataclass(frozen=True, slots=True)
class EndpointPart:
    """An endpoint as the page tells it."""

    name: str
    path: str
    tells: str
    parameters: tuple[ParameterLine, ...]


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A kind of problem."""

    kind: str
    status: int
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The page in another language."""

    code: str
    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class AboutPage:
    """The page."""

    about: str
    address: str
    example: str
    openapi_url: str
    endpoints: tuple[EndpointPart, ...]
    problems: tuple[ProblemLine, ...]
    languages: tuple[LanguageLink, ...]


def build(base_url: str) -> AboutPage:
    """The page of a tool at this address."""
    address = f"{base_url}{PREFIX}"
    return AboutPage(
        about=words.about(),
        address=address,
        example=f'curl -H "Authorization: Bearer $TOKEN" "{address}/courses?limit=50"',
        openapi_url=url_for("api.openapi"),
        endpoints=tuple(_part(each) for each in ENDPOINTS),
        problems=tuple(ProblemLine(kind, status, title(), detail()) for kind, (status, title, detail) in KINDS.items()),
        languages=tuple(
            LanguageLink(code, name, url_for("api.about", lang=code), code == current_locale())
            for code, name in LOCALES.items()
        ),
    )


def _part(endpoint: Endpoint) -> EndpointPart:
    described = endpoint.query.model_json_schema(mode="validation")
    kinds = described.get("$defs", {})
    in_query = [
        ParameterLine(name, words.PARAMETERS[name](), ", ".join(_values(schema, kinds)))
        for name, schema in described.get("properties", {}).items()
    ]
    in_path = [ParameterLine(name, words.PARAMETERS[name](), "") for name in endpoint.named]
    return EndpointPart(endpoint.name, f"{PREFIX}{endpoint.template}", endpoint.tells(), (*in_path, *in_query))


def _values(schema: dict[str, object], kinds: dict[str, dict[str, list[str]]]) -> list[str]:
    """The values that can be chosen, where they are few."""
    choices = schema.get("anyOf")
    for choice in choices if isinstance(choices, list) else ():
        if "$ref" in choice:
            return kinds[choice["$ref"].rpartition("/")[2]]["enum"]
        if "enum" in choice:
            return list(choice["enum"])
    return []
