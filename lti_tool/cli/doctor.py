"""`lti-tool doctor`: is everything as it should be, and what is to be done where it is not.

Looks and changes nothing: it makes no database, no key, no schema, and sends no secret. What cannot be looked at
because something before it is wrong is left out, for it would only repeat that.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

import click
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from lti_tool import clock
from lti_tool.cli import door_findings, findings, platform_findings
from lti_tool.cli.findings import Finding, Outcome
from lti_tool.cli.platform_findings import PROMISE, Workers
from lti_tool.competency.versions import reviews
from lti_tool.credentials import keyring as badge_keys
from lti_tool.db import inspection, schema
from lti_tool.db.unit_of_work import SessionFactory, make_session_factory, unit_of_work
from lti_tool.errors import SettingsFaulty
from lti_tool.grading.watch_queries import left_lying, worker_seen
from lti_tool.lti import keyring, own_door
from lti_tool.lti.queries import registrations
from lti_tool.lti.reaching import reach
from lti_tool.lti.watch_queries import grants
from lti_tool.outbound import Outbound
from lti_tool.settings import Settings
from lti_tool.watching import figures


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As a JSON list of check, about, outcome, tells, to_do.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Checks settings, database, clock, keys, platforms and grades; says what to do.

    One line per check: ok, note (worth knowing) or WRONG. Exit status 1 where anything is wrong. Changes nothing.
    """
    found = []
    for each in examine():
        found.append(each)
        if not as_json:
            # At once: some of the checks wait for other machines.
            click.echo(each.line)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in found], ensure_ascii=False, indent=2))
    context.exit(1 if any(each.outcome is Outcome.WRONG for each in found) else 0)


def examine() -> Iterator[Finding]:
    """All findings, in an order in which what is wrong explains what comes after it."""
    try:
        settings = Settings.load()
    except SettingsFaulty as faulty:
        yield from (findings.wrong("settings", fault, "see config/default.toml") for fault in faulty.faults)
        return
    yield from findings.of_settings(settings)
    try:
        yield from _database(settings)
    except (ArgumentError, ImportError) as error:
        yield findings.wrong("database", _first_line(error), "mend LTI_TOOL_DATABASE_URL")
    except SQLAlchemyError as error:
        yield findings.wrong("database", _first_line(error), "is it running, and LTI_TOOL_DATABASE_URL right?")


def _database(settings: Settings) -> Iterator[Finding]:
    missing = inspection.missing_file(settings.database)
    if missing is not None:
        yield findings.wrong("database", f"no file {missing}", "lti-tool db upgrade makes it")
        return
    engine = inspection.impatient_engine(settings.database)
    try:
        sessions = make_session_factory(engine)
        schema.check_current(sessions)
        yield findings.of_schema(inspection.shown(settings.database), schema.newest(), schema.later(sessions))
        own_clock = engine.dialect.name == "postgresql"
        yield findings.of_clock(inspection.ahead(sessions), own=own_clock)
        yield from _inside(settings, sessions)
    except SettingsFaulty as behind:
        yield from (findings.wrong("database", fault, "lti-tool db upgrade") for fault in behind.faults)
    finally:
        engine.dispose()


def _inside(settings: Settings, sessions: SessionFactory) -> Iterator[Finding]:
    with unit_of_work(sessions, writes=False) as session:
        kid, faults = keyring.inspected(session, settings.keys_dir, settings.keys_passphrase)
        badges = badge_keys.inspected(session, settings.keys_dir, settings.keys_passphrase)
        known, granted = registrations(session), grants(session)
        grades = list(_grades(session))
        today = clock.now().date()
        due = list(reviews(session, today))
    yield from findings.of_reviews(due, today)
    yield from findings.of_keys(settings.keys_dir, kid, faults)
    yield from findings.of_badge_keys(settings.keys_dir / badge_keys.FOLDER, *badges)
    if settings.base_url.startswith("https:"):
        # Wherever it leads: the tool's own address is the operator's word, and often an inner one.
        door = own_door.look(Outbound(allow_private=True), settings.base_url)
        yield from door_findings.of_door(door, kid, settings.trusted_proxies)
    if not known:
        yield findings.note("registration", "no platform yet", "lti-tool platform invite")
    # Without a transaction: the database has nothing to do with how long a platform takes.
    outbound = Outbound(allow_private=settings.allow_private_networks)
    reached = reach(outbound, [each for each in known if each.active])
    for each in known:
        yield from platform_findings.of_registration(each, granted[each.id], reached.get(each.id))
    yield from grades


def _grades(session: Session) -> Iterator[Finding]:
    now = clock.now()
    lying, seen = left_lying(session, now - PROMISE, now), worker_seen(session, now - PROMISE, now)
    for each in figures(session, now):
        yield from platform_findings.of_figures(each, Workers(lying.get(each.id, 0), seen), now)


def _first_line(error: Exception) -> str:
    """What is wrong without the statement that met it, which may hold people's data."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
