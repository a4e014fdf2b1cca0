"""What calls may ask for: each endpoint's parameters as a model, by which they are read and described."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from werkzeug.datastructures import MultiDict

from lti_tool.grading.model import DeliveryState
from lti_tool.web.api.problems import Fault, Refused
from lti_tool.web.i18n import gettext as _

MOST = 200
PUBLIC_ID = "^[2-9a-hjkmnp-z]{16}$"
_WHOLE = re.compile(r"[0-9]{1,6}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_FRACTION = re.compile(r"(\.\d{6})\d+")


def _whole(value: object) -> object:
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            raise ValueError("no whole number")
        return int(value)
    return value


def _moment(value: object) -> object:
    """Only RFC 3339: a number is no moment here, and a moment without its offset is none."""
    if not isinstance(value, str):
        return value
    if not _MOMENT.fullmatch(value):
        raise ValueError("no moment")
    plain = _FRACTION.sub(r"\1", value.upper())
    # A leap second is the last that the clock of this house knows.
    moment = datetime.fromisoformat(plain[:17] + "59" + plain[19:] if plain[17:19] == "60" else plain)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


def _printable(value: str) -> str:
    if "\0" in value:
        raise ValueError("NUL")
    return value


Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"}, mode="validation")
]
Text = Annotated[str, Field(min_length=1, max_length=320), AfterValidator(_printable)]
PublicIdText = Annotated[str, Field(pattern=PUBLIC_ID)]
Limit = Annotated[int, Field(ge=1, le=MOST), BeforeValidator(_whole)]


class Query(BaseModel):
    """Parameters of a call; one that is not named here is refused, so that a slip is not read as no filter."""

    model_config = ConfigDict(extra="forbid")


class ListQuery(Query):
    """Parameters of every list."""

    limit: Limit = 50
    cursor: str | None = Field(default=None, max_length=200)


class CoursesQuery(ListQuery):
    """Which courses."""

    closed: Literal["true", "false"] | None = None
    created_since: Moment | None = None
    lms_id: Text | None = None


class PersonsQuery(ListQuery):
    """Which persons."""

    updated_since: Moment | None = None
    email: Text | None = None
    id_number: Text | None = None
    lms_id: Text | None = None


Reason = Literal[
    "newer_there",
    "outdated",
    "unconfirmed",
    "perhaps_locked",
    "refused",
    "line_item_gone",
    "forbidden",
    "outage",
    "differs",
    "failed",
]
"""Every `grading.model.Answer` that is none of success; a test compares them."""


class DeliveriesQuery(ListQuery):
    """Which deliveries."""

    state: DeliveryState | None = None
    reason: Reason | None = None
    course: PublicIdText | None = None
    person: PublicIdText | None = None
    wanted_since: Moment | None = None


class VersionQuery(Query):
    """Which version of the requirements; the newest by default."""

    version: Text | None = None


Wanted = TypeVar("Wanted", bound=Query)


def read(model: type[Wanted], given: MultiDict[str, str]) -> Wanted:
    """The parameters of a call. Raises Refused("parameters") with every one that is wrong."""
    twice = [name for name, values in given.lists() if len(values) > 1]
    if twice:
        raise refusal({name: _("It is given more than once.") for name in twice})
    try:
        return model.model_validate(given.to_dict())
    except ValidationError as error:
        raise refusal({str(fault["loc"][0]): _sentence(model, fault) for fault in error.errors()}) from error


def refusal(faults: Mapping[str, str]) -> Refused:
    """What to raise where parameters are wrong: by name, what is."""
    return Refused("parameters", tuple(Fault(parameter=name[:60], detail=why) for name, why in faults.items()))


def _sentence(model: type[Query], fault: Any) -> str:  # noqa: ANN401  pydantic's own description of a fault
    if fault["type"] == "extra_forbidden":
        known = ", ".join(model.model_fields)
        return _("It is not known here. Known are: %(known)s.", known=known or "–")
    name = str(fault["loc"][0])
    if name == "limit":
        return _("A whole number from 1 to %(most)s is expected.", most=MOST)
    if name.endswith("_since"):
        return _("A moment is expected like 2026-09-01T00:00:00Z.")
    expected = fault.get("ctx", {}).get("expected")
    if expected:
        return _("Expected is one of: %(values)s.", values=expected)
    return _("It cannot be read.")
