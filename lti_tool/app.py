"""The only wiring: settings, database, keys and the way out are joined here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import IO

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool import logs
from lti_tool.db.database_clock import DatabaseClock
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from lti_tool.lti.ags import AgsSender
from lti_tool.lti.keyring import Keyring
from lti_tool.lti.nrps import RosterReader
from lti_tool.lti.services import Services
from lti_tool.lti.tokens import Tokens
from lti_tool.outbound import Outbound
from lti_tool.people.model import Course
from lti_tool.reports.making import Making
from lti_tool.settings import Settings
from lti_tool.steps import steps
from lti_tool.web import (
    account,
    accounts_admin,
    admin,
    administration,
    api_tokens,
    arrival,
    assets,
    auditing,
    auth,
    case,
    catalogue,
    catalogue_files,
    closing,
    copying,
    course_rules,
    course_statistics,
    database,
    deep_linking,
    drift,
    errors,
    export_pages,
    exports,
    following,
    headers,
    health,
    home,
    i18n,
    institute,
    institute_audit,
    institute_languages,
    institute_person,
    institute_retention,
    judging,
    launch,
    mapping,
    metrics,
    my_data,
    native_marks,
    observation,
    offers,
    participant,
    readiness,
    registration,
    rendering,
    requirements,
    roster,
    rubric,
    self_assessment,
    session_pages,
    task,
    task_assessing,
    tool_keys,
    trainer,
    uploads,
)
from lti_tool.web.api import views as api
from lti_tool.web.comment_words import comment_writer
from lti_tool.web.export_sources import SOURCES
from lti_tool.web.tool import Tool
from lti_tool.worker import Worker

FORM_LIMIT = 6 * 1024 * 1024


def create_app(settings: Settings, sessions: SessionFactory | None = None, outbound: Outbound | None = None) -> Flask:
    """The web application. Tests give their own sessions; otherwise they are opened from the settings.

    Raises SettingsFaulty where a key file or the passphrase does not allow a start.
    """
    logs.configure(settings.log_format)
    app = Flask(__name__, root_path=str(assets.WEB_ROOT))
    app.config.update(_flask_settings(settings))
    sessions = sessions or make_session_factory(make_engine(settings.database))
    app.extensions["tool"] = Tool(
        settings=settings,
        sessions=sessions,
        keyring=Keyring.open(settings.keys_dir, settings.keys_passphrase, sessions),
        outbound=outbound or Outbound(allow_private=settings.allow_private_networks),
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _install(app)
    return app


def create_worker(settings: Settings, sessions: SessionFactory, *, threads: int) -> Worker:
    """The worker with everything it needs: the way to platforms, the words of comments, the steps of its clockwork."""
    app = create_app(settings, sessions)
    shared: Tool = app.extensions["tool"]
    now = DatabaseClock(sessions)
    services = _services(shared, now)
    sender = AgsSender(services)
    idle = timedelta(minutes=settings.session_idle_minutes)
    making = Making(exports.writer(app), shared.drawer)
    clockwork = steps(RosterReader(services), sender, shared.outbound, shared.shelf, idle, shared.seal, making)
    return Worker(sessions, sender, comment_writer(app), threads=threads, steps=clockwork, now=now)


def create_report_writer(
    settings: Settings, sessions: SessionFactory
) -> Callable[[Session, Course, str, IO[bytes]], None]:
    """Writes reports of courses for print, for a command."""
    return exports.course_report_writer(create_app(settings, sessions))


def create_sender(settings: Settings, sessions: SessionFactory) -> AgsSender:
    """The way to the gradebooks of all platforms, for a command that reads them at once."""
    shared: Tool = create_app(settings, sessions).extensions["tool"]
    return AgsSender(_services(shared, DatabaseClock(sessions)))


def _services(shared: Tool, now: DatabaseClock) -> Services:
    tokens = Tokens(shared.sessions, shared.outbound, shared.keyring, now)
    return Services(shared.sessions, shared.outbound, tokens, now)


def _install(app: Flask) -> None:
    uploads.install(app)
    csrf = CSRFProtect(app)
    for part in (database, auditing, headers, errors, auth, i18n, assets, rendering):
        part.install(app)
    exports.install(app, SOURCES)
    lti = launch.create_blueprint(arrive=arrival.arrive)
    csrf.exempt(lti)
    csrf.exempt(case.bp)
    for blueprint in (lti, registration.bp, session_pages.bp, health.bp, metrics.bp, home.bp):
        app.register_blueprint(blueprint)
    for blueprint in (
        participant.bp,
        trainer.bp,
        drift.bp,
        mapping.bp,
        native_marks.bp,
        task.bp,
        task_assessing.bp,
        closing.bp,
        rubric.bp,
        judging.bp,
        course_rules.bp,
        course_statistics.bp,
        institute.bp,
        copying.bp,
        requirements.bp,
        roster.bp,
        admin.bp,
        api_tokens.bp,
        deep_linking.bp,
        my_data.bp,
        institute_audit.bp,
        institute_person.bp,
        institute_retention.bp,
        account.bp,
        accounts_admin.bp,
        administration.bp,
        institute_languages.bp,
        tool_keys.bp,
        observation.bp,
        self_assessment.bp,
        offers.bp,
        following.bp,
        case.bp,
        catalogue.bp,
        catalogue_files.bp,
        readiness.bp,
        export_pages.bp,
    ):
        app.register_blueprint(blueprint)
    api.install(app)


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value() if settings.secret_key else None,
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "None",
        "SESSION_COOKIE_PARTITIONED": True,
        "SESSION_COOKIE_PATH": "/",
        "MAX_CONTENT_LENGTH": FORM_LIMIT,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        # A page left open over lunch must still be able to send what was typed into it.
        "WTF_CSRF_TIME_LIMIT": None,
        # Inside Moodle's frame the referrer is another origin's or missing; the token is what counts.
        "WTF_CSRF_SSL_STRICT": False,
    }
