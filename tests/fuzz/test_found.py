"""What was found by sending anything, kept by name: forms and addresses that answered with a server error."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lti_tool.lti.tables import RegistrationRow
from lti_tool.people.tables import ActivityRow
from tests.factories.launch_bench import TOOL
from tests.fuzz.undone import undone
from tests.fuzz.world import ADMIN, OPERATOR, PARTICIPANT, TRAINER, World

ELSEWHERE = "https://lms.example.invalid"
AGREED = {
    "issuer": ELSEWHERE,
    "client_id": "c",
    "authorization_url": ELSEWHERE,
    "token_url": ELSEWHERE,
    "jwks_url": ELSEWHERE,
}
FOUND = {
    "a file whose id has a NUL": (PARTICIPANT, "{task}/draft", {"step": "take_out:\0"}, 404),
    "a due date on the first day of the calendar": (TRAINER, "{task}/settings", {"due_at": "0001-01-01T00:00"}, 409),
    "a platform whose id has a NUL": (OPERATOR, "/administration/look-at", {"platform": "\0"}, 400),
    "a deployment to be named whose id has a NUL": (
        OPERATOR,
        "{registration}/deployments",
        {"deployment_id": "1\0", "name": "x", "known": "1"},
        303,
    ),
    "a deployment to be removed whose id has a NUL": (OPERATOR, "{registration}/remove-deployment", {"id": "9\0"}, 303),
    "the number of a column with thousands of digits": (TRAINER, "{course}/results", {"id_number": "9" * 5000}, 422),
    "people after a word with a NUL": (ADMIN, "/institute/people?after=\0~1", None, 200),
    "the record from before the first day of the calendar": (
        ADMIN,
        "/institute/audit?behind=0001-01-01T00:00:00%2B14:00_1",
        None,
        200,
    ),
    "an activity whose name has a NUL": (TRAINER, "{course}/activities", {"name": "Quiz: \0"}, 303),
    "an account of a platform whose id has a NUL": (
        OPERATOR,
        "/administration/accounts/new",
        {"login": "somebody", "locale": "en", "role": "\0"},
        422,
    ),
    "a registration whose name has a NUL": (
        OPERATOR,
        "/administration/registrations/new",
        {**AGREED, "name": "\0"},
        303,
    ),
    "courses by a word with a NUL": (ADMIN, "/institute/courses?q=a\0b", None, 200),
    "people by a word with a NUL": (ADMIN, "/institute/people?q=a\0b", None, 200),
    "a way back that is no address": (PARTICIPANT, "/session/language", {"locale": "ky", "next": "//["}, 303),
}


@pytest.mark.parametrize(("visitor", "path", "fields", "status"), FOUND.values(), ids=FOUND)
def test_what_answered_with_a_server_error_is_told(
    world: World, visitor: str, path: str, fields: dict[str, str] | None, status: int
) -> None:
    with undone(world.sessions):
        address, client = path.format(**_places(world)), world.browser(visitor)
        if fields is None:
            answer = client.get(address, base_url=TOOL)
        else:
            answer = client.post(address, data=fields, base_url=TOOL)

    assert answer.status_code == status, answer.text


def _places(world: World) -> dict[str, str]:
    course = f"/c/{world.api.ids['course']}"
    with world.sessions() as session:
        task = session.scalars(select(ActivityRow.public_id).where(ActivityRow.kind == "evidence")).first()
        registration = session.scalars(select(RegistrationRow.public_id)).first()
    return {
        "course": course,
        "task": f"{course}/tasks/{task}",
        "registration": f"/administration/registrations/{registration}",
    }
