"""What kinds of data are called."""

from __future__ import annotations

import pytest

from lti_tool.privacy.holdings import HOLDINGS
from lti_tool.web import data_words
from tests.unit.web.conftest import Speak


@pytest.mark.parametrize("locale", ["ky", "ru", "en"])
def test_every_table_that_leads_to_a_person_has_a_name_for_people(speak: Speak, locale: str) -> None:
    with speak(locale):
        nameless = {each.table for each in HOLDINGS if data_words.title(each.table) == each.table}

    assert nameless == set()
