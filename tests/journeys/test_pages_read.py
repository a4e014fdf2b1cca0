"""Every page as it travels, without a browser: light at the first visit and later, and usable without scripts.

LTI_TOOL_SCREENSHOTS=folder keeps the table of all pages (`make pictures`).
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.journeys import plain
from tests.journeys.inspection import kept_folder
from tests.journeys.pages import READ
from tests.journeys.prepared import Place
from tests.journeys.reading import Answer, read

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages_read")]

FIRST, LATER, MATRIX = 100_000, 30_000, 100_000
"""Bytes over the wire: a first visit with all that it loads, a later one, and any one of the mapping matrix."""
REQUESTS = 8
FIRST_WORD = 24_000
"""Bytes before a participant's first page shows a word: three seconds at 64 kbit/s."""


@pytest.fixture(scope="module")
def answers(places: dict[str, Place]) -> Mapping[str, Answer]:
    """Every page, asked for twice, so that the time of the second is that of a process under way."""
    for who, path, _status in READ.values():
        read(places[who], path)
    return {name: read(places[who], path) for name, (who, path, _status) in READ.items()}


def test_every_page_is_within_its_budget(answers: Mapping[str, Answer]) -> None:
    heavy = []
    for name, answer in answers.items():
        assert answer.status == READ[name][2], name
        assert 500 < answer.size < answer.first, name
        later = MATRIX if "mapping" in name else LATER
        if answer.first > FIRST or answer.size > later or 1 + len(answer.loads) > REQUESTS:
            heavy.append(_line(name, answer))
    folder = kept_folder()
    if folder:
        (folder / "pages.md").write_text(_table(answers))

    assert heavy == []


def test_a_participants_first_page_waits_for_little_before_its_first_word(answers: Mapping[str, Answer]) -> None:
    first = ("me", "my competency", "task")

    assert [name for name in first if answers[name].before_the_first_word > FIRST_WORD] == []


def test_every_page_can_be_read_and_its_forms_sent_without_scripts(answers: Mapping[str, Answer]) -> None:
    faults = [f"{name}: {fault}" for name, answer in answers.items() for fault in plain.missing(answer.html)]

    assert faults == []


def _table(answers: Mapping[str, Answer]) -> str:
    heads = "| page | first visit, bytes | later, bytes | requests | server, ms |\n|---|---:|---:|---:|---:|\n"
    heaviest = sorted(answers, key=lambda name: -answers[name].first)
    return heads + "".join(_line(name, answers[name]) + "\n" for name in heaviest)


def _line(name: str, answer: Answer) -> str:
    requests, milliseconds = 1 + len(answer.loads), round(1000 * answer.seconds)
    return f"| {name} | {answer.first:,} | {answer.size:,} | {requests} | {milliseconds} |"
