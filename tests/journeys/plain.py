"""What is missing on a page for a browser without scripts, read from its HTML: words, ways, forms that can be sent."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag

LEAST = 20
"""Letters of a page that says anything."""
HIDDEN = ".needs-script, [hidden], template, noscript"
SENDS = "button:not([type=button]):not([type=reset]), input[type=submit], input[type=image]"
FIELDS = "input:not([type=hidden]), select, textarea"


def missing(html: str) -> list[str]:
    """What somebody without scripts would miss on this page."""
    page = BeautifulSoup(html, "html.parser")
    for each in page.select(HIDDEN):
        each.decompose()
    main = page.select_one("main")
    if main is None or len(main.get_text(strip=True)) < LEAST:
        return ["no words in its main part"]
    found = [f"cannot be sent: {_start(form)}" for form in page.select("form") if not _can_be_sent(page, form)]
    found += [f"does nothing: {_start(each)}" for each in page.select("button[type=button], [onclick], a:not([href])")]
    found += [f"leads nowhere: {_start(each)}" for each in page.select("a[href^='javascript:']")]
    found += [f"leads nowhere: {_start(each)}" for each in page.select("a[href^='#']") if not _is_there(page, each)]
    return found + [f"in no form: {_start(each)}" for each in page.select(FIELDS) if not _belongs(page, each)]


def _can_be_sent(page: BeautifulSoup, form: Tag) -> bool:
    apart = page.select(f"[form='{form.get('id')}']") if form.get("id") else []
    return bool(form.select(SENDS)) or any(each.name == "button" and each.get("type") != "button" for each in apart)


def _is_there(page: BeautifulSoup, way: Tag) -> bool:
    # What was opened by its address is closed by one that names nothing.
    return way["href"] == "#_" or page.find(id=str(way["href"])[1:] or "#") is not None


def _belongs(page: BeautifulSoup, field: Tag) -> bool:
    named = field.get("form")
    return field.find_parent("form") is not None or bool(named and page.select_one(f"form[id='{named}']"))


def _start(tag: Tag) -> str:
    return str(tag).split(">")[0][:120]
