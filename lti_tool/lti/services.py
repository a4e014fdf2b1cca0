"""One authorised call to a platform's service, the same for grades and rosters.

Knows where a course's services are, that they live on the registered hosts only (lti-security, section 2 row 43), which
scopes a call needs, and that a refused token is replaced once. Never holds the database while a platform answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import CourseForbids, PlatformForbids, Retryable
from lti_tool.ids import CourseId
from lti_tool.lti import store
from lti_tool.lti.addresses import host_of, is_web_address
from lti_tool.lti.answers import next_link
from lti_tool.lti.model import CourseServices, Scope
from lti_tool.lti.tokens import Tokens
from lti_tool.outbound import MAX_BYTES, AddressRefused, Answer, Outbound

PAGES = 200
MEMORY = timedelta(seconds=5)
MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask of a service; `accept` and `content_type` are the exact media types that Moodle insists on."""

    method: str
    url: str
    scopes: frozenset[Scope]
    accept: str = "*/*"
    content_type: str | None = None
    data: bytes | None = None
    max_bytes: int = field(default=MAX_BYTES)

    def headers(self, token: str) -> Mapping[str, str]:
        """The headers of this call with a bearer token."""
        named = {"Authorization": f"Bearer {token}", "Accept": self.accept}
        return {**named, "Content-Type": self.content_type} if self.content_type else named


class Services:
    """Calls the services of courses; one object serves all threads of a process."""

    def __init__(
        self,
        sessions: SessionFactory,
        outbound: Outbound,
        tokens: Tokens,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._sessions = sessions
        self._outbound = outbound
        self._tokens = tokens
        self.now = now
        self._remembered: dict[CourseId, tuple[datetime, CourseServices]] = {}

    def of(self, course_id: CourseId) -> CourseServices:
        """How to reach a course's services, as it stood at most five seconds ago.

        Raises CourseForbids where none are known, PlatformForbids where the registration is switched off.
        """
        # A worker sends hundreds of scores of one course a second; the look-up would cost more than the sending.
        known = self._remembered.get(course_id)
        if known is not None and known[0] > self.now():
            return known[1]
        with unit_of_work(self._sessions, writes=False) as session:
            found = store.course_services(session, course_id)
        if found is None:
            raise CourseForbids("services_unknown", course_id=course_id)
        if not found.registration.active:
            raise PlatformForbids("registration_off", course_id=course_id)
        self._remember(course_id, found)
        return found

    def _remember(self, course_id: CourseId, found: CourseServices) -> None:
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[course_id] = (self.now() + MEMORY, found)

    def answer(self, course: CourseServices, call: Call) -> Answer:
        """The answer to an authorised call, whatever its status but 401: a refused token is replaced once.

        Raises AddressRefused (another host than the registered ones), PlatformForbids (token refused again, scope not
        granted), PlatformUnavailable, AnswerUnreadable.
        """
        check_host(course, call.url)
        token = self._tokens.get(course.registration, call.scopes)
        answer = self._ask(call, token.value)
        if answer.status != 401:
            return answer
        self._tokens.drop(course.registration, call.scopes, token)
        token = self._tokens.get(course.registration, call.scopes)
        answer = self._ask(call, token.value)
        if answer.status == 401:
            self._tokens.drop(course.registration, call.scopes, token)
            raise PlatformForbids("token_refused_again", status=401)
        return answer

    def _ask(self, call: Call, token: str) -> Answer:
        return self._outbound.request(
            call.method, call.url, headers=call.headers(token), data=call.data, max_bytes=call.max_bytes
        )


def check_host(course: CourseServices, url: str) -> None:
    """Raises AddressRefused where `url` is no address or not on a host of the registration (issuer or endpoints)."""
    registration = course.registration
    named = (registration.issuer, registration.authorization_url, registration.token_url, registration.jwks_url)
    host = host_of(url)
    # Plain http is left to the way out, which knows whether inner networks are allowed.
    well_formed = is_web_address(url, allow_private=True)
    if not well_formed or host not in {host_of(known) for known in named}:
        raise AddressRefused("address_refused", reason="other_host", host=host)


class Trail:
    """The pages of a list that were read; refuses loops and lists without an end, so that no partial one is used."""

    def __init__(self, first: str) -> None:
        self._seen = {first}

    def next(self, answer: Answer) -> str | None:
        """The address of the next page, or None at the end. Raises Retryable for a loop or too many."""
        following = next_link(answer.headers.get("Link"))
        if following is None:
            return None
        if following in self._seen or len(self._seen) >= PAGES:
            raise Retryable("pages_without_end", pages=len(self._seen))
        self._seen.add(following)
        return following
