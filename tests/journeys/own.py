"""A trainer's own activities, placed by the picker in a demonstration of their own, and the pages that they have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Frame, Page

from tests.journeys.inspection import SIZES
from tests.journeys.prepared import Place
from tests.journeys.visits import AIGUL, ASSISTANT, OMURBEK, TRAINER, Demonstration, enter, framed_tool, within

CHECKLIST, SELF = "Сабакты байкоо", "Өзүмдү баалайм"


@dataclass(frozen=True)
class Placed:
    """A demonstration in which a trainer has placed two activities, and the links that they became."""

    demonstration: Demonstration
    checklist: str
    self_assessment: str


def select_content(page: Page, demonstration: Demonstration) -> Frame:
    page.goto(f"{demonstration.lms}/course/2/select-content?as={TRAINER}")
    frame = framed_tool(page, demonstration)
    frame.locator("form[data-picker]").wait_for()
    return frame


def choose(frame: Frame, *codes: str) -> None:
    """Ticks indicators, each found by typing its code."""
    for code in codes:
        frame.locator("#f-search").fill(code)
        frame.locator(f"#i-{code.replace('.', chr(92) + '.')}").check()
    frame.locator("#f-search").fill("")


def place(demonstration: Demonstration, browser: Browser) -> Placed:
    """Two activities chosen in one go, framed in the LMS, and opened once."""
    context = browser.new_context(viewport=SIZES["desktop"])
    for person in (AIGUL, OMURBEK, ASSISTANT):
        enter(context, demonstration, person)
    page = context.new_page()
    frame = select_content(page, demonstration)
    frame.locator("#f-kind").select_option("observation")
    frame.locator("#f-title").fill(CHECKLIST)
    frame.locator("#f-points").fill("10")
    choose(frame, "2.1.1.a", "1.1.1.a", "1.1.1.b")
    frame.locator("button[value=keep]").click()
    frame.locator(".waiting li").wait_for()
    frame.locator("#f-kind").select_option("self_assessment")
    frame.locator("#f-title").fill(SELF)
    frame.locator("button[value=place]").click()
    page.frame_locator("iframe").get_by_text("Content selected").wait_for()
    page.goto(f"{demonstration.lms}/course/2?as={TRAINER}")
    links = {}
    for title in (CHECKLIST, SELF):
        href = page.get_by_role("link", name=title).get_attribute("href") or ""
        links[title] = href.partition("id=")[2].partition("&")[0]
    trainer, _course = enter(context, demonstration, TRAINER, links[CHECKLIST])
    address = trainer.url

    def people() -> int:
        trainer.goto(address)
        return trainer.locator("tbody th a").count()

    # The LMS tells its list a moment after the first launch; the rows stay in their order from then on.
    assert within(30, 6, people) == 6
    assert "Нургүл" in trainer.locator("tbody th a").first.inner_text()
    context.close()
    return Placed(demonstration, links[CHECKLIST], links[SELF])


@contextmanager
def own_places(placed: Placed, browser: Browser) -> Iterator[dict[str, Place]]:
    """A browser profile of a trainer and one of a participant, and the addresses of what was placed."""
    contexts = [browser.new_context() for _ in range(2)]
    demonstration = placed.demonstration
    trainer, course = enter(contexts[0], demonstration, TRAINER, placed.checklist)
    more = {"checklist": trainer.url.partition("?")[0]}
    participant, _course = enter(contexts[1], demonstration, AIGUL, placed.checklist)
    more["observed"] = participant.url.partition("?")[0]
    participant, _course = enter(contexts[1], demonstration, AIGUL, placed.self_assessment)
    more["self"] = participant.url.partition("?")[0]
    trainer.goto(f"{demonstration.lms}/mod/lti/contentitem.php?course=2&as={TRAINER}")
    trainer.wait_for_url(f"{demonstration.tool}/c/**/select/*")
    more["picker"] = trainer.url.partition("?")[0]
    found = {TRAINER: trainer, AIGUL: participant}
    yield {who: Place(page, demonstration.tool, course, more) for who, page in found.items()}
    for context in contexts:
        context.close()
