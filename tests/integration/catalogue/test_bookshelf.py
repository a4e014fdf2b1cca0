"""What is on the shelf: every stored version, from memory, and never behind the database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from lti_tool.catalogue.bookshelf import bookshelf, exchange_of
from lti_tool.competency.publishing import exported, find_version
from lti_tool.competency.store import import_framework
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import NotFound
from tests.factories.catalogues import small_catalogue


def store(sessions: SessionFactory, version: str, at: datetime, framework: str = "small") -> None:
    document = small_catalogue(version=version)
    document["edition"]["framework"] = framework
    with unit_of_work(sessions) as session:
        import_framework(session, document, at)


def test_versions_are_found_by_name_and_the_newest_import_is_the_default(
    any_sessions: SessionFactory, now: datetime
) -> None:
    store(any_sessions, "1.0", now - timedelta(days=2))
    store(any_sessions, "2.0", now - timedelta(days=1))
    store(any_sessions, "1.0", now, "other")

    with any_sessions() as session:
        shelf = bookshelf(session)

        assert (shelf.volume().framework.framework, shelf.volume().imported_at) == ("other", now)
        assert shelf.volume("small").framework.version == "2.0"
        assert shelf.volume("small", "1.0").framework.version == "1.0"
        assert shelf.volume("small", "2.0").file == exported(session, find_version(session, "small", "2.0"))
        with pytest.raises(NotFound):
            shelf.volume("small", "3.0")


def test_an_empty_database_has_an_empty_shelf(sessions: SessionFactory) -> None:
    with sessions() as session, pytest.raises(NotFound):
        bookshelf(session).volume()


def test_a_new_version_is_on_the_shelf_at_once_and_otherwise_one_statement_is_asked(
    sessions: SessionFactory, now: datetime
) -> None:
    store(sessions, "1.0", now)
    asked: list[str] = []
    with sessions() as session:
        first = bookshelf(session)
        event.listen(session.get_bind(), "before_cursor_execute", lambda *seen: asked.append(seen[2]))
        again = bookshelf(session)
    assert again is first
    assert len(asked) == 1

    store(sessions, "1.1", now + timedelta(hours=1))

    with sessions() as session:
        assert [each.framework.version for each in bookshelf(session).volumes] == ["1.1", "1.0"]


def test_what_was_not_committed_is_not_kept(sessions: SessionFactory, now: datetime) -> None:
    with sessions() as session:
        import_framework(session, small_catalogue(version="1.0"), now)
        assert len(bookshelf(session).volumes) == 1
        session.rollback()

    with sessions() as session:
        assert bookshelf(session).volumes == ()


def test_an_edition_is_told_by_its_newest_texts(sessions: SessionFactory, now: datetime) -> None:
    for version, days in (("1.0", 0), ("1.1", 1), ("2.0", 2)):
        store(sessions, version, now + timedelta(days=days))

    with sessions() as session:
        shelf = bookshelf(session)

    assert [each.framework.version for each in shelf.editions] == ["2.0", "1.1"]
    documents = exchange_of(shelf, "https://tool.example.invalid")["CFDocuments"].values()
    assert [each["version"] for each in documents] == ["2.0"] * 3 + ["1.1"] * 3
    assert exchange_of(shelf, "https://tool.example.invalid") is exchange_of(shelf, "https://tool.example.invalid")
