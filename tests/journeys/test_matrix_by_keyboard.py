"""The mapping matrix in a browser, from the keyboard: what is typed is in the draft, through undo and outages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.visits import TRAINER, Demonstration, enter

COLUMNS = ("1.1.1.a", "1.1.1.b", "1.1.2.a", "1.1.3.a", "1.1.3.b")


class Sheet:
    """The matrix on a page, narrowed to one competency."""

    def __init__(self, page: Page, course: str) -> None:
        self.page, self.address = page, f"{course}/mapping"
        page.goto(f"{self.address}?competency=1.1&lang=en")

    def go(self, row: int, column: int) -> None:
        """To a cell, as with the mouse."""
        self.page.locator("table.matrix tbody tr").nth(row).locator("input").nth(column).focus()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def values(self) -> list[list[str]]:
        """What the cells hold, by row."""
        rows = self.page.locator("table.matrix tbody tr").all()
        return [[cell.input_value() for cell in row.locator("input").all()] for row in rows]

    def where(self) -> str:
        """The name of the cell that has the focus, as a screen reader says it."""
        return str(
            self.page.evaluate(
                "document.activeElement.getAttribute('aria-labelledby').split(' ')"
                ".map((id) => document.getElementById(id).textContent.trim().split(/\\s{2,}|\\n/)[0]).join(' ')"
            )
        )

    def stored(self) -> list[list[str]]:
        """What a page that is opened anew shows, once this one says that everything is stored."""
        expect(self.page.locator("#matrix-status")).to_contain_text("Everything is stored in the draft.")
        self.page.goto(self.page.url)
        return self.values()


@pytest.fixture
def sheet(context: BrowserContext, filled: Demonstration) -> Iterator[Sheet]:
    page, course = enter(context, filled, TRAINER)
    made = Sheet(page, course)
    yield made
    # What is still on its way would be a draft again after this one is discarded.
    expect(page.locator("#matrix-status:has-text('Storing…')")).to_have_count(0)
    page.goto(f"{course}/mapping/preview?lang=en")
    if page.locator("form[action$=discard]").count():
        page.locator("details summary").last.click()
        page.locator("form[action$=discard] button").click()


def test_weights_and_roles_are_typed_and_arrows_move(sheet: Sheet) -> None:
    before = sheet.values()
    sheet.go(0, 0)
    sheet.press("3", "!", "ArrowRight", "5", "?", "ArrowDown", "Backspace", "ArrowLeft", "Space", "Space", "Space")

    values = sheet.values()
    assert values[0][:2] == ["3!", "5?"]
    assert values[1][:2] == ["" if before[1][0] else "1", ""], "Space three times is Space once"
    assert sheet.where().endswith("1.1.1.a")
    assert sheet.stored() == values


def test_a_selection_is_filled_and_undone_as_one(sheet: Sheet) -> None:
    before = sheet.values()
    sheet.go(0, 2)
    sheet.press("4", "!", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Control+d")
    filled = sheet.values()
    assert [row[2] for row in filled[:4]] == ["4!"] * 4

    sheet.press("Control+z")
    assert [row[2] for row in sheet.values()[1:4]] == [row[2] for row in before[1:4]]
    sheet.press("Control+y")
    assert sheet.values() == filled
    sheet.press("Control+z", "Control+z", "Control+z")

    assert sheet.values() == before
    assert sheet.stored() == before


def test_a_row_is_filled_to_the_right(sheet: Sheet) -> None:
    sheet.go(0, 0)
    sheet.press("2", "Shift+End", "Control+r")

    assert set(sheet.values()[0]) == {"2"}


def test_cells_go_to_a_spreadsheet_and_come_back(sheet: Sheet) -> None:
    sheet.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sheet.go(0, 0)
    sheet.press("3", "ArrowRight", "2", "!", "ArrowLeft", "Shift+ArrowRight", "Control+c", "ArrowDown", "Home")
    assert sheet.page.evaluate("navigator.clipboard.readText()") == "3\t2!"

    sheet.press("Control+v")

    assert sheet.values()[1][:2] == ["3", "2!"]


def test_a_faulty_block_changes_nothing_and_is_told_until_the_next_edit(sheet: Sheet) -> None:
    sheet.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    status = sheet.page.locator("#matrix-status")
    sheet.go(0, 0)
    sheet.press("3")
    before = sheet.values()
    sheet.page.evaluate("navigator.clipboard.writeText('4\\tnine')")
    sheet.press("Control+v")
    assert sheet.values() == before
    expect(status).to_contain_text("1 to 5")

    expect(status).to_contain_text("Everything is stored in the draft.")
    expect(status).to_contain_text("1 to 5")
    expect(status).to_contain_text("differ")
    sheet.press("2")
    expect(status).not_to_contain_text("1 to 5")


def test_nothing_is_said_to_be_stored_that_is_not_yet(sheet: Sheet) -> None:
    status = sheet.page.locator("#matrix-status")
    sheet.go(0, 0)
    sheet.press("3")
    expect(status).to_contain_text("Everything is stored in the draft.")

    sheet.press("4")

    assert status.inner_text() == "Storing…"
    expect(status).to_contain_text("Everything is stored in the draft.")


def test_what_is_typed_without_a_connection_is_stored_when_it_is_back(sheet: Sheet) -> None:
    sheet.page.context.set_offline(True)
    sheet.go(0, 0)
    sheet.press("5")
    expect(sheet.page.locator("#matrix-status")).to_contain_text("Not stored yet: no connection.")

    sheet.page.context.set_offline(False)

    assert sheet.stored()[0][0] == "5"


def test_an_answer_that_breaks_off_is_asked_for_again_and_what_comes_after_it_is_stored(sheet: Sheet) -> None:
    torn = {"status": 200, "content_type": "application/json", "body": '{"clashes": ['}
    sheet.page.route("**/mapping", lambda route: route.fulfill(**torn), times=1)
    sheet.go(0, 0)
    sheet.press("5")
    expect(sheet.page.locator("#matrix-status")).to_contain_text("Not stored yet: no connection.")

    sheet.press("ArrowRight", "3")

    assert sheet.stored()[0][:2] == ["5", "3"]


def test_of_two_in_one_cell_the_second_is_told_and_sees_what_stands(sheet: Sheet) -> None:
    other = Sheet(sheet.page.context.new_page(), sheet.address.removesuffix("/mapping"))
    sheet.go(0, 0)
    sheet.press("5")
    expect(sheet.page.locator("#matrix-status")).to_contain_text("Everything is stored")

    other.go(0, 0)
    other.press("2", "ArrowRight", "4")

    expect(other.page.locator("#matrix-clashes")).to_contain_text("your “supporting, weight 2” was not stored")
    assert other.values()[0][:2] == ["5", "4"]
    assert other.stored()[0][:2] == ["5", "4"]


def test_the_tab_key_leaves_the_matrix_at_once(sheet: Sheet) -> None:
    sheet.go(0, 0)
    sheet.press("Tab")

    assert sheet.page.evaluate("document.activeElement.dataset.do") == "right"


def test_the_words_of_the_indicator_stand_below(sheet: Sheet) -> None:
    sheet.go(0, 1)

    assert sheet.page.locator("#cell-info").inner_text().startswith("1.1.1.b · ")
    assert len(sheet.page.locator("#cell-info").inner_text()) > 30
