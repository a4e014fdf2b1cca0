"""The REST interface of CASE 1.0, asked as programs ask it, without a session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.catalogue import bookshelf as shelves
from lti_tool.db.unit_of_work import make_engine, make_session_factory
from tests.factories.launch_bench import TOOL
from tests.integration.web.conftest import make_lms
from tests.unit.catalogue.test_case import SCHEMA

ROOT = "/ims/case/v1p0"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
STATUS_INFO = {
    "type": "object",
    "additionalProperties": False,
    "required": ["imsx_codeMajor", "imsx_severity", "imsx_description", "imsx_codeMinor"],
    "properties": {
        "imsx_codeMajor": {"const": "failure"},
        "imsx_severity": {"const": "error"},
        "imsx_description": {"type": "string"},
        "imsx_codeMinor": {
            "type": "object",
            "additionalProperties": False,
            "required": ["imsx_codeMinorField"],
            "properties": {
                "imsx_codeMinorField": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["imsx_codeMinorFieldName", "imsx_codeMinorFieldValue"],
                        "properties": {
                            "imsx_codeMinorFieldName": {"type": "string"},
                            "imsx_codeMinorFieldValue": {
                                "enum": [
                                    "fullsuccess", "invalid_sort_field", "invalid_selection_field", "forbidden",
                                    "unauthorisedrequest", "internal_server_error", "unknownobject", "server_busy",
                                    "invaliduuid",
                                ]
                            },
                        },
                    },
                }
            },
        },
    },
}  # fmt: skip
"""The standard's error object, as far as a failure has it."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[FlaskClient]:
    """The application with the packaged requirements; nothing here writes, so one serves all tests."""
    folder = tmp_path_factory.mktemp("case")
    path = folder / "case.sqlite3"
    path.write_bytes(empty_database.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    yield make_lms(folder, make_session_factory(engine)).app.test_client()
    engine.dispose()


def ask(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    return client.get(ROOT + path, base_url=TOOL, headers=headers)


def refused(answer: TestResponse) -> tuple[int, str, str]:
    """Status, field and word of an error object, which has to be a valid one."""
    jsonschema.validate(answer.json, STATUS_INFO)
    (minor,) = answer.json["imsx_codeMinor"]["imsx_codeMinorField"]
    return answer.status_code, minor["imsx_codeMinorFieldName"], minor["imsx_codeMinorFieldValue"]


def documents(client: FlaskClient, asked: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(client, f"/CFDocuments{asked}").json["CFDocuments"]
    return found


def test_from_the_documents_one_comes_to_everything(client: FlaskClient) -> None:
    official = documents(client, "?filter=language='ky'")[0]
    package = client.get(official["CFPackageURI"]["uri"].removeprefix(TOOL), base_url=TOOL).json
    jsonschema.Draft7Validator(SCHEMA).validate(package)
    item = next(each for each in package["CFItems"] if each["humanCodingScheme"] == "4.1.1.a")

    alone = ask(client, f"/CFItems/{item['identifier']}").json
    assert {name: alone[name] for name in item} == item
    assert alone["CFDocumentURI"]["identifier"] == official["identifier"]
    links = ask(client, f"/CFItemAssociations/{item['identifier']}").json["CFAssociations"]
    for link in links:
        assert ask(client, f"/CFAssociations/{link['identifier']}").json["identifier"] == link["identifier"]
    assert ask(client, f"/CFItemTypes/{item['CFItemTypeURI']['identifier']}").json["CFItemTypes"]
    concept = package["CFDefinitions"]["CFConcepts"][0]
    assert ask(client, f"/CFConcepts/{concept['identifier']}").json == {"CFConcepts": [concept]}
    assert ask(client, f"/CFDocuments/{official['identifier']}").json == official


def test_a_list_is_given_in_pages_that_name_each_other(client: FlaskClient) -> None:
    seen, path = [], "/CFDocuments?limit=2&sort=language"
    while path:
        answer = ask(client, path)
        seen += [each["language"] for each in answer.json["CFDocuments"]]
        assert answer.headers["X-Total-Count"] == "3"
        onward = re.search(r'<([^>]+)>; rel="next"', answer.headers["Link"])
        path = onward.group(1).removeprefix(TOOL + ROOT) if onward else ""

    assert seen == ["en", "ky", "ru"]


def test_fields_may_be_chosen_and_the_answer_stays_valid(client: FlaskClient) -> None:
    (found,) = documents(client, "?fields=language&limit=1")

    assert set(found) == {"identifier", "uri", "creator", "title", "lastChangeDateTime", "language"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/CFItems/12", (404, "sourcedId", "invaliduuid")),
        (f"/CFItems/{UNKNOWN}", (404, "sourcedId", "unknownobject")),
        (f"/CFSubjects/{UNKNOWN}", (404, "sourcedId", "unknownobject")),
        (f"/CFLicenses/{UNKNOWN}", (404, "sourcedId", "unknownobject")),
        (f"/CFRubrics/{UNKNOWN}", (404, "sourcedId", "unknownobject")),
        (f"/CFAssociationGroupings/{UNKNOWN}", (404, "sourcedId", "unknownobject")),
        ("/CFDocuments?sort=colour", (400, "sort", "invalid_sort_field")),
        ("/CFDocuments?fields=colour", (400, "fields", "invalid_selection_field")),
        ("/CFDocuments?filter=x", (400, "filter", "invalid_selection_field")),
        ("/CFDocuments?limit=0", (400, "limit", "invalid_selection_field")),
        (f"/CFColours/{UNKNOWN}", (404, "TargetEndSystem", "unknownobject")),
        ("/", (404, "TargetEndSystem", "unknownobject")),
        ("/a/b/c", (404, "TargetEndSystem", "unknownobject")),
    ],
)
def test_what_cannot_be_given_is_refused_in_the_standards_words(
    client: FlaskClient, path: str, expected: tuple[int, str, str]
) -> None:
    answer = ask(client, path)

    assert refused(answer) == expected
    assert answer.headers["Access-Control-Allow-Origin"] == "*", "or a script could not read why"


@pytest.mark.parametrize("path", ["/CFDocuments", f"/CFItems/{UNKNOWN}", "/a"])
def test_nothing_can_be_changed_and_programs_are_told_so(client: FlaskClient, path: str) -> None:
    answer = client.post(ROOT + path, base_url=TOOL, json={})

    assert refused(answer)[0] == 405
    assert "GET" in answer.headers["Allow"]


def test_a_failure_is_told_as_the_standard_tells_it_and_without_details(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_asked: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr(shelves, "stored_versions", fail)
    answer = ask(client, "/CFDocuments")

    assert refused(answer) == (500, "TargetEndSystem", "internal_server_error")
    assert "secret" not in answer.get_data(as_text=True)


def test_who_has_an_answer_already_is_told_that_it_is_the_same(client: FlaskClient) -> None:
    first = ask(client, "/CFDocuments")

    again = ask(client, "/CFDocuments", **{"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert ask(client, "/CFDocuments?limit=1").headers["ETag"] != first.headers["ETag"]


def test_scripts_of_any_page_may_read_it_but_no_cookie_plays_a_part(client: FlaskClient) -> None:
    client.set_cookie("__Host-session", "x", domain="tool.example.invalid")
    answer = ask(client, "/CFDocuments", Origin="https://elsewhere.example.org")
    asking = client.options(f"{ROOT}/CFDocuments", base_url=TOOL, headers={"Origin": "https://elsewhere.example.org"})

    assert answer.headers["Access-Control-Allow-Origin"] == asking.headers["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in asking.headers["Access-Control-Allow-Headers"]
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Credentials" not in answer.headers
