"""Every page of a course says how far its levels follow a change, and why they could not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading.tables import JobRow
from tests.integration.web.conftest import Institute, Visitor

BASE = "https://tool.example.invalid"
BEGAN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RETRY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def _told(visitor: Visitor, institute: Institute, who: str = "trainer", language: str = "en") -> str:
    """What the frame of the course's page says of it."""
    path = f"/c/{institute.course.public_id}/{'me' if who == 'participant' else 'group'}?lang={language}"
    answer = visitor(who).get(path, base_url=BASE)
    assert answer.status_code == 200
    notices = BeautifulSoup(answer.text, "html.parser").select(".following")
    return " ".join(" ".join(notice.get_text(" ").split()) for notice in notices)


def _job(sessions: SessionFactory, institute: Institute, **fields: object) -> None:
    with unit_of_work(sessions) as session:
        row = JobRow(course_id=institute.course.id, total=250, done=100, reached=7, began_at=BEGAN, finished_at=None)
        row.failures, row.retry_at, row.fault = 0, None, None
        for name, value in fields.items():
            setattr(row, name, value)
        session.add(row)


def test_progress_is_told(visitor: Visitor, institute: Institute, sessions: SessionFactory) -> None:
    _job(sessions, institute)

    assert "100 of 250 people are done." in _told(visitor, institute)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("OperationalError", "(the database did not answer)"),
        ("framework_version_unknown", "(a fault of this tool, framework_version_unknown)"),
    ],
)
def test_a_failure_is_told_with_its_reason_and_the_next_try(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, fault: str, reason: str
) -> None:
    _job(sessions, institute, failures=3, retry_at=RETRY, fault=fault)

    told = _told(visitor, institute)

    assert reason in told
    assert "100 of 250 people are done. No mark is lost; it is tried again by itself, next at 23 November 2026" in told


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_it_is_told_in_the_person_s_language(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, language: str
) -> None:
    _job(sessions, institute, failures=1, retry_at=RETRY, fault="OperationalError")

    told = _told(visitor, institute, language=language)

    assert "database" not in told
    assert "250" in told


def test_a_participant_is_not_bothered_with_it(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    _job(sessions, institute, failures=1, retry_at=RETRY, fault="OperationalError")

    assert _told(visitor, institute, "participant") == ""


def test_nothing_is_said_once_it_is_done(visitor: Visitor, institute: Institute, sessions: SessionFactory) -> None:
    _job(sessions, institute, finished_at=BEGAN)

    assert _told(visitor, institute) == ""
