"""What launches leave: a line of those who may read others, no name in the log, nobody brought back who was erased."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import structlog.testing
from sqlalchemy import text

from lti_tool import clock
from lti_tool.audit.model import OPERATOR
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.privacy import erasing
from tests.factories.launch_bench import Bench
from tests.factories.signing_lms import recorded_payload
from tests.integration.web.test_rights import BASE

STUDENT, TRAINER = "resource-link-student", "resource-link-editing-teacher"


def _lines(sessions: SessionFactory) -> list[tuple[str, str]]:
    with unit_of_work(sessions, writes=False) as session:
        rows = session.execute(text("SELECT action, detail FROM audit_event ORDER BY id")).all()
    return [(row.action, json.loads(row.detail)["what"]) for row in rows]


def test_a_session_that_may_read_others_is_recorded_and_a_participants_is_not(lms: Bench) -> None:
    lms.browser().launch(STUDENT)
    assert _lines(lms.sessions) == []

    lms.browser().launch(TRAINER)
    lms.browser().launch("resource-link-site-admin")

    assert _lines(lms.sessions) == [("session.begun", "trainer"), ("session.begun", "admin")]


@pytest.mark.parametrize("name", [STUDENT, TRAINER])
def test_the_log_of_a_launch_names_nobody(lms: Bench, name: str) -> None:
    payload = recorded_payload(name)
    personal = [payload[claim] for claim in ("name", "given_name", "family_name", "email") if payload.get(claim)]
    assert len(personal) == 4

    with structlog.testing.capture_logs() as said:
        browser = lms.browser()
        page = browser.client.get(browser.launch(name).headers["Location"], base_url=BASE)
        refused = lms.browser().launch(name, iss="https://elsewhere.example.invalid", email="refused@example.invalid")
        lms.browser().launch(name, deployment_id=None, name="Refused Too")

    assert page.status_code == 200
    assert refused.status_code >= 400
    assert len(said) > 1
    told = json.dumps(said, default=str, ensure_ascii=False)
    assert [each for each in (*personal, "refused@example.invalid", "Refused Too") if each in told] == []


def test_who_was_erased_and_launches_again_is_somebody_new_of_whom_nothing_is_known(lms: Bench, tmp_path: Path) -> None:
    first = lms.browser()
    page = first.launch(STUDENT).headers["Location"]
    with unit_of_work(lms.sessions, writes=False) as session:
        public_id = session.execute(text("SELECT public_id FROM person")).scalar_one()
        plan = erasing.plan(session, public_id)
    shelf = lms.app.extensions["tool"].shelf
    erasing.erase(lms.sessions, shelf, None, plan, by=OPERATOR, now=clock.now)
    assert first.client.get(page, base_url=BASE).status_code == 401, "the session has ended"

    again = lms.browser()
    assert again.client.get(again.launch(STUDENT).headers["Location"], base_url=BASE).status_code == 200

    with unit_of_work(lms.sessions, writes=False) as session:
        rows = session.execute(text("SELECT public_id, sub, name, erased_at FROM person ORDER BY id")).all()
    erased, new = rows
    assert erased.erased_at is not None
    assert (erased.name, erased.sub[:7]) == ("", "erased:")
    assert new.sub == recorded_payload(STUDENT)["sub"]
    assert public_id not in {erased.public_id, new.public_id}
