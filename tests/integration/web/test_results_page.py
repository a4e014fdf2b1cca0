"""The upload page: a file's report, its questions, and that a refused file leaves nothing."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency.evidence import current_evidence
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId
from tests.integration.web.conftest import Institute, Visitor

BASE = "https://tool.example.invalid"
HEAD = '"First name","ID number","Email address","Quiz: Week 1 quiz (Percentage)","Last downloaded from this course"'
FILE = f'{HEAD}\nАйгүл,KG-1,,"75.00 %",1795384217\nНикто,KG-99,,"10.00 %",1795384217\n'
MAPPING = "activity,indicator,weight,role,pass_mark\nQuiz: Week 1 quiz,1.1.1.a,1,supporting,\n"


def _post(client: FlaskClient, institute: Institute, page: str, path: str, text: str, **form: str) -> TestResponse:
    course = institute.course.public_id
    shown = client.get(f"/c/{course}/{page}", base_url=BASE).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert token is not None
    sent = {"csrf_token": token.group(1), "file": (io.BytesIO(text.encode()), "file.csv"), **form}
    return client.post(f"/c/{course}/{path}", data=sent, base_url=BASE)


@pytest.fixture
def mapped(visitor: Visitor, institute: Institute) -> FlaskClient:
    """A trainer whose course has one mapped quiz."""
    client = visitor("trainer")
    assert _post(client, institute, "mapping", "mapping/file", MAPPING).status_code == 303
    address = f"/c/{institute.course.public_id}/mapping"
    preview = client.get(f"{address}/preview", base_url=BASE).get_data(as_text=True)
    fields = dict(re.findall(r'name="(csrf_token|seen)" value="([^"]*)"', preview))
    assert client.post(f"{address}/publish", data=fields, base_url=BASE).status_code == 303
    return client


def _marks(sessions: SessionFactory, institute: Institute) -> int:
    with unit_of_work(sessions, writes=False) as session:
        return len(current_evidence(session, CourseId(institute.course.id)))


def test_a_file_is_taken_and_told_row_by_row(
    mapped: FlaskClient, institute: Institute, sessions: SessionFactory
) -> None:
    answer = _post(mapped, institute, "results", "results", FILE)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert re.search(r"new marks</dt>\s*<dd class=\"num\">\s*1\s*</dd>", page)
    assert "Line 3 (KG-99)" in page
    assert _marks(sessions, institute) == 1


def test_a_dry_run_tells_the_same_and_stores_nothing(
    mapped: FlaskClient, institute: Institute, sessions: SessionFactory
) -> None:
    page = _post(mapped, institute, "results", "results", FILE, dry_run="1").get_data(as_text=True)

    assert "What the file would change" in page
    assert _marks(sessions, institute) == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty."),
        (FILE.replace("75.00 %", "viel"), "is not a mark"),
        (FILE + "x,y\n", "Line 4 has 2 fields where the header has 5"),
        (FILE + 'Айгүл,KG-1,,"1.00 %",1795384217\n', "name the same person"),
        (FILE.replace(",1795384217", ",").replace("KG-99", "KG-98"), "does not say when its marks were taken"),
    ],
)
def test_a_faulty_file_is_refused_with_a_sentence_and_leaves_nothing(
    mapped: FlaskClient, institute: Institute, sessions: SessionFactory, text: str, sentence: str
) -> None:
    answer = _post(mapped, institute, "results", "results", text)

    assert (answer.status_code, _marks(sessions, institute)) == (422, 0)
    assert sentence in answer.get_data(as_text=True)


def test_unknown_headers_are_asked_about_and_the_answer_is_taken(
    mapped: FlaskClient, institute: Institute, sessions: SessionFactory
) -> None:
    foreign = FILE.replace(HEAD, '"Etunimi","Tunniste","Posti","Quiz: Week 1 quiz (Prosentti)","Ladattu"')

    asked = _post(mapped, institute, "results", "results", foreign)

    page = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert "2. Tunniste" in page
    assert "Prosentti" in page
    said = {"id_number": "2", "downloaded": "5", "word": "Prosentti", "meaning": "percentage"}
    taken = _post(mapped, institute, "results", "results", foreign, **said)
    assert (taken.status_code, _marks(sessions, institute)) == (200, 1)


def test_the_time_can_be_given_where_the_file_has_none(
    mapped: FlaskClient, institute: Institute, sessions: SessionFactory
) -> None:
    timeless = FILE.replace(",1795384217", ",")

    answer = _post(mapped, institute, "results", "results", timeless, as_of="2026-11-20T10:00")

    assert (answer.status_code, _marks(sessions, institute)) == (200, 1)


def test_a_faulty_mapping_file_keeps_the_mapping_that_stands(mapped: FlaskClient, institute: Institute) -> None:
    broken = MAPPING + "Quiz: New one,9.9.9.z,1,supporting,\n"

    answer = _post(mapped, institute, "mapping", "mapping/file", broken)

    page = mapped.get(f"/c/{institute.course.public_id}/mapping", base_url=BASE).get_data(as_text=True)
    assert answer.status_code == 303
    assert "there is no indicator 9.9.9.z" in page
    assert "Quiz: Week 1 quiz" in page
    assert "Quiz: New one" not in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_mapping_file_that_is_downloaded_can_be_sent_back(
    mapped: FlaskClient, institute: Institute, kind: str
) -> None:
    course = institute.course.public_id
    content = mapped.get(f"/c/{course}/mapping.{kind}", base_url=BASE).data
    assert len(content) > 60
    shown = mapped.get(f"/c/{course}/mapping", base_url=BASE).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert token is not None

    sent = {"csrf_token": token.group(1), "file": (io.BytesIO(content), f"mapping.{kind}")}
    assert mapped.post(f"/c/{course}/mapping/file", data=sent, base_url=BASE).status_code == 303

    preview = mapped.get(f"/c/{course}/mapping/preview", base_url=BASE).get_data(as_text=True)
    assert "there is nothing to publish" in preview


def test_the_time_of_a_file_is_not_the_time_of_its_upload(
    mapped: FlaskClient, institute: Institute, sessions: SessionFactory
) -> None:
    _post(mapped, institute, "results", "results", FILE)

    with unit_of_work(sessions, writes=False) as session:
        entry = next(iter(current_evidence(session, CourseId(institute.course.id)).values()))

    assert entry.worked_at.timestamp() == 1795384217
    assert entry.worked_at != clock.now()


@pytest.mark.parametrize("number", ["9" * 5000, "0", "1001", "²", "one"])
def test_what_is_not_the_number_of_a_column_is_told(mapped: FlaskClient, institute: Institute, number: str) -> None:
    answer = _post(mapped, institute, "results", "results", FILE, id_number=number)

    assert answer.status_code == 422
    assert f"“{number[:20]}” is not the number of a column." in answer.get_data(as_text=True)
