"""The web's wiring: settings, database, keys, the way out and all pages. The worker's is `worker_app.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool import logs
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from lti_tool.outbound import Outbound
from lti_tool.people.model import Course
from lti_tool.reports.making import Write
from lti_tool.settings import Settings
from lti_tool.web import (
    account,
    accounts_admin,
    addresses,
    admin,
    administration,
    api_tokens,
    arrival,
    assets,
    auditing,
    auth,
    carried_away,
    case,
    catalogue,
    catalogue_files,
    closing,
    copying,
    course_rules,
    course_statistics,
    credentials,
    database,
    deep_linking,
    drift,
    errors,
    export_pages,
    exports,
    following,
    framework_texts,
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
    my_badges,
    my_data,
    my_record,
    my_tasks,
    native_marks,
    observation,
    offers,
    paper,
    participant,
    readiness,
    registration,
    rendering,
    requirements,
    roster,
    rubric,
    self_assessment,
    session_cookie,
    session_pages,
    spoken,
    task,
    task_assessing,
    tool_keys,
    trainer,
    uploads,
    verify,
    what_next,
)
from lti_tool.web.api import views as api
from lti_tool.web.export_sources import SOURCES
from lti_tool.web.tool import Tool

FORM_LIMIT = 6 * 1024 * 1024


def create_app(settings: Settings, sessions: SessionFactory | None = None, outbound: Outbound | None = None) -> Flask:
    """The web application. Tests give their own sessions; otherwise they are opened from the settings.

    Raises SettingsFaulty where a key file or the passphrase does not allow a start.
    """
    logs.configure(settings.log_format)
    app = Flask(__name__, root_path=str(assets.WEB_ROOT))
    app.config.update(_flask_settings(settings))
    sessions = sessions or make_session_factory(make_engine(settings.database))
    session_cookie.install(app)
    app.extensions["tool"] = Tool.open(settings, sessions, outbound)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _install(app)
    return app


def create_file_writer(settings: Settings, sessions: SessionFactory) -> Write:
    """Writes files of pages, for a worker."""
    return exports.writer(create_app(settings, sessions))


def create_report_writer(
    settings: Settings, sessions: SessionFactory
) -> Callable[[Session, Course, str, IO[bytes]], None]:
    """Writes reports of courses for print, for a command."""
    return exports.course_report_writer(create_app(settings, sessions))


def _install(app: Flask) -> None:
    spoken.install(app)
    uploads.install(app)
    csrf = CSRFProtect(app)
    for part in (database, auditing, headers, errors, auth, i18n, addresses, assets, rendering, framework_texts):
        part.install(app)
    exports.install(app, SOURCES)
    lti = launch.create_blueprint(arrive=arrival.arrive)
    csrf.exempt(lti)
    csrf.exempt(case.bp)
    _register(app, lti)
    api.install(app)


def _register(app: Flask, lti: Blueprint) -> None:
    for blueprint in (
        lti,
        registration.bp,
        session_pages.bp,
        health.bp,
        metrics.bp,
        home.bp,
        participant.bp,
        paper.bp,
        what_next.bp,
        my_tasks.bp,
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
        my_badges.bp,
        my_data.bp,
        my_record.bp,
        institute_audit.bp,
        institute_person.bp,
        carried_away.bp,
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
        credentials.bp,
        readiness.bp,
        export_pages.bp,
        verify.bp,
    ):
        app.register_blueprint(blueprint)


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
