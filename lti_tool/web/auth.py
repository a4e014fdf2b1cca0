"""Who asks, and whether they may: every route declares a permission, and a test fails on one that does not.

Flask-Login holds who; the URL says where; the session's own launch says what may be done there. What somebody may
not see is answered as if it did not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import wraps
from typing import ParamSpec

from flask import Flask, current_app, g, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from lti_tool import clock
from lti_tool.accounts import account_sessions
from lti_tool.accounts.account_sessions import AccountSession
from lti_tool.accounts.entering import Entered
from lti_tool.accounts.model import Account
from lti_tool.db.unit_of_work import try_briefly
from lti_tool.errors import NotAllowed, NotFound
from lti_tool.ids import PlatformId
from lti_tool.lti import oidc
from lti_tool.people import courses, sessions
from lti_tool.people.model import Course, CourseRole, Person
from lti_tool.people.sessions import Beginning, LoginSession
from lti_tool.web.database import READING, db, forget_writes
from lti_tool.web.tool import tool

P = ParamSpec("P")
Login = LoginSession | AccountSession
"""A session in force, begun by a launch or by a local account."""
View = Callable[P, ResponseReturnValue]


class Permission(StrEnum):
    """What a route asks of who calls it."""

    PUBLIC = "public"
    """Anybody; the few routes that have it are listed in a test."""
    SIGNED_IN = "signed_in"
    """Any session."""
    OWN_RECORD = "own_record"
    """A participant, trainer or admin of the course in the URL; shows what is about the person who asks."""
    COURSE_READ = "course_read"
    """A trainer of the course in the URL, or an admin of its platform."""
    COURSE_EDIT = "course_edit"
    """A trainer of the course in the URL."""
    INSTITUTE = "institute"
    """An admin of the institute's platform."""
    API = "api"
    """A program that brings a token; sessions are not looked at (`web/api/calls.py`)."""
    ADMINISTRATION = "administration"
    """An admin of the institute's platform, or an operator: pages that `visit().scope` narrows."""
    ACCOUNT = "account"
    """Somebody with a local account."""
    OPERATOR = "operator"
    """Somebody whose local account is an operator's."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is here, where, and as what."""

    login: Login
    course: Course | None
    role: CourseRole | None

    @property
    def person(self) -> Person:
        """Who is here, or stands for the account that is; nobody does before an operator has chosen a platform."""
        if self.login.person is None:
            raise NotAllowed("no_platform_chosen")
        return self.login.person

    @property
    def platform_id(self) -> PlatformId:
        """The platform that this visit may see; nothing of another is ever shown."""
        return self.person.platform_id

    @property
    def account(self) -> Account | None:
        """The local account that is here; None: somebody whom an LMS has sent."""
        return self.login.account if isinstance(self.login, AccountSession) else None

    @property
    def is_operator(self) -> bool:
        """Whether they administer the tool itself."""
        return self.account is not None and self.account.is_operator

    @property
    def scope(self) -> PlatformId | None:
        """The platform whose administration they may see; None: an operator sees that of all."""
        return None if self.is_operator else self.platform_id

    @property
    def is_admin(self) -> bool:
        """Whether they are an institute admin of their platform."""
        return self.login.is_admin

    @property
    def may_edit(self) -> bool:
        """Whether they may change the course they are in."""
        return self.role is CourseRole.TRAINER

    @property
    def may_map(self) -> bool:
        """Whether they may change what the course's levels rest on: in a closed course nobody may."""
        return self.may_edit and self.course is not None and self.course.closed_at is None

    @property
    def may_read_course(self) -> bool:
        """Whether they may read the records of the course they are in."""
        return self.may_edit or (self.is_admin and self.course is not None)


class _User(UserMixin):  # type: ignore[misc]  # Flask-Login carries no types
    """Flask-Login's user: the login session in force."""

    def __init__(self, token: str, login: Login) -> None:
        self.id = token
        self.login = login


def install(app: Flask) -> None:
    """Lets Flask-Login find the login session of a request's cookie."""
    manager = LoginManager(app)
    # Sessions are ours to end; a phone that changes its address in mid-lesson is no thief.
    manager.session_protection = None

    @manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login carries no types
    def _load(token: str) -> _User | None:
        if g.get("db_unavailable"):
            return None
        idle = timedelta(minutes=tool().settings.session_idle_minutes)
        found: Login | None
        if account_sessions.is_token(token):
            found = account_sessions.find(db(), token, idle, clock.now())
        else:
            found = sessions.find(db(), token, idle, clock.now(), (request.view_args or {}).get("course"))
        if found is not None and found.to_touch:
            _touch(found)
        return _User(token, found) if found else None


