"""`lti-tool platform` and `lti-tool deployment`: which platforms may use the tool.

An invitation *is* the approval, so it is made here, by somebody with a shell; `add` is for platforms without dynamic
registration.
"""

from __future__ import annotations

import dataclasses
import json

import click
from sqlalchemy.orm import Session

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note, registration
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading import channels
from lti_tool.lti import invitations, moving, platforms
from lti_tool.lti.model import Registering
from lti_tool.lti.queries import registrations
from lti_tool.outbound import Outbound
from lti_tool.people import sessions
from lti_tool.relocating import Relocated, relocate

ID = click.argument("registration_id", metavar="ID")


@click.group()
def platform() -> None:
    """Platforms (LMSs) and the tool's registrations with them."""


@platform.command()
@click.option("--hold", is_flag=True, help="The registration waits until `platform enable`.")
def invite(hold: bool) -> None:
    """Prints a one-time registration URL, good for 7 days, to be pasted into the LMS."""
    with opened() as work, unit_of_work(work.sessions) as session:
        url = invitations.invite(session, work.settings.base_url, clock.now(), holds=hold)
        note(session, Action.REGISTRATION_CHANGED, what="invited")
    click.echo(url)


@platform.command()
@click.option("--issuer", required=True, help="The platform's issuer, exactly as it signs (Moodle: its site address).")
@click.option("--client-id", required=True, help="What the platform calls the tool.")
@click.option("--authorization-url", required=True, help="Where logins go (Moodle: .../mod/lti/auth.php).")
@click.option("--token-url", required=True, help="Where access tokens come from (Moodle: .../mod/lti/token.php).")
@click.option("--jwks-url", required=True, help="The platform's key set (Moodle: .../mod/lti/certs.php).")
@click.option("--token-audience", help="Audience of token requests, where it is not the token URL.")
@click.option("--deployment", "deployment_id", help="A deployment id; others by `deployment add`.")
@click.option("--name", default="", help="What lists call the platform.")
def add(
    issuer: str,
    client_id: str,
    authorization_url: str,
    token_url: str,
    jwks_url: str,
    token_audience: str | None,
    deployment_id: str | None,
    name: str,
) -> None:
    """Registers a platform by hand; prints the registration's id. The same issuer and client id are updated."""
    agreed = Registering(
        issuer=issuer,
        client_id=client_id,
        authorization_url=authorization_url,
        token_url=token_url,
        token_audience=token_audience,
        jwks_url=jwks_url,
        name=name,
        deployment_id=deployment_id,
    )
    with opened() as work:
        outbound = Outbound(allow_private=work.settings.allow_private_networks)
        with unit_of_work(work.sessions) as session:
            made = platforms.add(session, outbound, agreed, clock.now())
            _note(session, made, "added")
        click.echo(made)


@platform.command("list")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def list_command(as_json: bool) -> None:
    """Lists all registrations with their deployments."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        found = registrations(session)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        state = "active" if each.active else "inactive"
        click.echo("\t".join([each.id, each.issuer, each.client_id, state, ",".join(each.deployments)]))


@platform.command()
@ID
def enable(registration_id: str) -> None:
    """Lets the registration ID launch and be served."""
    _switch(registration_id, active=True)


@platform.command()
@ID
def disable(registration_id: str) -> None:
    """Refuses launches of the registration ID, ends its platform's sessions, sends nothing to it; deletes nothing."""
    _switch(registration_id, active=False)


@platform.command()
@ID
@click.option("--concurrency", type=int, help="Scores on their way at once, by all workers together.")
@click.option("--rate", metavar="N|none", help="Scores a second, by all workers together; none: as fast as it goes.")
def limit(registration_id: str, concurrency: int | None, rate: str | None) -> None:
    """Sets how much may go at once to the platform of the registration ID."""
    limits: dict[str, int | None] = {} if concurrency is None else {"concurrency": concurrency}
    if rate is not None:
        if rate != "none" and not (rate.isascii() and rate.isdecimal()):
            raise click.BadParameter(f"{rate!r} is neither a number nor none", param_hint="--rate")
        limits["rate"] = None if rate == "none" else int(rate[:9])
    if not limits:
        raise click.UsageError("Say --concurrency, --rate or both.")
    with opened() as work, unit_of_work(work.sessions) as session:
        channels.limit(session, platforms.platform_of(session, registration_id), limits)
        _note(session, registration_id, "limited")


@platform.command()
@ID
@click.argument("issuer", metavar="ISSUER")
@click.option("--dry-run", is_flag=True, help="Says what would have another address; changes nothing.")
@click.option("--other-keys", is_flag=True, help="The LMS has new keys: do not ask at the new address for one it had.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def move(registration_id: str, issuer: str, dry_run: bool, other_keys: bool, as_json: bool) -> None:
    """The LMS of the registration ID is at ISSUER now: its people, courses and grades go on from there.

    All its addresses below the former issuer change in one transaction, and its people's sessions end. Refused where
    the LMS that answers there has no key of this one, or where people have come from there as another platform's.
    """
    with opened() as work:
        outbound = Outbound(allow_private=work.settings.allow_private_networks)
        with unit_of_work(work.sessions, writes=False) as session:
            begun = moving.begin(session, outbound, platforms.platform_of(session, registration_id), issuer)
        if not other_keys:
            moving.check_keys(outbound, begun)
        with unit_of_work(work.sessions) as session:
            done = relocate(session, begun, clock.now())
            _note(session, registration_id, "moved")
            if dry_run:
                session.rollback()
    _print_move(done, as_json)


def _print_move(done: Relocated, as_json: bool) -> None:
    told = dataclasses.asdict(done)
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    for name, value in told.items():
        click.echo(f"{name}\t{' '.join(value) if name == 'left' else value}")


def _switch(registration_id: str, *, active: bool) -> None:
    with opened() as work, unit_of_work(work.sessions) as session:
        platforms.switch(session, registration_id, active=active)
        if not active:
            sessions.end_all_at(session, platforms.platform_of(session, registration_id))
        _note(session, registration_id, "enabled" if active else "disabled")


def _note(session: Session, registration_id: str, what: str) -> None:
    platform_id, subject = platforms.platform_of(session, registration_id), registration(registration_id)
    note(session, Action.REGISTRATION_CHANGED, platform_id=platform_id, subject=subject, what=what)


@click.group()
def deployment() -> None:
    """Deployments of the tool at a platform."""


@deployment.command("list")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list of registration, issuer, deployment_id.")
def list_deployments(as_json: bool) -> None:
    """Lists the deployments of all registrations."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        found = [
            {"registration": each.id, "issuer": each.issuer, "deployment_id": deployment_id}
            for each in registrations(session)
            for deployment_id in each.deployments
        ]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for row in found:
        click.echo("\t".join(row.values()))


@deployment.command("add")
@ID
@click.argument("deployment_id")
def add_deployment(registration_id: str, deployment_id: str) -> None:
    """Accepts launches of DEPLOYMENT_ID under the registration ID."""
    with opened() as work, unit_of_work(work.sessions) as session:
        platforms.add_deployment(session, registration_id, deployment_id, clock.now())
        _note(session, registration_id, "deployment_added")


@deployment.command("remove")
@ID
@click.argument("deployment_id")
def remove_deployment(registration_id: str, deployment_id: str) -> None:
    """Refuses launches of DEPLOYMENT_ID from now on; nothing of its courses is deleted."""
    with opened() as work, unit_of_work(work.sessions) as session:
        platforms.remove_deployment(session, registration_id, deployment_id)
        _note(session, registration_id, "deployment_removed")
