"""A course and its people, made in the Moodle that is tried, and taken away in the end."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lti_tool.moodle.connections import NEEDED
from tests.moodle.forms import Visitor
from tests.moodle.told import Told
from tests.moodle.web_service import (
    ALL,
    WebService,
    make_role,
    make_service,
    make_token,
    remove_role,
    remove_service,
)

MANAGER, TEACHER, NON_EDITING, STUDENT = 1, 3, 4, 5
"""Moodle's roles, as a new site has them."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account in Moodle."""

    id: str
    username: str
    password: str
    name: str


@dataclass
class Site:
    """The Moodle, its admin's plain visits, and everything that was made in it."""

    told: Told
    admin: Visitor
    service: WebService
    mark: str
    """In every short name of this run, so that two runs do not meet."""
    people: dict[str, Person] = field(default_factory=dict)
    courses: list[str] = field(default_factory=list)
    services: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return self.told.url

    def make_person(self, name: str) -> Person:
        """An account; its name's last word is the family name."""
        given, _, family = name.rpartition(" ")
        username, password = f"t{self.mark}-{len(self.people)}", f"aA1!{secrets.token_hex(8)}"
        user = {
            "username": username,
            "password": password,
            "firstname": given,
            "lastname": family,
            "lang": "en",
            "email": f"{username}@example.org",
            "idnumber": f"{self.mark}-{len(self.people)}",
        }
        made = self.service.call("core_user_create_users", users=[user])
        self.people[name] = Person(str(made[0]["id"]), username, password, name)
        return self.people[name]

    def make_course(self, name: str) -> str:
        """A course; its id."""
        category = self.service.call("core_course_get_categories")[0]["id"]
        course = {"fullname": name, "shortname": f"{self.mark}-{len(self.courses)}", "categoryid": category}
        return self._keep(self.service.call("core_course_create_courses", courses=[course])[0])

    def copy_course(self, course: str, name: str) -> str:
        """A copy without people; its id."""
        how = {"fullname": name, "shortname": f"{self.mark}-{len(self.courses)}", "visible": 1}
        category = self.service.call("core_course_get_categories")[0]["id"]
        return self._keep(
            self.service.call("core_course_duplicate_course", courseid=course, categoryid=category, **how)
        )

    def _keep(self, made: dict[str, Any]) -> str:
        self.courses.append(str(made["id"]))
        return self.courses[-1]

    def enrol(self, course: str, role: int, *people: Person) -> None:
        """Enrols them by hand."""
        lines = [{"roleid": role, "userid": each.id, "courseid": course} for each in people]
        self.service.call("enrol_manual_enrol_users", enrolments=lines)

    def make_manager(self, person: Person) -> None:
        """A manager of the whole site, enrolled nowhere."""
        line = {"roleid": MANAGER, "userid": person.id, "contextlevel": "system", "instanceid": 0}
        self.service.call("core_role_assign_roles", assignments=[line])

    def token_of(self, person: Person) -> str:
        """A token of this person for a service that has what the tool needs, and nothing else."""
        self.services.append(make_service(self.admin, f"{self.mark}-{person.id}", NEEDED))
        return make_token(self.admin, self.services[-1], person.id)

    def allow(self, person: Person, capability: str) -> None:
        """Gives this person one capability in the whole site, by a role of its own."""
        self.roles.append(make_role(self.admin, f"{self.mark}-{len(self.roles)}", capability))
        line = {"roleid": self.roles[-1], "userid": person.id, "contextlevel": "system", "instanceid": 0}
        self.service.call("core_role_assign_roles", assignments=[line])

    def make_assignment(self, course: str, name: str) -> str:
        """An assignment of 100 points; its id."""
        form = self.admin.form(f"/course/modedit.php?add=assign&type=&course={course}&section=0", "modedit.php")
        self.admin.send(form, name=name, submitbutton2="1")
        asked = {"courseids": [course], "includenotenrolledcourses": 1}
        found = self.service.call("mod_assign_get_assignments", **asked)["courses"]
        return next(str(each["id"]) for each in found[0]["assignments"] if each["name"] == name)

    def mark_assignment(self, assignment: str, person: Person, mark: float) -> None:
        """Gives a mark, as a teacher does on Moodle's own page; -1 takes it back."""
        self.service.call(
            "mod_assign_save_grade",
            assignmentid=assignment,
            userid=person.id,
            grade=mark,
            attemptnumber=-1,
            addattempt=0,
            workflowstate="",
            applytoall=0,
            plugindata={"assignfeedbackcomments_editor": {"text": "", "format": 1}},
        )

    def activities(self, course: str, kind: str = "lti") -> dict[str, str]:
        """The activities of this kind: name → the id that their address has."""
        sections = self.service.call("core_course_get_contents", courseid=course)
        modules = [each for section in sections for each in section["modules"]]
        return {each["name"]: str(each["id"]) for each in modules if each["modname"] == kind}

    def grades(self, course: str, person: Person) -> dict[str, float | None]:
        """What Moodle's gradebook holds of this person: column → mark."""
        found = self._grade_items(course, person)
        return {str(each["itemname"]): each["graderaw"] for each in found if each["itemname"]}

    def columns(self, course: str, person: Person) -> list[tuple[str, str]]:
        """The gradebook's columns without its totals: name and id of each."""
        return [(each["itemname"], str(each["id"])) for each in self._grade_items(course, person) if each["itemname"]]

    def _grade_items(self, course: str, person: Person) -> list[dict[str, Any]]:
        asked = {"courseid": course, "userid": person.id}
        said = self.service.call("gradereport_user_get_grade_items", **asked)
        items: list[dict[str, Any]] = said["usergrades"][0]["gradeitems"]
        return items

    def tool_ids(self, domain: str) -> list[str]:
        """The site's external tools on this host and port."""
        page = self.admin.page("/admin/settings.php?section=modsettinglti")
        rows = [row for row in page.select("tr") if domain in row.get_text()]
        found = [
            re.search(r"[?&]id=(\d+)", str(link["href"])) for row in rows for link in row.select("a[href*=update]")
        ]
        return list(dict.fromkeys(each.group(1) for each in found if each))

    def remove_tool(self, number: str) -> None:
        """Deletes an external tool."""
        self.admin.follow(f"/mod/lti/typessettings.php?action=delete&id={number}&tab=lti_configured")


@contextmanager
def opened_site(told: Told) -> Iterator[Site]:
    """The site with a web service for the suite; people, courses and service are deleted when the block is left."""
    admin = Visitor(told.url, told.verify)
    admin.log_in(told.admin, told.password)
    mark = format(int(time.time()), "x")
    service = make_service(admin, f"lti-tool-{mark}", ALL)
    token = make_token(admin, service, admin.own_id())
    site = Site(told, admin, WebService(told.url, token, told.verify), mark, services=[service])
    try:
        yield site
    finally:
        if site.courses:
            site.service.call("core_course_delete_courses", courseids=site.courses)
        if site.people:
            site.service.call("core_user_delete_users", userids=[each.id for each in site.people.values()])
        for role in site.roles:
            remove_role(admin, role)
        for service in site.services:
            remove_service(admin, service)
