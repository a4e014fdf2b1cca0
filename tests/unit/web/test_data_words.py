"""The words of the page of everything that is held: no kind of data is called by the name of its table."""

from __future__ import annotations

import pytest

from lti_tool.privacy.holdings import HOLDINGS, Fate, Section
from lti_tool.web import data_words
from lti_tool.web.sentences import LOCALES
from tests.unit.web.conftest import Speak


@pytest.mark.parametrize("locale", LOCALES)
def test_every_kind_of_data_has_a_name_of_its_own(speak: Speak, locale: str) -> None:
    with speak(locale):
        titles = {each.table: data_words.title(each.table) for each in HOLDINGS}
        assert [table for table, title in titles.items() if title == table] == []
        assert len(set(titles.values())) == len(titles), "no two kinds are called alike"
        assert all(data_words.section_title(each) for each in Section)
        assert all(all(data_words.fate_words(each)) for each in Fate)
