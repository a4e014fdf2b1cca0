"""Moodle's web service: made ready with an admin's forms, then used for what the suite needs around its subject."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from lti_tool.moodle.connections import NEEDED
from tests.moodle.forms import Visitor

FOR_THE_SUITE = (
    "core_user_get_users",
    "core_user_create_users",
    "core_user_delete_users",
    "core_course_create_courses",
    "core_course_delete_courses",
    "core_course_duplicate_course",
    "core_course_get_categories",
    "core_role_assign_roles",
    "enrol_manual_enrol_users",
    "mod_assign_get_assignments",
    "mod_assign_save_grade",
)
"""What the suite calls beside what the tool itself needs."""
ALL = (*FOR_THE_SUITE, *NEEDED)


@dataclass
class WebService:
    """What answers at `/webservice/rest/server.php`, with a token."""

    url: str
    token: str
    certificates: str | bool

    def call(self, function: str, **arguments: object) -> Any:  # noqa: ANN401
        """Calls a function; its answer, which must be no refusal."""
        data = {"wstoken": self.token, "wsfunction": function, "moodlewsrestformat": "json", **dict(flat(arguments))}
        with requests.Session() as http:
            http.trust_env = False
            address = f"{self.url}/webservice/rest/server.php"
            answer = http.post(address, data=data, verify=self.certificates, timeout=300)
        answer.raise_for_status()
        said = answer.json()
        assert not (isinstance(said, dict) and "exception" in said), f"{function}: {said}"
        return said


def flat(value: object, name: str = "") -> Iterable[tuple[str, str]]:
    """Lists and objects as Moodle wants them in a form: `users[0][username]=…`."""
    if isinstance(value, Mapping):
        parts = [(f"{name}[{key}]" if name else str(key), each) for key, each in value.items()]
    elif isinstance(value, (list, tuple)):
        parts = [(f"{name}[{number}]", each) for number, each in enumerate(value)]
    else:
        yield name, str(value)
        return
    for inner, each in parts:
        yield from flat(each, inner)


def make_service(admin: Visitor, name: str, functions: Collection[str]) -> int:
    """Switches web services and REST on, and makes a service with these functions; its id."""
    form = admin.form("/admin/settings.php?section=optionalsubsystems", "adminsettings")
    admin.send(form, s__enablewebservices="1")
    admin.follow("/admin/webservice/protocols.php?action=enable&webservice=rest")
    form = admin.form("/admin/webservice/service.php?id=0", "service.php")
    made = admin.send(form, name=name, shortname=name, enabled="1", submitbutton="1")
    service = int(made.url.partition("id=")[2])
    form = admin.form(
        f"/admin/webservice/service_functions.php?id={service}&action=add&sesskey={admin.key()}", "service_functions"
    )
    offered = {label.split(":")[0]: number for label, number in form.options["fids[]"].items()}
    wanted = [offered[function] for function in functions if function in offered]
    assert len(wanted) == len(functions), sorted(set(functions) - set(offered))
    admin.send(form, **{"fids[]": wanted}, submitbutton="1")
    return service


def remove_service(admin: Visitor, service: int) -> None:
    """Takes the service away, and its tokens with it."""
    admin.follow(f"/admin/webservice/service.php?id={service}&action=delete&confirm=1")


def make_role(admin: Visitor, name: str, capability: str) -> int:
    """A role for the whole site that may do this one thing; its id."""
    form = admin.form("/admin/roles/define.php?action=add&resettype=none", "rolesform")
    sent = {"shortname": name, "name": name, "contextlevel10": "1", capability: "1", "savechanges": "1"}
    made = admin.send(form, **sent)
    return int(made.url.partition("roleid=")[2].partition("&")[0])


def remove_role(admin: Visitor, role: int) -> None:
    """Takes the role away from everybody, and deletes it."""
    admin.follow(f"/admin/roles/manage.php?action=delete&roleid={role}&confirm=1")


def make_token(admin: Visitor, service: int, user: str) -> str:
    """A token of this person for the service: shown once, on the page that follows."""
    form = admin.form("/admin/webservice/tokens.php?action=create", "tokens.php")
    answer = admin.send(form, name=f"suite {user}", user=user, service=str(service), submitbutton="1")
    return token_in(answer.text)


def token_in(page: str) -> str:
    """The token that the page shows: 32 letters, in a copyable text or in a table."""
    import re

    found = re.findall(r">\s*([0-9a-f]{32})\s*<", page)
    assert found, "no token on the page"
    return str(found[0])
