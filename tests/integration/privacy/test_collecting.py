"""What a person is given: everything that is held, readable, and nothing that opens a door or is another's."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.audit import queries as audit_queries
from lti_tool.audit import recording
from lti_tool.audit.model import Action, Actor, ActorKind, Event, Subject, SubjectKind
from lti_tool.audit.queries import Asked, Place
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PersonId, PlatformId
from lti_tool.people.alphabet import sorting_key
from lti_tool.people.model import Person
from lti_tool.people.store import as_person
from lti_tool.people.tables import PersonRow
from lti_tool.privacy import collecting
from lti_tool.privacy.holdings import HOLDINGS, Section
from lti_tool.reports.tables import PersonWordRow
from lti_tool.tasks.shelf import Shelf
from tests.factories.dossier import EMAIL, ID_NUMBER, IN_A_FILE, NAME, SUB, WROTE, Dossier, fill, rename


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "files")


@pytest.fixture
def dossier(any_sessions: SessionFactory, shelf: Shelf, now: datetime) -> Dossier:
    with unit_of_work(any_sessions) as session:
        filled = fill(session, shelf, now)
        rename(session, filled)
    return filled


def _person(session: Session, dossier: Dossier) -> Person:
    return as_person(session.get_one(PersonRow, dossier.person_id))


def _document(sessions: SessionFactory, dossier: Dossier, now: datetime) -> dict[str, Any]:
    with unit_of_work(sessions, writes=False) as session:
        found: dict[str, Any] = json.loads("".join(collecting.document(session, _person(session, dossier), now)))
    return found


def test_everything_that_is_held_is_given(any_sessions: SessionFactory, dossier: Dossier, now: datetime) -> None:
    told = _document(any_sessions, dossier, now)

    assert (told["person"]["name"], told["person"]["email"]) == (NAME, EMAIL)
    assert (told["person"]["sub"], told["person"]["id_number"]) == (SUB, ID_NUMBER)
    assert {key for key, rows in told.items() if isinstance(rows, list) and rows} == {each.key for each in HOLDINGS}
    assert told["evidence.person_id"][0]["course"] == "ИКТ 101"
    assert told["submission.person_id"][0]["text"].startswith(WROTE)


def test_no_secret_no_row_id_and_nothing_of_another_is_given(
    any_sessions: SessionFactory, dossier: Dossier, now: datetime
) -> None:
    told = _document(any_sessions, dossier, now)

    for each in HOLDINGS:
        for row in told[each.key]:
            assert not each.hidden & row.keys()
            assert "id" not in row
            assert not [name for name in row if name.endswith("_id") and name not in {"public_id", "external_id"}] or (
                each.table in {"deep_link", "line_item"}
            ), row
    done_to_others = [row for each in HOLDINGS if each.section is Section.BY_YOU for row in told[each.key]]
    assert "Somebody Else" not in json.dumps(done_to_others), "whom she assessed is an opaque id"
    assert "text of another" not in json.dumps(told)


def test_the_words_of_a_name_are_given_as_written_and_not_as_they_are_sorted(
    any_sessions: SessionFactory, dossier: Dossier, now: datetime
) -> None:
    with unit_of_work(any_sessions) as session:
        person = session.get_one(PersonRow, dossier.person_id)
        person.name = "Өмүрбек Ңыязов"
        keys = [sorting_key(each) for each in person.name.split()]
        words = {"platform_id": person.platform_id, "person_id": person.id, "first": False}
        session.add_all(PersonWordRow(word=each, **words) for each in keys)

    told = _document(any_sessions, dossier, now)

    written = json.dumps(told, ensure_ascii=False)
    assert not [each for each in keys if each in written or each.isprintable()]
    assert told["person"]["name"] == "Өмүрбек Ңыязов"
    assert len(told["person_word.person_id"]) == 3, "that they are held is told"
    assert {tuple(row) for row in told["person_word.person_id"]} == {("platform",)}


def test_whoever_decided_over_the_own_record_is_named(
    any_sessions: SessionFactory, dossier: Dossier, now: datetime
) -> None:
    told = _document(any_sessions, dossier, now)

    assert told["judgement.person_id"][0]["judged_by"] == "Somebody Else"


def test_the_zip_has_the_document_and_the_files_under_harmless_names(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    packed = io.BytesIO()
    with unit_of_work(any_sessions) as session:
        session.execute(text("UPDATE file SET name = '../../etc/pass\nwd.pdf'"))
    with unit_of_work(any_sessions, writes=False) as session:
        collecting.pack(session, shelf, _person(session, dossier), now, packed)

    with zipfile.ZipFile(packed) as opened:
        assert opened.namelist() == ["data.json", "files/001 .._.._etc_pass_wd.pdf"]
        assert opened.read(opened.namelist()[1]).decode() == IN_A_FILE
        assert json.loads(opened.read("data.json"))["format"] == "lti-tool-person/1"


def test_the_overview_counts_all_and_shows_the_newest(any_sessions: SessionFactory, dossier: Dossier) -> None:
    with unit_of_work(any_sessions, writes=False) as session:
        kept = collecting.overview(session, PersonId(dossier.person_id), 1)

    assert {each.holding.key for each in kept} == {each.key for each in HOLDINGS}
    assert all(len(each.rows) == 1 <= each.count for each in kept)


def _note(session: Session, action: Action, by: str, about: str, course: str | None, at: datetime) -> None:
    kind = SubjectKind.COURSE if action is Action.READ_COURSE else SubjectKind.PERSON
    actor = Actor(ActorKind.PERSON, by)
    recording.record(session, Event(action, actor, PlatformId(1), Subject(kind, about), course), at)


def test_who_read_the_own_record_or_a_list_with_it_is_found_and_nobody_else(
    any_sessions: SessionFactory, now: datetime
) -> None:
    with unit_of_work(any_sessions) as session:
        _note(session, Action.READ_RECORD, "trainer", "me", "c1", now)
        _note(session, Action.READ_COURSE, "trainer", "c1", "c1", now + timedelta(hours=1))
        _note(session, Action.READ_COURSE, "me", "c1", "c1", now)
        _note(session, Action.READ_RECORD, "trainer", "another", "c1", now)
        _note(session, Action.READ_COURSE, "trainer", "c2", "c2", now)
        _note(session, Action.JUDGED, "trainer", "me", "c1", now)

        found = audit_queries.readers_of(session, PlatformId(1), "me", ["c1"], 10)

    assert [(line.action, line.actor_id, line.subject_id) for line in found] == [
        ("read.course", "trainer", "c1"),
        ("read.record", "trainer", "me"),
    ]


def test_the_record_is_searched_page_by_page(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        for number in range(25):
            at = now - timedelta(hours=number // 3)
            _note(session, Action.JUDGED, f"a{number % 2}", f"s{number % 3}", "c1", at)
        search, behind, seen = Asked(actor="a1"), None, []
        while page := audit_queries.found(session, PlatformId(1), search, 5, behind):
            seen += [line.id for line in page]
            behind = Place(page[-1].at, page[-1].id)

        everything = [line.id for line in audit_queries.stream(session, PlatformId(1), search)]
        assert seen == everything
        assert len(seen) == len(set(seen)) == 12
        lately = Asked(since=now - timedelta(hours=2), until=now)
        assert len(audit_queries.found(session, PlatformId(1), lately, 100)) == 6
        assert audit_queries.found(session, PlatformId(2), Asked(), 5) == ()
        assert len(audit_queries.found(session, PlatformId(1), Asked(subject="s1", actor="a1"), 100)) == 4
