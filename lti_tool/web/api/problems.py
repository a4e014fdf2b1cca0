"""What is refused, as RFC 9457 says it: `application/problem+json` with a type that opens to an explanation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from lti_tool.errors import ToolError
from lti_tool.web.api.address import PAGE
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.tool import tool

MEDIA_TYPE = "application/problem+json"


class Fault(BaseModel):
    """What is wrong with one parameter."""

    model_config = ConfigDict(extra="forbid")

    parameter: str
    detail: str


class Problem(BaseModel):
    """Why a call was refused (RFC 9457)."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)

    type: str = Field(description="Names the kind of problem; opens to its explanation.")
    title: str
    status: int
    detail: str
    errors: list[Fault] = Field(default=[], description="Parameters that are wrong.")
    reference: str | None = Field(default=None, description="Stands in the tool's log, too.")


class Refused(ToolError):
    """A call that is not answered with data."""

    def __init__(
        self, code: str, errors: tuple[Fault, ...] = (), headers: Mapping[str, str] | None = None, **facts: object
    ) -> None:
        super().__init__(code, **facts)
        self.errors = errors
        self.headers = dict(headers or {})


KINDS: dict[str, tuple[int, Callable[[], str], Callable[[], str]]] = {
    "parameters": (
        400,
        lambda: _("A parameter is wrong"),
        lambda: _("What is wrong with which parameter stands in “errors”."),
    ),
    "refused": (400, lambda: _("The call cannot be read"), lambda: _("The call cannot be read as it was sent.")),
    "unauthorized": (
        401,
        lambda: _("A token is needed"),
        lambda: _("Send the header “Authorization: Bearer …” with a token that holds."),
    ),
    "not-found": (
        404,
        lambda: _("Not there"),
        lambda: _("There is no such thing, or it belongs to another platform than the token."),
    ),
    "method": (405, lambda: _("This method is not known here"), lambda: _("The API only reads: use GET or HEAD.")),
    "not-acceptable": (
        406,
        lambda: _("Only JSON is served"),
        lambda: _("The header “Accept” must allow “application/json”."),
    ),
    "too-many-calls": (
        429,
        lambda: _("Too many calls"),
        lambda: _(
            "This token has made all its calls of this minute. “Retry-After” says in how many seconds it goes on."
        ),
    ),
    "error": (500, lambda: _("Something went wrong"), lambda: _("Tell the operator the reference.")),
    "unavailable": (
        503,
        lambda: _("The database does not answer"),
        lambda: _("Ask again after the seconds in “Retry-After”."),
    ),
}
"""Every kind with its status, its name, and what to do."""
_BY_STATUS = {401: "unauthorized", 404: "not-found", 405: "method", 503: "unavailable"}


def kind_of(status: int) -> str:
    """The kind that fits a status which something outside the API has chosen."""
    return _BY_STATUS.get(status, "error" if status >= 500 else "refused")


def answer(
    kind: str, errors: tuple[Fault, ...] = (), reference: str | None = None, status: int | None = None
) -> Response:
    """A problem of this kind."""
    usual, title, detail = KINDS[kind]
    problem = Problem(
        type=f"{tool().settings.base_url}{PAGE}#{kind}",
        title=title(),
        status=status or usual,
        detail=detail(),
        errors=list(errors),
        reference=reference,
    )
    response = Response(problem.model_dump_json(), status or usual, content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = current_locale()
    return response
