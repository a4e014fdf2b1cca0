"""One database transaction a request, opened when it is first needed, committed when the request went well."""

from __future__ import annotations

from flask import Flask, Response, g, request
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session
from werkzeug.routing import UnicodeConverter, ValidationError

from lti_tool.db.prepared import WROTE
from lti_tool.db.unit_of_work import open_session
from lti_tool.web.tool import tool

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def db() -> Session:
    """The request's session. A reading request takes no write lock on SQLite, so it must not write."""
    if "db" not in g:
        g.db = open_session(tool().sessions, writes=request.method not in READING)
    session: Session = g.db
    return session


def undo() -> None:
    """Takes back what the request has written so far: a refused file leaves nothing, whatever page follows."""
    db().rollback()
    forget_writes()


def has_written() -> bool:
    """Whether the request has changed anything since it was let in."""
    return "db" in g and bool(g.db.info.get(WROTE))


def forget_writes() -> None:
    """What was written so far is none of the request's own doing, or was taken back."""
    if "db" in g:
        g.db.info[WROTE] = False


def _note_flush(session: Session, _context: object) -> None:
    session.info[WROTE] = True


def _note_statement(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info[WROTE] = True


def release() -> None:
    """Keeps what the request has written so far and holds nothing of the database; the next `db()` begins anew.

    Before something slow, and before what has transactions of its own: on SQLite they would wait for this one.
    """
    if "db" in g:
        with g.pop("db") as session:
            session.commit()


class _Storable(UnicodeConverter):
    """A part of an address that may be looked up: there is nothing under one with NUL, and PostgreSQL fails on it."""

    def to_python(self, value: str) -> str:
        """The part as it is; the address is none of ours where it has a NUL."""
        if "\0" in value:
            raise ValidationError
        return value


def install(app: Flask) -> None:
    """Commits before the answer leaves; a refusal (4xx, 5xx) or an exception leaves nothing behind.

    To be called before any route is added.
    """
    app.url_map.converters |= {"default": _Storable, "string": _Storable}
    # Once for all sessions: to listen to each request's own costs as much as a question to the database.
    sessions = app.extensions["tool"].sessions
    event.listen(sessions, "after_flush", _note_flush)
    event.listen(sessions, "do_orm_execute", _note_statement)

    @app.after_request
    def _commit(response: Response) -> Response:
        if "db" in g and response.status_code < 400:
            g.db.commit()
        return response

    @app.teardown_request
    def _close(error: BaseException | None) -> None:
        if "db" in g:
            g.pop("db").close()
