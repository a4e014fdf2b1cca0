"""The tool's checklist in Moodle, as its trainer fills it in."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Frame, Locator, expect

from tests.journeys.visits import within
from tests.moodle.pages import PATIENCE, Tab


@dataclass
class Checklist:
    """An observation checklist, launched from the course."""

    tab: Tab
    activity: str

    def open(self, person: str) -> Frame:
        """Launches it until this person has come with Moodle's list of participants; its frame."""

        def comes() -> int:
            self.frame = self.tab.launch(self.activity)
            return self._row(person).count()

        assert within(90, 1, comes) == 1
        return self.frame

    def fill(self, person: str, *steps: str) -> None:
        """Chooses a step in each cell of this person's row, from the left; empty takes it back."""
        for number, step in enumerate(steps):
            self._row(person).locator("select").nth(number).select_option(step)
        expect(self.frame.locator("select.waiting")).to_have_count(0, timeout=PATIENCE)

    def _row(self, person: str) -> Locator:
        return self.frame.locator("table.checklist tbody tr").filter(has_text=person)
