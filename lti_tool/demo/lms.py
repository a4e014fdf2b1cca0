"""The state of the demonstration LMS, all in memory, and what its teachers and admins do to it.

Tests reach it as `app.extensions["lms"]`. Every method may be called from any thread.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from threading import RLock

from lti_tool.demo import seed
from lti_tool.demo.faults import Faults
from lti_tool.demo.gradebook import Column, Gradebook
from lti_tool.demo.model import Course, Enrolment, Launch, Link, Person, Role, Tool
from lti_tool.demo.moods import Mood, Moods
from lti_tool.demo.signing import FetchJson, SigningKey, ToolKeys, fetch_json

TOKEN_LIFE = 3600
REGISTRATION_TOKEN_LIFE = 3600


class DemoLms:
    """People, courses, tools, gradebook, pending launches and access tokens of one LMS."""

    def __init__(
        self, url: str, tool_url: str, *, now: Callable[[], float] = time.time, fetch: FetchJson = fetch_json
    ) -> None:
        self.url = url
        """The issuer: where this LMS answers, without a slash at the end."""
        self.tool_url = tool_url
        self.now = now
        self.faults = Faults()
        self.moods = Moods()
        self.web_service_token = secrets.token_hex(16)
        """What opens the REST web service; the page *Web service* tells it."""
        self.key = SigningKey()
        self.tool_keys = ToolKeys(fetch)
        self.lock = RLock()
        self.reset()

    def reset(self) -> None:
        """Back to the first minute: the sample people, courses and marks, no tool registered."""
        with self.lock:
            self.people = {person.id: person for person in seed.PEOPLE}
            self.courses = {course.id: course for course in seed.COURSES}
            self.enrolments = list(seed.ENROLMENTS)
            self.tools: dict[str, Tool] = {}
            self.links: dict[str, Link] = {}
            self.gradebook = Gradebook(self.now)
            self._launches: dict[str, Launch] = {}
            self._tokens: dict[str, tuple[str, frozenset[str], float]] = {}
            self._link_ids = iter(range(1, 1_000_000))
            self.faults.stop()
            self.moods.become(Mood.WELL)
            self._put_in_native_activities()

    def _put_in_native_activities(self) -> None:
        for position, activity in enumerate(seed.NATIVE_ACTIVITIES):
            column = self.gradebook.add(
                Column(seed.MAIN_COURSE_ID, activity.name, Decimal(activity.maximum), activity.module)
            )
            for person_id in seed.PARTICIPANT_IDS:
                self.gradebook.set_mark(column.id, person_id, seed.marks_of(person_id)[position])

    # Tools

    def add_tool(self, tool: Tool) -> Tool:
        """Store a registration under the next deployment id; the first one gets the sample links placed."""
        with self.lock:
            stored = replace(tool, id=str(len(self.tools) + 1))
            self.tools[stored.id] = stored
            if len(self.tools) == 1:
                for link in seed.LINKS:
                    self.place_link(
                        Link("", link.course_id, stored.id, link.title, link.description, custom=link.custom),
                        maximum=link.maximum,
                    )
            return stored

    def activate(self, tool_id: str) -> None:
        """The admin presses *Activate* on the tool's card."""
        with self.lock:
            self.tools[tool_id] = replace(self.tools[tool_id], active=True)

    def tool_of_client(self, client_id: str) -> Tool | None:
        """The tool that was registered under this client id."""
        with self.lock:
            return next((tool for tool in self.tools.values() if tool.client_id == client_id), None)

    def place_link(self, link: Link, maximum: int | None = None, column: Column | None = None) -> Link:
        """Put an external tool activity into a course, with a column if it is graded."""
        with self.lock:
            placed = replace(link, id=str(next(self._link_ids)))
            self.links[placed.id] = placed
            if maximum is not None:
                made = column or Column(placed.course_id, placed.title, Decimal(maximum))
                made.module, made.tool_id, made.link_id = "lti", placed.tool_id, placed.id
                self.gradebook.add(made)
            return placed

    # People

    def add_member(self, course_id: str, person: Person, role: Role = Role.PARTICIPANT) -> None:
        """A new account, or a known one, is enrolled."""
        with self.lock:
            self.people[person.id] = person
            self.enrolments.append(Enrolment(course_id, person.id, role))

    def suspend(self, course_id: str, person_id: str) -> None:
        """The enrolment stays, inactive: off the roster and without launches, yet still gradable."""
        with self.lock:
            self.enrolments = [
                replace(one, active=False) if (one.course_id, one.person_id) == (course_id, person_id) else one
                for one in self.enrolments
            ]

    def members(self, course_id: str) -> list[tuple[Person, Role]]:
        """Active members by last name, as Moodle lists them."""
        with self.lock:
            found = [(self.people[one.person_id], one.role) for one in self.enrolments_of(course_id) if one.active]
        return sorted(found, key=lambda member: (member[0].family_name.casefold(), member[0].given_name.casefold()))

    def participants(self, course_id: str) -> list[Person]:
        """Active participants by last name."""
        return [person for person, role in self.members(course_id) if role is Role.PARTICIPANT]

    def enrolments_of(self, course_id: str) -> list[Enrolment]:
        """All enrolments of a course, suspended ones too."""
        with self.lock:
            return [one for one in self.enrolments if one.course_id == course_id]

    def role_in(self, course_id: str, person_id: str) -> Role | None:
        """The active role of a person in a course; None for the admin and for strangers."""
        found = [one.role for one in self.enrolments_of(course_id) if one.person_id == person_id and one.active]
        return found[0] if found else None

    def is_gradable(self, course_id: str, person_id: str) -> bool:
        """Whether the gradebook has a row for the person: participants only, suspended ones included."""
        return any(one.person_id == person_id and one.role is Role.PARTICIPANT for one in self.enrolments_of(course_id))

    def course(self, course_id: str) -> Course | None:
        """A course by its id."""
        with self.lock:
            return self.courses.get(course_id)

    # Launches and tokens

    def begin_launch(self, launch: Launch) -> str:
        """Keep a launch until the tool asks for it; the one-time name under which it is kept."""
        name = f"ltilaunch{launch.link_id or '_ContentItemSelectionRequest'}_{secrets.randbelow(2**31)}"
        with self.lock:
            self._launches[name] = launch
        return name

    def pending_launch(self, name: str) -> Launch | None:
        """The launch that waits under this name, if it still does."""
        with self.lock:
            return self._launches.get(name)

    def finish_launch(self, name: str) -> None:
        """The name is used up."""
        with self.lock:
            self._launches.pop(name, None)

    def issue_token(self, tool_id: str, scopes: frozenset[str]) -> str:
        """An opaque access token for an hour."""
        token = secrets.token_hex(32)
        with self.lock:
            self._tokens[token] = (tool_id, scopes, self.now() + TOKEN_LIFE)
        return token

    def revoke_tokens(self) -> None:
        """All access tokens end at once."""
        with self.lock:
            self._tokens.clear()

    def token_grants(self, token: str) -> tuple[Tool, frozenset[str]] | None:
        """Whose token it is and what it allows; None when unknown or past its hour."""
        with self.lock:
            tool_id, scopes, ends = self._tokens.get(token, ("", frozenset(), 0.0))
            return (self.tools[tool_id], scopes) if ends > self.now() and tool_id in self.tools else None

    # For tests

    def column_named(self, label: str, course_id: str = seed.MAIN_COURSE_ID) -> Column:
        """The first column with this label; KeyError without one."""
        for column in self.gradebook.columns(course_id):
            if column.label == label:
                return column
        raise KeyError(label)

    def final_grades(self, course_id: str = seed.MAIN_COURSE_ID) -> dict[str, dict[str, Decimal]]:
        """Column label → person id → final grade, where there is one."""
        return {
            column.label: {who: grade.final for who, grade in column.grades.items() if grade.final is not None}
            for column in self.gradebook.columns(course_id)
        }

    def set_mark(self, activity: str, person_id: str, mark: Decimal | int | None) -> None:
        """Re-grade, or withdraw by None, the mark of a native activity of the main course by its plain name."""
        value = None if mark is None else Decimal(mark)
        self.gradebook.set_mark(self.column_named(activity).id, person_id, value)
