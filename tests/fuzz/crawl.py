"""What pages offer to whoever looks at them: forms with their fields, and addresses with their parameters.

A check of a change looks at the first pages of each visitor, a long run at whatever is reached from them. A form is
sent as a browser would send it but for a field or a few, so that it passes the first checks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from werkzeug.exceptions import HTTPException

from tests.factories.launch_bench import TOOL
from tests.fuzz import tally
from tests.fuzz.world import ADMIN, NOBODY, OPERATOR, PARTICIPANT, TRAINER, World

Fields = tuple[tuple[str, str], ...]
ONE_KIND = 2
"""As many pages and forms of one route are looked at for each visitor."""


@dataclass(frozen=True)
class Offer:
    """A form, or an address with parameters, as one visitor is shown it."""

    visitor: str
    method: str
    path: str
    fields: Fields
    files: tuple[str, ...] = ()


def offers(world: World) -> list[Offer]:
    """Everything that pages offer, a few of each kind."""
    found: dict[tuple[str, str, str, frozenset[str]], Offer] = {}
    for visitor in (PARTICIPANT, TRAINER, ADMIN, OPERATOR, NOBODY):
        for page, html in _pages(world, visitor):
            for offer in _offered(visitor, page, html):
                names = frozenset(name for name, _value in offer.fields)
                found.setdefault((visitor, offer.method, _endpoint(world, offer), names), offer)
    return list(found.values())


def _pages(world: World, visitor: str) -> list[tuple[str, BeautifulSoup]]:
    client, seen = world.browser(visitor), set[str]()
    kinds: Counter[str] = Counter()
    waiting, read = [*world.beginnings(visitor)], []
    while waiting:
        path = waiting.pop(0)
        kind = _route(world, path, "GET")
        if path in seen or not kind or kinds[kind] >= ONE_KIND:
            continue
        seen.add(path)
        answer = client.get(path, base_url=TOOL)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        kinds[kind] += 1
        html = BeautifulSoup(answer.text, "html.parser")
        read.append((path, html))
        if tally.ALL:
            waiting += [urljoin(path, str(link["href"])) for link in html.select("main a[href]")]
    return read


def _offered(visitor: str, page: str, html: BeautifulSoup) -> list[Offer]:
    found = []
    for form in html.select("form"):
        method = str(form.get("method", "get")).upper()
        path = urljoin(page, str(form.get("action") or page))
        parts = form.select("input[name], select[name], textarea[name], button[name]")
        files = tuple(str(each["name"]) for each in parts if each.get("type") == "file")
        fields = tuple((str(each["name"]), _value(each)) for each in parts if each.get("type") != "file")
        found.append(Offer(visitor, method, path, fields, files))
    for link in html.select("a[href*='?']"):
        path, _, query = urljoin(page, str(link["href"])).partition("?")
        found.append(Offer(visitor, "GET", path, tuple(parse_qsl(query.partition("#")[0]))))
    return found


def _value(part: Tag) -> str:
    if part.name == "textarea":
        return part.get_text()
    if part.name == "select":
        chosen = part.select_one("option[selected]") or part.select_one("option")
        return "" if chosen is None else str(chosen.get("value", chosen.get_text()))
    return str(part.get("value", "on" if part.get("type") == "checkbox" else ""))


def _endpoint(world: World, offer: Offer) -> str:
    return _route(world, offer.path, offer.method)


def _route(world: World, path: str, method: str) -> str:
    """The route of an address; empty where it leads elsewhere, or ends what all other cases need."""
    parts = urlsplit(path)
    if parts.netloc not in {"", urlsplit(TOOL).netloc} or parts.scheme not in {"", "https"}:
        return ""
    try:
        endpoint, _arguments = world.app.url_map.bind("tool.example.invalid").match(parts.path, method)
    except HTTPException:
        return ""
    return str(endpoint)
