"""The id_token of a launch, claim by claim as Moodle 5.1.3 sends it (fixtures `launch-*`)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from lti_tool.demo.gradebook import Column
from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import Course, Launch, Link, MessageType, Person, Role, Tool
from lti_tool.demo.services import LINE_ITEM, LINE_ITEM_READ, MEMBERSHIP, RESULT_READ, SCORE, SERVICES

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
OUTCOME_CLAIM = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"
VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
TOKEN_LIFE = 60


class NoAccess(Exception):
    """The person may not open this: suspended, not enrolled, or not allowed to choose content."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that one launch speaks of."""

    lms: DemoLms
    launch: Launch
    tool: Tool
    person: Person
    course: Course
    link: Link | None
    columns: tuple[Column, ...]

    @property
    def line_items_url(self) -> str:
        """The AGS container of this course for this tool."""
        return f"{self.lms.url}{SERVICES}/{self.course.id}/lineitems?type_id={self.tool.id}"

    @property
    def line_item_url(self) -> str | None:
        """The link's column, None unless there is exactly one; empty for a lone posted one (Moodle's slip)."""
        if len(self.columns) != 1:
            return None
        if not self.columns[0].belongs_to_activity:
            return ""
        return self.line_items_url.replace("?", f"/{self.columns[0].id}/lineitem?")

    @property
    def memberships_url(self) -> str:
        """The NRPS address of this course for this tool."""
        return f"{self.lms.url}{SERVICES}/CourseSection/{self.course.id}/bindings/{self.tool.id}/memberships"


def scene_of(lms: DemoLms, launch: Launch) -> Scene:
    """Look up all that a launch names; NoAccess when the person may not open it."""
    course, person = lms.courses[launch.course_id], lms.people[launch.person_id]
    role = lms.role_in(course.id, person.id)
    may_choose = person.is_admin or role is Role.TRAINER
    if (role is None and not person.is_admin) or (launch.message is MessageType.DEEP_LINKING and not may_choose):
        raise NoAccess(person.id)
    link = lms.links[launch.link_id] if launch.link_id else None
    columns = [one for one in lms.gradebook.columns(course.id) if link is not None and one.link_id == link.id]
    return Scene(lms, launch, lms.tools[launch.tool_id], person, course, link, tuple(columns))


def target_of(scene: Scene) -> str:
    """Where the launch leads: for a review the column's own address, else the link's, else the tool's."""
    if scene.launch.message is MessageType.DEEP_LINKING:
        return scene.tool.deep_linking_url or scene.tool.target_url
    review = _review(scene)
    if review.get("url"):
        return str(review["url"])
    return (scene.link.url if scene.link else "") or scene.tool.target_url


def id_token_claims(scene: Scene, nonce: str) -> dict[str, object]:
    """All claims; the token lives a minute."""
    now, course = int(scene.lms.now()), scene.course
    claims: dict[str, object] = {
        "nonce": nonce,
        "iat": now,
        "exp": now + TOKEN_LIFE,
        "iss": scene.lms.url,
        "aud": scene.tool.client_id,
        "sub": scene.person.id,
        CLAIM + "deployment_id": scene.tool.id,
        CLAIM + "target_link_uri": target_of(scene),
        CLAIM + "lis": {"person_sourcedid": scene.person.id_number, "course_section_sourcedid": course.id_number},
        CLAIM + "roles": roles_of(scene),
        CLAIM + "context": {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": ["CourseSection"],
        },
        CLAIM + "message_type": scene.launch.message.value,
        CLAIM + "launch_presentation": _presentation(scene),
        CLAIM + "tool_platform": _platform(scene),
        CLAIM + "version": "1.3.0",
        CLAIM + "custom": custom_of(scene),
    }
    return claims | _person(scene) | _message(scene) | _services(scene)


def roles_of(scene: Scene) -> list[str]:
    """Full role names; both kinds of teacher are Instructor, the admin is three things."""
    if scene.launch.as_learner:
        return [VOCABULARY + "membership#Learner"]
    if scene.person.is_admin:
        names = ("institution/person#Administrator", "membership#Instructor", "system/person#Administrator")
        return [VOCABULARY + name for name in names]
    learner = scene.lms.role_in(scene.course.id, scene.person.id) is Role.PARTICIPANT
    return [VOCABULARY + ("membership#Learner" if learner else "membership#Instructor")]


def custom_of(scene: Scene) -> dict[str, str | None]:
    """The link's own parameters and the site's, which win; variables that Moodle does not know stay as they are."""
    given = {**(scene.link.custom if scene.link else {}), **scene.tool.custom}
    review = _review(scene).get("custom")
    if isinstance(review, dict):
        given |= review
    values = {name: _expanded(str(value), scene) for name, value in given.items()}
    if MEMBERSHIP in scene.tool.scopes:
        values["context_memberships_url"] = scene.memberships_url
    return values


