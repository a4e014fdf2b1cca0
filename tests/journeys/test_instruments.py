"""What looks at the pages sees what it should: each fault is made once, and told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys import plain
from tests.journeys.inspection import faults
from tests.journeys.keyboard import walk

FRAME = "<style>:focus-visible {{ outline: 3px solid red }} {style}</style><a class=skip-link href=#main>0</a>{body}"


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A tab of its own."""
    page = browser.new_page()
    yield page
    page.close()


def _walked(tab: Page, body: str, style: str = "") -> str:
    tab.set_content(FRAME.format(style=style, body=body))
    return " ".join(walk(tab))


@pytest.mark.browser
def test_a_good_page_is_gone_over_to_its_end(tab: Page) -> None:
    radios = "<input type=radio name=a><input type=radio name=a checked>"
    body = f"<main id=main><a href=/>1</a><input type=date>{radios}<details><summary>2</summary><button>3</button>"

    assert _walked(tab, body) == ""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("body", "style", "told"),
    [
        ("<a href=/>1</a>", "a:focus-visible { outline: none }", "focus is not seen: "),
        ("<a href=/>1</a><button tabindex=1>2</button>", "", "out of order"),
        ("<a href=/>1</a><p></p>", "p { position: fixed; inset: 0; background: white }", "covered or outside"),
        ("<input onkeydown='event.preventDefault()'><a href=/>1</a>", "", "not reached: <a"),
    ],
)
def test_what_the_keyboard_meets_is_told(tab: Page, body: str, style: str, told: str) -> None:
    assert told in _walked(tab, body, style)


@pytest.mark.browser
def test_a_page_that_does_not_begin_with_the_way_to_the_content_is_told(tab: Page) -> None:
    tab.set_content("<a href=/>1</a>")

    assert walk(tab) == ["does not begin with the way to the content"]


@pytest.mark.browser
def test_what_does_not_fit_or_cannot_be_read_in_the_dark_is_told(tab: Page) -> None:
    tab.set_content(
        "<title>T</title><style>@media (prefers-color-scheme: dark) { h1 { color: #ccc } } p { width: 340px }</style>"
        "<html lang=ky><main><h1>Башкы сөз</h1><p>Кененирээк</p>"
    )

    told = [each.split(":")[0] for each in faults(tab, "ky", "instrument")]

    assert told == ["enlarged", "enlarged and spaced", "dark"]


@pytest.mark.browser
def test_what_a_finger_cannot_hit_is_told(tab: Page) -> None:
    tab.set_content(
        "<title>T</title><style>button { padding: 0; border: 0; font-size: 9px }</style>"
        "<html lang=ky><main><h1>Башкы сөз</h1><button>Бир</button><button>Эки</button>"
    )

    assert [each.partition(" <")[0] for each in faults(tab, "ky", "instrument")] == [
        "desktop: axe target-size:",
        "phone: axe target-size:",
    ]


GOOD = "<main>Сөздөр ушунча көп болушу керек. <form><input name=a><button>Жөнөтүү</button></form></main>"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("<button>", "<button type=button>"), ["cannot be sent", "does nothing"]),
        (("<button>", "<button class=needs-script>"), ["cannot be sent"]),
        (("<form>", "<p>"), ["in no form"]),
        (("<form>", "<a>1</a><form>"), ["does nothing"]),
        (("<form>", "<a href='#'>1</a><form>"), ["leads nowhere"]),
        (("<form>", "<a href='#there'>1</a><form>"), ["leads nowhere"]),
        (("Сөздөр ушунча көп болушу керек.", ""), ["no words in its main part"]),
    ],
)
def test_what_is_missing_without_scripts_is_told(change: tuple[str, str], told: list[str]) -> None:
    assert plain.missing(GOOD) == []
    assert [each.split(":")[0] for each in plain.missing(GOOD.replace(*change))] == told
