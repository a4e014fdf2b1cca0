"""`lti-tool person` as an operator calls it."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from lti_tool.cli import main
from lti_tool.db import schema
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.people import sessions
from lti_tool.people.sessions import Beginning
from lti_tool.people.store import as_person
from lti_tool.people.tables import PersonRow
from lti_tool.tasks.shelf import Shelf
from tests.factories.dossier import NAME, Dossier, fill, rename


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SessionFactory:
    """An installation of its own, as the command finds it by its settings."""
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))
    engine = make_engine(f"sqlite:///{tmp_path / 'lti-tool.sqlite3'}")
    sessions = make_session_factory(engine)
    schema.upgrade(sessions)
    return sessions


@pytest.fixture
def dossier(installed: SessionFactory, tmp_path: Path, now: datetime) -> Dossier:
    with unit_of_work(installed) as session:
        filled = fill(session, Shelf(tmp_path / "files"), now)
        rename(session, filled)
    return filled


def _call(*words: str) -> Result:
    return CliRunner().invoke(main, ["person", *words])


def _name(sessions: SessionFactory, dossier: Dossier) -> str:
    with unit_of_work(sessions, writes=False) as session:
        query = text("SELECT name FROM person WHERE id = :it")
        found: str = session.execute(query, {"it": dossier.person_id}).scalar_one()
    return found


def test_a_dry_run_says_what_would_go_and_changes_nothing(installed: SessionFactory, dossier: Dossier) -> None:
    answer = _call("erase", dossier.public_id, "--dry-run", "--json")

    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert told["erased"] is False
    assert told["deleted"]["evidence.person_id"] == 1
    assert told["kept"]["competency_standing.person_id"] == 1
    assert told["grades_left_in_lms"] == 1
    assert NAME not in answer.output
    assert _name(installed, dossier) == NAME


def test_an_erased_person_is_gone_with_their_files(installed: SessionFactory, dossier: Dossier, tmp_path: Path) -> None:
    answer = _call("erase", dossier.public_id)

    assert answer.exit_code == 0, answer.output
    assert "erased\tTrue" in answer.stdout
    assert _name(installed, dossier) == ""
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_nobody_of_that_id_is_refused_in_one_line(installed: SessionFactory) -> None:
    answer = _call("erase", "nosuchperson")

    assert answer.exit_code == 1
    assert answer.stderr.strip() == "lti-tool: person_unknown"


def test_what_is_held_is_written_as_json_or_zip_and_the_record_says_so(
    installed: SessionFactory, dossier: Dossier, tmp_path: Path
) -> None:
    assert _call("export", dossier.public_id, str(tmp_path / "data.json")).exit_code == 0
    assert _call("export", dossier.public_id, str(tmp_path / "data.zip"), "--zip").exit_code == 0

    assert json.loads((tmp_path / "data.json").read_text())["person"]["name"] == NAME
    with zipfile.ZipFile(tmp_path / "data.zip") as packed:
        assert len(packed.namelist()) == 2
    with unit_of_work(installed, writes=False) as session:
        query = text("SELECT action, actor_kind, subject_id FROM audit_event")
        assert [tuple(row) for row in session.execute(query)] == [("read.data", "operator", dossier.public_id)]


def test_somebody_whose_telephone_is_lost_is_signed_out_everywhere(
    installed: SessionFactory, dossier: Dossier, now: datetime
) -> None:
    with unit_of_work(installed) as session:
        hers = as_person(session.get_one(PersonRow, dossier.person_id))
        sessions.end_all_of(session, hers.id)
        tokens = [sessions.begin(session, Beginning(hers, False, "ky"), None, now)[0] for _ in range(2)]

    answer = _call("sign-out", dossier.public_id)

    assert (answer.exit_code, answer.stdout) == (0, "2\n")
    with unit_of_work(installed) as session:
        assert [sessions.find(session, token, timedelta(hours=4), now) for token in tokens] == [None, None]
        assert session.scalars(text("SELECT action FROM audit_event")).all() == ["sessions.ended"]
    assert _call("sign-out", "nosuch").exit_code == 1