VARIABLES: dict[str, Callable[[Scene], str | None]] = {
    "$Context.id": lambda s: s.course.id,
    "$Context.title": lambda s: s.course.title,
    "$Context.label": lambda s: s.course.label,
    "$Context.id.history": lambda s: s.course.history,
    "$CourseSection.timeFrame.begin": lambda s: s.course.begins_at,
    "$CourseSection.timeFrame.end": lambda s: s.course.ends_at,
    "$CourseSection.sourcedId": lambda s: s.course.id_number,
    "$CourseSection.longDescription": lambda s: s.course.summary,
    "$Moodle.Person.userGroupIds": lambda s: "",
    "$Person.address.timezone": lambda s: "99",
    "$Person.email.primary": lambda s: s.person.email if s.tool.shares_email else None,
    "$User.id": lambda s: s.person.id,
    "$User.username": lambda s: s.person.username,
    "$Membership.role": lambda s: _short_roles(s),
    "$ResourceLink.id": lambda s: s.link.id if s.link else None,
    "$ResourceLink.title": lambda s: s.link.title if s.link else None,
    "$LineItem.url": lambda s: s.line_item_url or "",
    "$LineItems.url": lambda s: s.line_items_url,
    "$Results.url": lambda s: "",
    "$Scores.url": lambda s: "",
    "$LtiLink.memberships.url": lambda s: f"{s.lms.url}{SERVICES}/links/{{link_id}}/memberships",
    "$ToolProxyBinding.memberships.url": lambda s: s.memberships_url,
}


def _short_roles(scene: Scene) -> str:
    if scene.person.is_admin and not scene.launch.as_learner:
        return "Instructor,urn:lti:sysrole:ims/lis/Administrator,urn:lti:instrole:ims/lis/Administrator"
    return roles_of(scene)[0].split("#")[1]


def _expanded(value: str, scene: Scene) -> str | None:
    return VARIABLES[value](scene) if value in VARIABLES else value


def _review(scene: Scene) -> dict[str, object]:
    """The submissionReview of the link's column, for a review launch."""
    if scene.launch.message is not MessageType.SUBMISSION_REVIEW:
        return {}
    found = [column.review for column in scene.columns if column.review is not None]
    return dict(found[0]) if found else {}


def _person(scene: Scene) -> dict[str, object]:
    person, tool = scene.person, scene.tool
    shown: dict[str, object] = {CLAIM + "ext": {"lms": "moodle-2"}}
    if tool.shares_names:
        shown |= {"given_name": person.given_name, "family_name": person.family_name, "name": person.name}
        shown[CLAIM + "ext"] = {"user_username": person.username, "lms": "moodle-2"}
    return shown | ({"email": person.email} if tool.shares_email else {})


def _message(scene: Scene) -> dict[str, object]:
    if scene.launch.message is MessageType.DEEP_LINKING:
        return {DEEP_LINKING_CLAIM: _deep_linking_settings(scene)}
    link = scene.link
    if link is None:
        raise NoAccess("both other messages open a link")
    description = link.description.replace("\n", "\r\n")
    shown: dict[str, object] = {
        CLAIM + "resource_link": {"title": link.title, "description": description, "id": link.id}
    }
    if any(column.belongs_to_activity for column in scene.columns):
        shown[OUTCOME_CLAIM] = _basic_outcome(scene, link)
    if scene.launch.message is MessageType.SUBMISSION_REVIEW:
        shown[CLAIM + "for_user"] = {"user_id": scene.launch.for_person_id}
    return shown


def _basic_outcome(scene: Scene, link: Link) -> dict[str, str]:
    data = {"instanceid": link.id, "userid": scene.person.id, "typeid": scene.tool.id}
    data["launchid"] = str(secrets.randbelow(2**31))
    mark = sha256(json.dumps(data).encode()).hexdigest()
    return {
        "lis_result_sourcedid": json.dumps({"data": data, "hash": mark}),
        "lis_outcome_service_url": f"{scene.lms.url}/mod/lti/service.php",
    }


def _deep_linking_settings(scene: Scene) -> dict[str, object]:
    back = f"{scene.lms.url}/mod/lti/contentitem_return.php?course={scene.course.id}&id={scene.tool.id}"
    return {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "deep_link_return_url": f"{back}&sesskey={secrets.token_hex(5)}",
        "title": scene.tool.name,
        "text": "",
    }


def _presentation(scene: Scene) -> dict[str, str]:
    shown = {"locale": scene.person.locale}
    if scene.link is not None:
        container = "3" if scene.launch.in_frame else "4"
        query = f"course={scene.course.id}&launch_container={container}&instanceid={scene.link.id}"
        shown["document_target"] = "iframe" if scene.launch.in_frame else "window"
        shown["return_url"] = f"{scene.lms.url}/mod/lti/return.php?{query}&sesskey={secrets.token_hex(5)}"
    return shown


def _platform(scene: Scene) -> dict[str, str]:
    return {
        "product_family_code": "moodle",
        "version": "2025100603",
        "guid": sha256(scene.lms.url.encode()).hexdigest()[:32],
        "name": "demo",
        "description": "Demonstration LMS",
    }


def _services(scene: Scene) -> dict[str, object]:
    scopes, shown = scene.tool.scopes, dict[str, object]()
    if SCORE in scopes:
        listed = [scope for scope in (LINE_ITEM, LINE_ITEM_READ, RESULT_READ, SCORE) if scope in scopes]
        endpoint: dict[str, object] = {"scope": listed, "lineitems": scene.line_items_url}
        if scene.line_item_url is not None:
            endpoint["lineitem"] = scene.line_item_url
        shown[AGS_CLAIM] = endpoint
    if MEMBERSHIP in scopes:
        shown[NRPS_CLAIM] = {
            "context_memberships_url": scene.memberships_url,
            "service_versions": ["1.0", "2.0"],
        }
    return shown
