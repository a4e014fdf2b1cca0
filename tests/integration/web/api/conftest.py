"""One world for all tests here, since making it takes longer than they do: whatever one changes it puts back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lti_tool.db.unit_of_work import make_engine, make_session_factory
from tests.factories.api_world import ApiWorld, open_api_world

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[ApiWorld]:
    folder = tmp_path_factory.mktemp("api")
    engine = make_engine(f"sqlite:///{shutil.copy(empty_database, folder / 'test.sqlite3')}")
    yield open_api_world(make_session_factory(engine), folder, NOW)
    engine.dispose()
