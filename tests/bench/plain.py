"""The least tool that does what a launch asks of any: the second yardstick of `make bench`.

`python -m tests.bench.plain PORT KEYS DATABASE`. PyLTI1p3's launch as in `bare.py`, and what a tool cannot do without
beside it: a state that is taken once, a person, a session and a record in PostgreSQL, and a page of the size of the
participant's, rendered from it and compressed. None of our checks, words, rules or headers: what a launch costs more
than here is ours; what it costs here no care of ours takes away.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, session
from flask.typing import ResponseReturnValue
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskCookieService, FlaskMessageLaunch, FlaskOIDCLogin
from pylti1p3.contrib.flask import FlaskRequest as Asked
from pylti1p3.tool_config import ToolConfDict
from sqlalchemy import Engine, text

from lti_tool.db.unit_of_work import make_engine
from lti_tool.web.compression import packed
from tests.bench.bare import Memory, Server, tool_conf

COMPETENCIES, INDICATORS = 11, 61
TABLES = (
    "CREATE TABLE IF NOT EXISTS plain_state (state text PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS plain_person (sub text PRIMARY KEY, name text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS plain_session (token text PRIMARY KEY, sub text NOT NULL REFERENCES plain_person)",
    "CREATE TABLE IF NOT EXISTS plain_standing (competency int PRIMARY KEY, title text NOT NULL, level int NOT NULL)",
    "CREATE TABLE IF NOT EXISTS plain_state_of (indicator int PRIMARY KEY, competency int NOT NULL, state text)",
)
PAGE = (
    "<!DOCTYPE html><html lang=ky><head><title>{{ title }}</title></head><body><h1>{{ person }}</h1>"
    + "<p class=surroundings>what stands around every page</p>" * 500
    + "{% for each in standings %}<section id=c{{ each.competency }}><h2>{{ each.title }}</h2><p>{{ each.level }}</p>"
    + "<p class=explained>why it is so, and what comes next</p>" * 20
    + "{% for one in states[each.competency] %}<p class={{ one.state }}>{{ one.indicator }}: {{ one.state }}</p>"
    "{% endfor %}</section>{% endfor %}</body></html>"
)


def create(key_set: dict[str, Any], engine: Engine) -> Flask:
    """The application: login, launch, page."""
    app = Flask("plain")
    app.config.update(SECRET_KEY="a secret of the tests, and of nobody else", SESSION_COOKIE_NAME="plain")
    memory, conf, template = Memory(), tool_conf(key_set), app.jinja_env.from_string(PAGE)
    _fill(engine)

    @app.route("/lti/login", methods=["GET", "POST"])
    def login() -> Response:
        asked, session["state"] = Asked(), secrets.token_urlsafe(32)
        with engine.begin() as database:
            database.execute(text("INSERT INTO plain_state VALUES (:state)"), {"state": session["state"]})
        return _begun(asked, conf, memory)

    @app.post("/lti/launch")
    def launch() -> ResponseReturnValue:
        told = FlaskMessageLaunch(Asked(), conf, launch_data_storage=FlaskCacheDataStorage(memory)).get_launch_data()
        session["token"] = _arrive(engine, session["state"], told)
        return redirect("/me", 303)

    @app.get("/me")
    def me() -> Response:
        answer = Response(packed(template.render(_record(engine, session["token"])).encode()), mimetype="text/html")
        answer.headers["Content-Encoding"] = "gzip"
        return answer

    return app


def _begun(asked: Asked, conf: ToolConfDict, memory: Memory) -> Response:
    storage = FlaskCacheDataStorage(memory)
    flow = FlaskOIDCLogin(asked, conf, cookie_service=FlaskCookieService(asked), launch_data_storage=storage)
    answer: Response = flow.redirect(asked.get_param("target_link_uri"))
    return answer


def _arrive(engine: Engine, state: str, told: dict[str, Any]) -> str:
    """Takes the state, knows the person, begins a session; its token."""
    token = secrets.token_urlsafe(32)
    person = {"sub": told["sub"], "name": told["name"]}
    with engine.begin() as database:
        taken = database.execute(text("DELETE FROM plain_state WHERE state = :state RETURNING state"), {"state": state})
        assert taken.first() is not None
        database.execute(
            text("INSERT INTO plain_person VALUES (:sub, :name) ON CONFLICT (sub) DO UPDATE SET name = :name"), person
        )
        database.execute(text("INSERT INTO plain_session VALUES (:token, :sub)"), {"token": token, "sub": told["sub"]})
    return token


def _record(engine: Engine, token: str) -> dict[str, Any]:
    with engine.begin() as database:
        whose = text("SELECT name FROM plain_session JOIN plain_person USING (sub) WHERE token = :token")
        person = database.execute(whose, {"token": token}).scalar_one()
        standings = database.execute(text("SELECT * FROM plain_standing ORDER BY competency")).all()
        states: dict[int, list[Any]] = {}
        for each in database.execute(text("SELECT * FROM plain_state_of ORDER BY indicator")):
            states.setdefault(each.competency, []).append(each)
    return {"title": "My competencies", "person": person, "standings": standings, "states": states}


def _fill(engine: Engine) -> None:
    with engine.begin() as database:
        for table in TABLES:
            database.execute(text(table))
        database.execute(
            text("INSERT INTO plain_standing SELECT c, 'Competency ' || c, c % 4 FROM generate_series(1, :many) c"),
            {"many": COMPETENCIES},
        )
        database.execute(
            text("INSERT INTO plain_state_of SELECT i, i % 11 + 1, 'attained' FROM generate_series(1, :many) i"),
            {"many": INDICATORS},
        )


if __name__ == "__main__":
    key_set = json.loads(Path(sys.argv[2]).read_text())
    Server(int(sys.argv[1]), lambda: create(key_set, make_engine(sys.argv[3]))).run()
