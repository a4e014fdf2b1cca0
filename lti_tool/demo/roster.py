"""Names and Role Provisioning: the members of a course, with Moodle's short role names and its gaps.

Site admins and managers are missing, and the non-editing teacher appears as a learner.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import request
from flask.typing import ResponseReturnValue

from lti_tool.demo.current import current_lms
from lti_tool.demo.model import Person, Role, Tool
from lti_tool.demo.services import ALL_METHODS, MEMBERSHIP, Refused, Resource, admit, answer, bp, known_course

MEMBERS = Resource(("application/vnd.ims.lti-nrps.v2.membershipcontainer+json",), {"GET": frozenset({MEMBERSHIP})})
MEMBERSHIP_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


@bp.route("/CourseSection/<course_id>/bindings/<tool_id>/memberships", methods=ALL_METHODS)
def memberships(course_id: str, tool_id: str) -> ResponseReturnValue:
    """The active members; filters `role` and `rlid`, pages by `limit` and `from`."""
    tool = admit(MEMBERS)
    if tool.id != tool_id:
        raise Refused(401)
    course = known_course(course_id)
    _check_link(request.args.get("rlid"))
    url = f"{current_lms().url}{request.path}"
    listed = [member(person, role, tool) for person, role in current_lms().members(course_id) if _wanted(role)]
    page, next_from = _page(listed)
    context = {"id": course.id, "label": course.label, "title": course.title}
    response = answer({"id": url, "context": context, "members": page}, MEMBERS.formats[0])
    if next_from is not None:
        # Moodle forgets the role filter here.
        query = urlencode({"limit": request.args["limit"], "from": next_from})
        response.headers["Link"] = f'<{url}?{query}>; rel="next"'
    return response


def short_role(role: Role) -> str:
    """Who may manage activities is an instructor, everybody else a learner."""
    return "Instructor" if role is Role.TRAINER else "Learner"


def member(person: Person, role: Role, tool: Tool) -> dict[str, object]:
    """One member as the tool may see them: without permission the keys are missing altogether."""
    shown: dict[str, object] = {
        "status": "Active",
        "roles": [short_role(role)],
        "user_id": person.id,
        "lis_person_sourcedid": person.id_number,
    }
    if tool.shares_names:
        shown |= {"name": person.name, "given_name": person.given_name, "family_name": person.family_name}
    if tool.shares_email:
        shown["email"] = person.email
    if tool.shares_names:
        shown["ext_user_username"] = person.username
    return shown


def _wanted(role: Role) -> bool:
    asked = request.args.get("role", "").removeprefix(MEMBERSHIP_ROLE)
    return asked in ("", short_role(role))


def _check_link(link_id: str | None) -> None:
    if link_id is not None and link_id not in current_lms().links:
        raise Refused(404, f"Not Found: LTI link {link_id} doesn't exist")


def _page(listed: list[dict[str, object]]) -> tuple[list[dict[str, object]], int | None]:
    start, limit = request.args.get("from", 0, type=int), request.args.get("limit", 0, type=int)
    if not limit:
        return listed, None
    end = start + limit
    return listed[start:end], end if end < len(listed) else None
