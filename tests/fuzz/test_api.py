"""Calls of the API with anything in address, parameters and headers: an answer that its document names."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

from hypothesis import given
from hypothesis import strategies as st

from tests.factories.launch_bench import TOOL
from tests.fuzz.odd import TEXTS
from tests.fuzz.tally import Tally, cases
from tests.fuzz.undone import undone
from tests.fuzz.world import World

NAMES = ("limit", "cursor", "closed", "created_since", "updated_since", "wanted_since", "lms_id", "email", "id_number")
NAMES += ("state", "reason", "course", "person", "version", "level")
PATHS = ("courses", "courses/{course}", "courses/{course}/gradebook", "persons", "persons/{person}", "deliveries")
PATHS += ("framework", "statistics/competencies", "openapi.json", "nowhere", "courses/{odd}", "persons/{odd}")
GOOD = st.sampled_from(
    ["1", "200", "true", "2026-09-01T00:00:00Z", "sent", "newer_there", "2.0", "{course}", "{person}"]
)
VALUES = (TEXTS | GOOD).map(lambda text: text.encode("utf-8", "surrogatepass"))
PARAMETERS = st.lists(st.tuples(st.sampled_from(NAMES).map(str.encode) | VALUES, VALUES), max_size=3)
ACCEPT = st.sampled_from(["", "application/json", "text/html", "*/*;q=NaN", "ky,ru;q=2", "\xff"])
BEARER = st.sampled_from([True, True, True, True, True, True, False, "\0", "x" * 5000, "ы"])
"""Mostly the token of the platform: without it nothing else is read."""


@cases(6)
@given(path=st.sampled_from(PATHS), parameters=PARAMETERS, odd=VALUES, accept=ACCEPT, bearer=BEARER)
def test_calls_of_the_api(
    world: World,
    tally: Tally,
    path: str,
    parameters: list[tuple[bytes, bytes]],
    odd: bytes,
    accept: str,
    bearer: bool | str,
) -> None:
    ids = {**world.api.ids, "odd": quote_from_bytes(odd, safe="")}
    known = {"{course}": ids["course"], "{person}": ids["person"]}
    told = [(name, known.get(value.decode("latin-1"), "").encode() or value) for name, value in parameters]
    query = "&".join(f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in told)
    token = world.api.token if bearer is True else bearer or ""
    headers = {"Accept": accept, "Authorization": f"Bearer {token}".encode("utf-8", "replace").decode("latin-1")}
    if any(letter in headers["Authorization"] for letter in "\r\n"):
        headers.pop("Authorization")
    with tally.case() as case, undone(world.sessions):
        answer = world.app.test_client().get(f"/api/v1/{path.format(**ids)}?{query}", headers=headers, base_url=TOOL)
        assert answer.status_code < 500, answer.text
        case.note(accepted=answer.status_code == 200)
