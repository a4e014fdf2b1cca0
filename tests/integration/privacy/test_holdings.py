"""Nothing that leads to a person is forgotten: not by what they are given, not by what erases them."""

from __future__ import annotations

from sqlalchemy import ForeignKey

from lti_tool.db.base import Base
from lti_tool.privacy import holding_queries
from lti_tool.privacy.holdings import DELETED_FIRST, HOLDINGS, OPAQUE, Fate, Section

TABLES = Base.metadata.tables


def _references() -> list[ForeignKey]:
    return [key for table in TABLES.values() for column in table.columns for key in column.foreign_keys]


def test_every_column_that_leads_to_a_person_is_seen_to() -> None:
    leading = {
        f"{key.parent.table.name}.{key.parent.name}" for key in _references() if key.column.table.name == "person"
    }

    assert leading == {each.key for each in HOLDINGS if not each.through}


def test_everything_that_hangs_on_what_is_about_a_person_is_seen_to() -> None:
    about = {each.table for each in HOLDINGS if each.is_about}
    hanging = {f"{key.parent.table.name}.{key.parent.name}" for key in _references() if key.column.table.name in about}

    assert hanging == {each.key for each in HOLDINGS if each.through}


def test_every_table_that_could_hold_words_of_people_is_seen_to() -> None:
    """A table that leads to nobody tells of a course, a platform or the requirements: said here by name."""
    seen = {each.table for each in HOLDINGS} | set(OPAQUE) | {"person"}
    of_nobody = {
        "platform", "registration", "deployment", "invitation", "tool_key", "jwks", "access_token", "oidc_login",
        "course_service", "course", "course_group", "activity", "framework_version", "aspect", "level", "competency",
        "indicator", "glossary_term", "line_item", "comparison", "platform_channel", "delivery_lane", "delivery_tally",
        "job", "native_pull", "native_item", "audit_expiry", "retention",
        "recovery_code", "credential_key", "framework_validity", "course_rollup", "month_rollup", "platform_rollup",
        "undelivered_rollup",
    }  # fmt: skip

    assert set(TABLES) - seen == of_nobody
    assert not seen & of_nobody


def test_what_goes_goes_in_an_order_in_which_nothing_leads_to_what_is_gone() -> None:
    going = {each.table for each in HOLDINGS if each.is_about and (each.fate is Fate.DELETED or each.drafts)}
    below_drafts = {"self_answer"}
    assert set(DELETED_FIRST) == going | below_drafts
    for place, table in enumerate(DELETED_FIRST):
        later = set(DELETED_FIRST[:place])
        parents = {key.column.table.name for column in TABLES[table].columns for key in column.foreign_keys}
        assert not parents & later - {table}, f"{table} leads to what went before"


def test_every_hidden_column_exists_and_every_secret_is_hidden() -> None:
    secrets = {"token", "token_hash", "browser_hash", "token_locked", "shelf_name", "lease_owner"}
    for each in HOLDINGS:
        columns = set(holding_queries.table_of(each).columns.keys())
        assert each.hidden <= columns
        assert not (columns & secrets) - each.hidden, each.key


def test_what_was_done_to_others_never_goes_with_who_did_it() -> None:
    for each in HOLDINGS:
        if each.section is Section.BY_YOU:
            assert each.fate in {Fate.AUTHORED, Fate.EMPTIED}
