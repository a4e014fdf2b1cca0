"""Factories: each states only what matters to the test that calls it, and flushes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from lti_tool.accounts.tables import AccountRow
from lti_tool.competency.framework import Framework
from lti_tool.competency.store import load_framework
from lti_tool.competency.tables import CertifiedLevelRow
from lti_tool.lti.tables import DeploymentRow, PlatformRow, RegistrationRow
from lti_tool.people.tables import ActivityRow, CourseRow, MembershipRow, PersonRow
from tests.factories.catalogues import packaged_catalogue, small_catalogue
from tests.factories.remembered import import_framework

_Row = TypeVar("_Row")


class Make:
    """Makes rows with sensible values for everything that the test leaves open."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self._numbers = count(1)

    def platform(self, issuer: str | None = None) -> PlatformRow:
        issuer = issuer or f"https://lms{next(self._numbers)}.example.invalid"
        return self._stored(PlatformRow(issuer=issuer, name="LMS", product="moodle", created_at=self.now))

    def registration(
        self, platform: PlatformRow | None = None, client_id: str = "client-1", *, active: bool = True
    ) -> RegistrationRow:
        platform = platform or self.platform()
        row = self._stored(
            RegistrationRow(
                platform_id=platform.id,
                client_id=client_id,
                authorization_url=f"{platform.issuer}/auth",
                token_url=f"{platform.issuer}/token",
                jwks_url=f"{platform.issuer}/jwks",
                scopes=[],
                active=active,
                created_at=self.now,
            )
        )
        self._stored(DeploymentRow(registration_id=row.id, deployment_id="1", created_at=self.now))
        return row

    def course(self, platform: PlatformRow | None = None, title: str = "ИКТ 101", context_id: str = "") -> CourseRow:
        platform = platform or self.platform()
        context_id = context_id or str(next(self._numbers))
        return self._stored(CourseRow(platform_id=platform.id, context_id=context_id, title=title, created_at=self.now))

    def person(self, platform: PlatformRow, name: str = "Айгүл", **fields: str) -> PersonRow:
        number = next(self._numbers)
        fields.setdefault("sub", str(number))
        return self._stored(
            PersonRow(platform_id=platform.id, name=name, created_at=self.now, updated_at=self.now, **fields)
        )

    def account(self, login: str, platform_id: int | None = None) -> AccountRow:
        """A local account without a password that opens it: an operator, or the admin of a platform."""
        made = AccountRow(login=login, name=login, platform_id=platform_id, password_hash="none", locale="en")
        made.created_at = self.now
        return self._stored(made)

    def membership(self, course: CourseRow, person: PersonRow, role: str = "participant") -> MembershipRow:
        return self._stored(
            MembershipRow(
                course_id=course.id,
                person_id=person.id,
                launched_role=role,
                launched_at=self.now,
                staff_launched_at=self.now if role == "trainer" else None,
                roster_role=role,
            )
        )

    def activity(self, course: CourseRow, name: str = "Quiz: Week 1 quiz", **fields: str) -> ActivityRow:
        fields.setdefault("kind", "native")
        fields.setdefault("source", "gradebook")
        fields.setdefault("external_id", name)
        return self._stored(ActivityRow(course_id=course.id, name=name, created_at=self.now, **fields))

    def certified_level(
        self, course: CourseRow, person: PersonRow, competency: int, level: int = 1, **fields: datetime
    ) -> CertifiedLevelRow:
        """A level as closing a course leaves it."""
        fields.setdefault("certified_at", self.now)
        return self._stored(
            CertifiedLevelRow(course_id=course.id, person_id=person.id, competency_id=competency, level=level, **fields)
        )

    def framework(self) -> Framework:
        """The packaged requirements, imported into the session (once), with their row ids."""
        return self._published(packaged_catalogue())

    def small_framework(
        self, shape: Sequence[Sequence[int]] = ((3, 2, 1),), version: str = "1", keys: Sequence[str] = ()
    ) -> Framework:
        """A framework with competencies 1.1, 1.2 …; each member of `shape` says how many indicators a level has."""
        return self._published(small_catalogue(shape, version, keys))

    def _published(self, document: dict[str, Any]) -> Framework:
        return load_framework(self.session, import_framework(self.session, document, self.now))

    def _stored(self, row: _Row) -> _Row:
        self.session.add(row)
        self.session.flush()
        return row
