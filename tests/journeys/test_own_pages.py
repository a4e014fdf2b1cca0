"""The pages of own activities: what holds on every page holds on them, and work is handed in without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys import plain
from tests.journeys.conftest import DESKTOP
from tests.journeys.inspection import Complaints, faults
from tests.journeys.keyboard import walk
from tests.journeys.own import Placed, own_places
from tests.journeys.pages import OWN
from tests.journeys.posting import PlainBrowser
from tests.journeys.prepared import Place
from tests.journeys.reading import read
from tests.journeys.visits import NURGUL, TRAINER, enter

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("own_activities")]


@pytest.fixture(scope="module")
def places(placed: Placed, browser: Browser) -> Iterator[dict[str, Place]]:
    """A trainer and a participant, and what was placed."""
    with own_places(placed, browser) as found:
        yield found


@pytest.mark.parametrize("name", OWN)
def test_every_own_page_fits_is_accessible_light_and_needs_no_script(places: dict[str, Place], name: str) -> None:
    who, path, status = OWN[name]
    place, found = places[who], []
    for language in ("ky", "ru", "en"):
        complaints = Complaints(place.page)
        place.page.goto(place.address(path, language))
        found += faults(place.page, language, name) + complaints.texts

    answer = read(place, path)

    assert answer.status == status
    assert found + plain.missing(answer.html) == []
    assert 500 < answer.size <= 30_000 < answer.first + 30_000 <= 130_000


@pytest.mark.parametrize("name", OWN)
def test_every_own_page_is_gone_over_with_tab(places: dict[str, Place], name: str) -> None:
    who, path, _status = OWN[name]
    page = places[who].page
    page.set_viewport_size(DESKTOP)
    page.goto(places[who].address(path, "ky"))

    assert walk(page) == []


def test_a_checklist_is_filled_in_by_a_plain_form(places: dict[str, Place]) -> None:
    trainer, address = PlainBrowser(places[TRAINER]), places[TRAINER].address("{checklist}", "en")
    trainer.open(address)
    cell = trainer.page.select("table.checklist tbody select")[-1]["name"]

    trainer.press("[data-checklist] button[type=submit]", {str(cell): "emerging"})

    assert trainer.page.select_one(".notice-good") is not None
    trainer.open(address)
    chosen = trainer.page.select_one(f"select[name='{cell}'] option[selected]")
    assert chosen is not None
    assert chosen["value"] == "emerging"


def test_a_self_assessment_is_kept_and_handed_in_by_a_plain_form(placed: Placed, browser: Browser) -> None:
    context = browser.new_context()
    page, course = enter(context, placed.demonstration, NURGUL, placed.self_assessment)
    plain_one = PlainBrowser(Place(page, placed.demonstration.tool, course))
    plain_one.open(page.url)
    first, second = (str(each["name"]) for each in plain_one.page.select("fieldset input")[0:8:4])

    plain_one.press("button[value=save]", {first: "1"})
    assert [each["value"] for each in plain_one.page.select(f"input[name='{first}'][checked]")] == ["1"]
    plain_one.press("button[value=submit]", {second: "2"})

    assert plain_one.page.select_one("fieldset.question") is None
    assert len(plain_one.page.select("table.data tbody tr")) == 61
    context.close()
