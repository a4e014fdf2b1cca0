"""A platform moves to another address: the same LMS, so its people, their `sub`s and its courses stay what they are.

Nothing of an LMS is told by its address but where it is: who launches from the new one is known again. That it is the
same LMS is believed where it answers there with a key that it signed with before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.errors import PlatformUnavailable, RuleBroken
from lti_tool.ids import PlatformId
from lti_tool.lti import moving_store as store
from lti_tool.lti import queries
from lti_tool.lti.model import Move
from lti_tool.lti.tables import PlatformRow, RegistrationRow
from lti_tool.outbound import AddressRefused, Outbound

SECONDS = 5.0
ADDRESSES = ("authorization_url", "token_url", "token_audience", "jwks_url")


@dataclass(frozen=True, slots=True)
class Begun:
    """A move as it was asked for, before anything was changed: what is there, and who answers."""

    move: Move
    platform_id: PlatformId
    key_sets: tuple[str, ...]
    """Where the LMS's keys will be."""
    known: frozenset[str]
    """The keys that it was known by."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move changed of registrations and services, and which addresses lay elsewhere and stay."""

    registrations: int
    courses: int
    left: tuple[str, ...]


def begin(session: Session, outbound: Outbound, platform_id: PlatformId, issuer: str) -> Begun:
    """Judges a move. Raises RuleBroken for an address that is the present one, or that the tool would not call."""
    move = Move(queries.issuers(session)[platform_id], issuer)
    if move.former == move.new:
        raise RuleBroken("issuer_same", issuer=issuer)
    rows = store.registration_rows(session, platform_id)
    for name, url in [("issuer", issuer), *((name, move.of(url)) for name, url in _addresses(rows))]:
        try:
            outbound.check(url)
        except AddressRefused as error:
            raise RuleBroken("address_refused", what=name, reason=error.facts.get("reason")) from error
    former = [row.jwks_url for row in rows]
    key_sets = tuple(sorted({move.of(url) for url in former}))
    return Begun(move, platform_id, key_sets, store.known_kids(session, former))


def check_keys(outbound: Outbound, begun: Begun) -> None:
    """Asks who is there. Raises PlatformError where nobody answers, RuleBroken where it has no key that we know."""
    if not begun.known:
        return
    for url in begun.key_sets:
        document = outbound.get_json(url, timeout=SECONDS)
        keys = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(keys, list):
            raise PlatformUnavailable("not_a_key_set", url=url)
        if not begun.known & {str(key.get("kid")) for key in keys if isinstance(key, dict)}:
            raise RuleBroken("keys_of_another", url=url)


def move_registrations(session: Session, begun: Begun) -> Moved:
    """The platform is at its new address from now on; its access tokens are forgotten.

    Who registered from the new address before the move, and has neither people nor courses, gives its registrations
    over. Raises RuleBroken where it has.
    """
    move = begun.move
    rows = store.platform_rows(session, (move.former_issuer, move.issuer))
    platform = rows[move.former_issuer]
    other = rows.get(move.issuer)
    if other is not None:
        _take_over(session, other, platform)
        # No two may have the same, not for a moment either.
        other.issuer = ""
        session.flush()
    platform.issuer = move.issuer
    session.flush()
    if other is not None:
        other.issuer = move.former_issuer
    registrations = store.registration_rows(session, platform.id)
    left = [url for _name, url in _addresses(registrations) if move.of(url) == url and not _is_below(url, move.new)]
    for row in registrations:
        for name in ADDRESSES:
            url = getattr(row, name)
            setattr(row, name, url if url is None else move.of(url))
    store.forget_tokens(session, [row.id for row in registrations])
    session.flush()
    return Moved(len(registrations), store.move_services(session, begun.platform_id, move), tuple(sorted(set(left))))


def _take_over(session: Session, other: PlatformRow, platform: PlatformRow) -> None:
    """The registrations of `other` become those of `platform`; what is left of it is known by the former address."""
    if store.is_used(session, other.id):
        raise RuleBroken("issuer_taken", issuer=other.issuer)
    own = {row.client_id: row for row in store.registration_rows(session, platform.id)}
    for row in store.registration_rows(session, other.id):
        if row.client_id in own:
            store.give_deployments(session, row, own[row.client_id])
            row.active = False
        else:
            row.platform_id = platform.id


def _addresses(rows: list[RegistrationRow]) -> Iterator[tuple[str, str]]:
    for row in rows:
        yield from ((name, url) for name in ADDRESSES if (url := getattr(row, name)) is not None)


def _is_below(url: str, prefix: str) -> bool:
    return Move(prefix, "").of(url) != url
