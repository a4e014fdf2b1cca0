"""Registrations by hand: added, switched on and off, with more deployments or fewer.

For operators and admins, beside dynamic registration; the same addresses are refused here as there.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import PlatformId, PublicId, RegistrationId
from lti_tool.lti import queries, store
from lti_tool.lti.model import Registering
from lti_tool.outbound import AddressRefused, Outbound

ID_LENGTH = 255
NAME_LENGTH = 200
ADDRESSES = ("issuer", "authorization_url", "token_url", "jwks_url")


def add(session: Session, outbound: Outbound, agreed: Registering, now: datetime) -> PublicId:
    """Stores a registration that was agreed on by hand; the same issuer and client id are updated.

    Raises RuleBroken for an address that the tool would not call, and for a missing or too long id.
    """
    for name in ADDRESSES:
        try:
            outbound.check(getattr(agreed, name))
        except AddressRefused as error:
            raise RuleBroken("address_refused", what=name, reason=error.facts.get("reason")) from error
    for field in fields(agreed):
        if field.name.endswith("_id"):
            _check_id(field.name, getattr(agreed, field.name))
    registration_id, _is_new = store.save_registration(session, agreed, now)
    return store.public_id_of(session, registration_id)


def switch(session: Session, public_id: str, *, active: bool) -> None:
    """Switches a registration on or off. Raises NotFound."""
    store.set_active(session, _found(session, public_id), active=active)


def platform_of(session: Session, public_id: str) -> PlatformId:
    """The platform of a registration. Raises NotFound."""
    found = queries.platform_of_registration(session, public_id)
    if found is None:
        raise NotFound("registration_unknown", id=public_id)
    return found


def add_deployment(session: Session, public_id: str, deployment_id: str, now: datetime) -> None:
    """Accepts another deployment of a registration. Raises NotFound, RuleBroken where it is there already."""
    registration_id = _found(session, public_id)
    _check_id("deployment_id", deployment_id)
    if not store.add_deployment(session, registration_id, deployment_id, now):
        raise RuleBroken("deployment_exists", deployment_id=deployment_id)


def name_deployment(session: Session, public_id: str, deployment_id: str, name: str) -> None:
    """Calls a deployment so in lists. Raises NotFound, RuleBroken."""
    told = " ".join(name.split())
    if len(told) > NAME_LENGTH or not told.isprintable():
        raise RuleBroken("deployment_name_faulty", most=NAME_LENGTH)
    if not store.name_deployment(session, _found(session, public_id), deployment_id, told):
        raise NotFound("deployment_unknown", deployment_id=deployment_id)


def remove_deployment(session: Session, public_id: str, deployment_id: str) -> None:
    """Accepts a deployment no longer. Raises NotFound."""
    if not store.remove_deployment(session, _found(session, public_id), deployment_id):
        raise NotFound("deployment_unknown", deployment_id=deployment_id)


def _found(session: Session, public_id: str) -> RegistrationId:
    found = store.find_registration(session, public_id)
    if found is None:
        raise NotFound("registration_unknown", id=public_id)
    return found


def _check_id(name: str, value: str | None) -> None:
    if value is not None and (not value.strip() or len(value) > ID_LENGTH or not value.isprintable()):
        raise RuleBroken("id_faulty", what=name, length=len(value), most=ID_LENGTH)
