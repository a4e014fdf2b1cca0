"""Versions of the requirements in the database: imported once, never changed, loaded with their row ids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from lti_tool.competency import publishing
from lti_tool.competency.catalogue import parse, without_edition
from lti_tool.competency.store import import_framework, list_versions, load_framework, newest_version
from lti_tool.competency.tables import CompetencyRow, FrameworkVersionRow, GlossaryTermRow, IndicatorRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import FrameworkVersionId
from lti_tool.settings import config_dir
from tests.factories.catalogues import PACKAGED, packaged_catalogue, small_catalogue
from tests.factories.make import Make


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """The SQL statements that the session's database runs within the block."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: Any) -> None:  # noqa: ANN401  its signature
        seen.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def rows(session: Session, table: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_imported_framework_is_loaded_with_its_row_ids(session: Session, now: datetime) -> None:
    version = import_framework(session, packaged_catalogue(), now)

    framework = load_framework(session, version)

    row = session.scalars(select(IndicatorRow).where(IndicatorRow.code == "4.2.3.b")).one()
    assert framework.id == version
    assert framework.indicator("4.2.3.b").id == row.id
    assert framework.competency("4.2").id == row.competency_id
    assert row.text == framework.indicator("4.2.3.b").texts.by_language()


def test_every_part_has_its_rows(session: Session, now: datetime) -> None:
    import_framework(session, packaged_catalogue(), now)

    competency = session.scalars(select(CompetencyRow).where(CompetencyRow.code == "6.2")).one()
    assert [rows(session, table) for table in (CompetencyRow, IndicatorRow, GlossaryTermRow)] == [11, 61, 20]
    assert competency.position == 11
    assert competency.short_title["ru"] == "Сотрудничество и обмен опытом"


def test_the_same_content_again_is_the_same_version(session: Session, now: datetime) -> None:
    first = import_framework(session, small_catalogue(), now)

    again = import_framework(session, small_catalogue(), now + timedelta(days=1))

    assert again == first
    assert rows(session, FrameworkVersionRow) == 1
    assert rows(session, IndicatorRow) == 6


def test_other_content_under_a_stored_version_is_refused_and_changes_nothing(session: Session, now: datetime) -> None:
    version = import_framework(session, small_catalogue(), now)
    changed = small_catalogue()
    changed["framework"]["title_ru"] = "Другие требования"

    with pytest.raises(RuleBroken, match="framework_version_taken"):
        import_framework(session, changed, now)

    assert load_framework(session, version).title("ru") == "Малые требования"


def test_a_faulty_catalogue_stores_nothing(session: Session, now: datetime) -> None:
    document = small_catalogue()
    document["aspects"][0]["competencies"][0]["indicators"][5]["level"] = 1

    with pytest.raises(RuleBroken, match="framework_faulty"):
        import_framework(session, document, now)

    assert rows(session, FrameworkVersionRow) == 0


def test_versions_are_listed_newest_first_with_their_counts(session: Session, now: datetime) -> None:
    older = import_framework(session, small_catalogue(version="1"), now)
    newer = import_framework(session, small_catalogue(((1,), (1,)), version="2"), now + timedelta(days=1))

    listed = list_versions(session)

    assert [(each.id, each.version, each.competencies, each.indicators) for each in listed] == [
        (newer, "2", 2, 2),
        (older, "1", 1, 6),
    ]
    assert listed[0].title["ky"] == "Кичи талаптар"
    assert newest_version(session) == newer


def test_two_versions_have_rows_of_their_own(make: Make) -> None:
    first, second = make.small_framework(version="1"), make.small_framework(version="2")

    assert {each.id for each in first.indicators}.isdisjoint(each.id for each in second.indicators)


def test_a_database_without_any_version_says_so(session: Session) -> None:
    assert newest_version(session) is None
    assert list_versions(session) == []
    with pytest.raises(NotFound, match="framework_version_unknown"):
        load_framework(session, FrameworkVersionId(1))


def test_a_committed_version_is_read_from_the_database_once(sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(sessions) as session:
        version = import_framework(session, packaged_catalogue(), now)
    with unit_of_work(sessions, writes=False) as session:
        first = load_framework(session, version)

    with unit_of_work(sessions, writes=False) as session, statements(session) as seen:
        second = load_framework(session, version)

    assert second is first
    assert seen == []


def test_a_version_that_was_rolled_back_is_never_seen_again(sessions: SessionFactory, now: datetime) -> None:
    with sessions() as session:
        lost = import_framework(session, small_catalogue(version="1"), now)
        load_framework(session, lost)
        session.rollback()

    with unit_of_work(sessions) as session:
        kept = import_framework(session, small_catalogue(version="2"), now)
    with unit_of_work(sessions, writes=False) as session:
        assert kept == lost
        assert load_framework(session, kept).version == "2"


def test_a_large_framework_is_loaded_with_as_many_queries_as_a_small_one(make: Make, session: Session) -> None:
    small, large = make.small_framework(((1,),), version="1"), make.framework()

    with statements(session) as few:
        load_framework(session, small.id)
    with statements(session) as many:
        load_framework(session, large.id)

    assert len(few) == len(many) == 3


def test_a_new_database_is_given_the_packaged_framework_once(session: Session, now: datetime) -> None:
    first = publishing.ensure_packaged(session, config_dir(), now)
    second = publishing.ensure_packaged(session, config_dir(), now + timedelta(days=1))

    framework = publishing.open_framework(session, first)
    assert first == second
    assert (framework.framework, framework.version, len(framework.indicators)) == ("kg-ict-teachers", "1.0", 61)


def test_a_database_with_a_version_of_its_own_keeps_it(session: Session, now: datetime) -> None:
    own = import_framework(session, small_catalogue(), now)

    assert publishing.ensure_packaged(session, config_dir(), now) == own
    assert [each.framework for each in publishing.versions(session)] == ["small"]


def test_a_package_without_catalogues_is_said_to_be_one(session: Session, now: datetime, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="framework_not_packaged"):
        publishing.ensure_packaged(session, tmp_path, now)


def test_the_published_catalogue_alone_is_recognised(session: Session, now: datetime) -> None:
    packaged = publishing.ensure_packaged(session, config_dir(), now)
    published = json.dumps(without_edition(packaged_catalogue())).encode()

    assert publishing.publish(session, published, now) == packaged


def test_a_catalogue_without_edition_needs_a_name_from_the_caller(session: Session, now: datetime) -> None:
    bare = json.dumps(without_edition(small_catalogue())).encode()

    with pytest.raises(RuleBroken, match="framework_unnamed"):
        publishing.publish(session, bare, now)
    version = publishing.publish(session, bare, now, "small", "2030")

    assert publishing.open_framework(session, version).version == "2030"


def test_an_export_with_its_edition_can_be_imported_elsewhere(session: Session, now: datetime) -> None:
    version = publishing.publish(session, PACKAGED.read_bytes(), now)

    whole = publishing.exported(session, version, with_edition=True)

    assert whole == PACKAGED.read_bytes()
    assert (
        parse(json.loads(whole)).competency("1.1").short_titles
        == publishing.open_framework(session, version).competency("1.1").short_titles
    )


def test_a_version_is_found_by_name_and_the_newest_by_none(session: Session, now: datetime) -> None:
    first = import_framework(session, small_catalogue(version="1"), now)
    second = import_framework(session, small_catalogue(version="2"), now + timedelta(days=1))

    assert publishing.find_version(session) == second
    assert publishing.find_version(session, "small", "1") == first
    with pytest.raises(NotFound, match="framework_version_unknown"):
        publishing.find_version(session, "other")


def test_two_processes_that_start_at_once_share_one_version(any_sessions: SessionFactory, now: datetime) -> None:
    def start() -> FrameworkVersionId:
        with unit_of_work(any_sessions) as session:
            return publishing.ensure_packaged(session, config_dir(), now)

    with ThreadPoolExecutor(1) as other, unit_of_work(any_sessions) as session:
        first = publishing.ensure_packaged(session, config_dir(), now)
        second = other.submit(start)
        wait([second], timeout=0.3)
        assert not second.done(), "the other one waits for the version that is being stored"
        session.commit()

        assert second.result(timeout=20) == first
        assert len(publishing.versions(session)) == 1


def test_an_export_keeps_order_and_letters_on_both_databases(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        version = publishing.publish(session, PACKAGED.read_bytes(), now)

    with unit_of_work(any_sessions, writes=False) as session:
        assert publishing.exported(session, version, with_edition=True) == PACKAGED.read_bytes()
