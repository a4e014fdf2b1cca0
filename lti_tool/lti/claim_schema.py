"""The claims that the tool reads, with their types: what does not fit is named, what is unknown is left out.

LTI core 1.3 section 5.3, deep linking 2.0 section 4.4, submission review 1.0, AGS 2.0 and NRPS 2.0.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lti_tool.lti.model import MessageType

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE = CLAIM + "message_type"
VERSION = CLAIM + "version"
DEPLOYMENT_ID = CLAIM + "deployment_id"
ROLES = CLAIM + "roles"
TARGET = CLAIM + "target_link_uri"
RESOURCE_LINK = CLAIM + "resource_link"
FOR_USER = CLAIM + "for_user"
MIGRATION = CLAIM + "lti1p1"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
REQUIRED = (MESSAGE_TYPE, VERSION, DEPLOYMENT_ID, ROLES, TARGET, "sub")

ID_LENGTH = 255
"""LTI core 1.3, sections 5.3.1 and 5.4.1; also the width of the columns."""
NAME_LENGTH = 255
EMAIL_LENGTH = 320

_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
# Control characters, halves of surrogate pairs (no database takes them), and marks that turn the text after them round.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def cleaned(text: str) -> str:
    """One line of text that every database and page can take; markup in it is text and stays."""
    return _UNFIT.sub("", _BREAKS.sub(" ", text)).strip()


def is_clean(text: str) -> bool:
    """Whether an id can be looked up as it is: PostgreSQL takes neither NUL nor halves of surrogate pairs."""
    return cleaned(text) == text


def is_storable(text: str) -> bool:
    """Whether every database takes the text as it is: no NUL in it, no half of a surrogate pair."""
    return not _UNSTORABLE.search(text)


def _text(value: object) -> object:
    return (cleaned(value) or None) if isinstance(value, str) else value


def _name(value: object) -> object:
    return (cleaned(value)[:NAME_LENGTH].rstrip() or None) if isinstance(value, str) else value


def _id(value: object) -> object:
    # With control characters or blanks around it an id is none: a cleaned one would be somebody else's.
    if isinstance(value, str) and not is_clean(value):
        raise ValueError
    return value


def _optional_id(value: object) -> object:
    return (cleaned(value) or None) if isinstance(value, str) else value


def _opaque(value: object) -> object:
    # Goes back as it came, so it cannot be cleaned for the database.
    if isinstance(value, str) and not is_storable(value):
        raise ValueError
    return value


_Text = Annotated[str | None, BeforeValidator(_text)]
_Name = Annotated[str | None, BeforeValidator(_name)]
_Id = Annotated[str, BeforeValidator(_id), Field(min_length=1, max_length=ID_LENGTH)]
_OptionalId = Annotated[
    Annotated[str, Field(max_length=ID_LENGTH)] | None, BeforeValidator(_optional_id), Field(default=None)
]


class Part(BaseModel):
    """What all parts of a message share: exact types, nothing unknown is kept."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Context(Part):
    """The course."""

    id: _Id
    label: _Name = None
    title: _Name = None


class Link(Part):
    """The link that was opened."""

    id: _Id
    title: _Name = None


class Lis(Part):
    """Ids of the institute's own records."""

    person_sourcedid: _OptionalId = None


class Presentation(Part):
    """How the platform shows the tool."""

    locale: _Text = None
    return_url: _Text = None


class Ags(Part):
    """Assignment and Grade Services in this context."""

    scope: list[str] = []
    lineitems: _Text = None
    lineitem: _Text = None


class Nrps(Part):
    """Names and Roles in this context."""

    context_memberships_url: _Text = None


class ForUser(Part):
    """Whose work is to be reviewed."""

    user_id: _Id


class DeepLinking(Part):
    """What the platform takes back from a selection."""

    deep_link_return_url: str
    accept_types: list[str]
    accept_multiple: object = False
    data: Annotated[str | None, BeforeValidator(_opaque)] = None


class Claims(Part):
    """The claims that the tool reads; what else a message holds is ignored."""

    sub: _Id
    message_type: MessageType = Field(alias=MESSAGE_TYPE, strict=False)
    version: Literal["1.3.0"] = Field(alias=VERSION)
    deployment_id: _Id = Field(alias=DEPLOYMENT_ID)
    roles: list[str] = Field(alias=ROLES)
    target: str = Field(alias=TARGET)
    name: _Name = None
    given_name: _Name = None
    family_name: _Name = None
    email: _Text = None
    context: Context | None = Field(alias=CLAIM + "context", default=None)
    link: Link | None = Field(alias=RESOURCE_LINK, default=None)
    lis: Lis | None = Field(alias=CLAIM + "lis", default=None)
    presentation: Presentation | None = Field(alias=CLAIM + "launch_presentation", default=None)
    custom: dict[str, Any] | None = Field(alias=CLAIM + "custom", default=None)
    ags: Ags | None = Field(alias=AGS, default=None)
    nrps: Nrps | None = Field(alias=NRPS, default=None)
    for_user: ForUser | None = Field(alias=FOR_USER, default=None)
    deep_linking: DeepLinking | None = Field(alias=DEEP_LINKING, default=None)
