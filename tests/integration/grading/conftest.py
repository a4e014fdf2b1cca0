"""A course with a column and people, a platform's gradebook behind it, on either database."""

from __future__ import annotations

from datetime import datetime

import pytest

from lti_tool.db.unit_of_work import SessionFactory
from tests.factories.desk import Desk, open_desk, with_column


@pytest.fixture
def bare_desk(any_sessions: SessionFactory, now: datetime) -> Desk:
    """A desk without a column."""
    return open_desk(any_sessions, now, people=3)


@pytest.fixture
def desk(bare_desk: Desk) -> Desk:
    """A desk whose column stands in the platform's gradebook."""
    return with_column(bare_desk)
