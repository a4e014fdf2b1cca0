"""Made pages are held with what they were made of, and no longer."""

from __future__ import annotations

import gc

import pytest

from lti_tool.web.page_memory import PageMemory


class Source:
    """What pages are made of."""


def test_a_page_is_made_once_for_each_source_and_question() -> None:
    memory, one, other, made = PageMemory(), Source(), Source(), []

    def make() -> str:
        made.append("page")
        return f"page {len(made)}"

    assert memory.page(one, "a", make) == memory.page(one, "a", make) == b"page 1"
    assert memory.page(one, "b", make) == b"page 2"
    assert memory.page(other, "a", make) == b"page 3"


def test_a_refused_page_is_not_held() -> None:
    memory, source = PageMemory(), Source()

    def refuse() -> str:
        raise KeyError

    with pytest.raises(KeyError):
        memory.page(source, "a", refuse)

    assert memory.page(source, "a", lambda: "now") == b"now"


def test_memory_has_an_end_and_goes_with_its_source() -> None:
    memory, source = PageMemory(most=2), Source()

    for number in range(7):
        memory.page(source, number, lambda: "page")
        assert len(memory._held[source]) <= 2
    del source
    gc.collect()

    assert len(memory._held) == 0
