"""Pages as they travel: fetched without a browser, with everything that they load, counted in bytes over the wire."""

from __future__ import annotations

import gzip
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup

from tests.journeys.prepared import Place


@dataclass(frozen=True)
class Answer:
    """One page and what it loads."""

    status: int
    html: str
    size: int
    """Bytes of the page itself, head included."""
    seconds: float
    loads: Mapping[str, int]
    """Stylesheets, scripts and pictures by address, in bytes."""

    @property
    def first(self) -> int:
        """Bytes of a first visit."""
        return self.size + sum(self.loads.values())

    @property
    def before_the_first_word(self) -> int:
        """Bytes that a browser waits for before it shows anything: the page and its stylesheets."""
        return self.size + sum(size for address, size in self.loads.items() if address.endswith(".css"))


def read(place: Place, path: str, language: str = "ky") -> Answer:
    """Fetches a page as this visitor's browser would, and what it loads."""
    url, began = place.address(path, language), time.perf_counter()
    answer, body = _fetched(url, cookie_of(place))
    seconds = time.perf_counter() - began
    html = (gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body).decode()
    named = BeautifulSoup(html, "html.parser").select("script[src], link[href], img[src]")
    addresses = (str(each.get("src") or each.get("href")) for each in named)
    loads = {urljoin(url, each) for each in addresses if not each.startswith("data:")}
    return Answer(answer.status_code, html, _size(answer, body), seconds, {each: _asset(each) for each in loads})


def cookie_of(place: Place) -> str:
    """What the visitor's browser sends to the tool."""
    held = place.page.context.cookies(place.tool.replace("http://", "https://"))
    return "; ".join(f"{each['name']}={each['value']}" for each in held)


@cache
def _asset(address: str) -> int:
    """Bytes of what every later visit finds in the browser's own store."""
    answer, body = _fetched(address, "")
    assert answer.status_code == 200, address
    assert "immutable" in answer.headers["Cache-Control"], address
    return _size(answer, body)


def _fetched(url: str, cookie: str) -> tuple[requests.Response, bytes]:
    head = {"Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "gzip, deflate, br, zstd", "Cookie": cookie}
    with requests.get(url, headers=head, timeout=20, stream=True, allow_redirects=False) as answer:
        return answer, answer.raw.read(decode_content=False)


def _size(answer: requests.Response, body: bytes) -> int:
    line = len(f"HTTP/1.1 {answer.status_code} {answer.reason}\r\n\r\n")
    return line + sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items()) + len(body)