def begin_session(beginning: Beginning) -> None:
    """Starts a login session in this browser; the one whose cookie came with the request ends."""
    idle = timedelta(minutes=tool().settings.session_idle_minutes)
    browser = oidc.browser_of(request.cookies, current_app.config["SESSION_COOKIE_NAME"])
    beginning = replace(beginning, browser=browser.hashes)
    before = cookie.get("_user_id")
    if before and account_sessions.is_token(before):
        account_sessions.end(db(), before)
    token, login = sessions.begin(db(), beginning, before, clock.now(), idle=idle)
    cookie.clear()  # nothing of an earlier session goes over: id and CSRF token are new
    cookie["locale"] = beginning.locale
    # Its first page would need it, and set the cookie once more for that.
    generate_csrf()
    login_user(_User(token, login))


def enter_account(entered: Entered) -> None:
    """Gives this browser the session that an account has begun; the one whose cookie came with the request ends."""
    _end(cookie.get("_user_id"))
    cookie.clear()  # as at a launch: id and CSRF token are new
    cookie["locale"] = entered.account.locale
    found = account_sessions.find(db(), entered.token, timedelta(days=1), clock.now())
    if found is not None:
        login_user(_User(entered.token, found))


def end_session() -> None:
    """Ends the session of this browser, in the database and in the cookie."""
    _end(cookie.get("_user_id"))
    logout_user()
    cookie.clear()


def _end(token: str | None) -> None:
    if token:
        of = account_sessions if account_sessions.is_token(token) else sessions
        of.end(db(), token)


def requires(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Declares what a view asks of who calls it; the view finds the Visit by `visit()`.

    Raises NotAllowed (answered as 404, or 401 with the way back where nobody is signed in).
    """

    def declare(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if permission is Permission.API:
                current_app.extensions["api_door"]()
            elif permission is not Permission.PUBLIC:
                _admit(permission)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the test of all routes
        return guarded

    return declare


def visit() -> Visit:
    """Who is here and where; only in views that require more than PUBLIC."""
    here: Visit = g.visit
    return here


def course_here() -> Course:
    """The course that the address names; only in views under a course."""
    here = visit().course
    if here is None:
        raise NotFound("course_unknown")
    return here


def account_here() -> Account:
    """The local account that is here; only in views that require one."""
    account = visit().account
    if account is None:
        raise NotAllowed("no_account")
    return account


def login_in_force() -> Login | None:
    """The session of this request, where there is one."""
    return current_user.login if current_user.is_authenticated else None


def _admit(permission: Permission) -> None:
    login = login_in_force()
    if login is None:
        raise NotAllowed("not_signed_in")
    g.visit = _visit(login)
    forget_writes()
    if not _allowed(permission, g.visit):
        raise NotAllowed("not_allowed", permission=permission)


def _visit(login: Login) -> Visit:
    public_id = (request.view_args or {}).get("course")
    if public_id is None:
        return Visit(login, None, None)
    if isinstance(login, AccountSession):
        course, role = courses.find_course(db(), public_id), None
    elif login.course is not None:
        course, role = login.course, login.role
    else:
        raise NotFound("course_unknown", course=public_id)
    if course.platform_id != login.platform_id:
        raise NotAllowed("other_platform")
    return Visit(login, course, role)


def _allowed(permission: Permission, here: Visit) -> bool:
    in_course = here.role is not None or (here.is_admin and here.course is not None)
    is_account = here.account is not None
    return {
        Permission.SIGNED_IN: True,
        # An account has no record of its own, whoever stands for it.
        Permission.OWN_RECORD: in_course and not is_account,
        Permission.COURSE_READ: here.may_read_course,
        Permission.COURSE_EDIT: here.may_edit,
        Permission.INSTITUTE: here.is_admin,
        Permission.ADMINISTRATION: here.is_admin or here.is_operator,
        Permission.ACCOUNT: is_account,
        Permission.OPERATOR: here.is_operator,
    }[permission]


def _touch(login: Login) -> None:
    if request.method not in READING:
        return _note_use(db(), login)
    # Who only reads waits for no writer; the next click notes the use.
    try_briefly(tool().sessions, lambda session: _note_use(session, login))
    return None


def _note_use(session: Session, login: Login) -> None:
    if isinstance(login, AccountSession):
        account_sessions.touch(session, login, clock.now())
    else:
        sessions.touch(session, login, clock.now())
