"""A browser without scripts, as far as forms go: what stands in one is sent with one of its buttons, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

from tests.journeys.prepared import Place
from tests.journeys.reading import cookie_of

File = tuple[str, bytes]


class PlainBrowser:
    """Reads pages and sends their forms, with the session of a visitor."""

    def __init__(self, place: Place) -> None:
        self._cookie = cookie_of(place)
        self._url = ""
        self.page = BeautifulSoup("", "html.parser")

    def open(self, url: str) -> None:
        """Goes to a page."""
        self._ask("GET", url)

    def press(self, button: str, typed: Mapping[str, str] | None = None, file: File | None = None) -> None:
        """Sends the form of a button (a selector), with what was typed into it and maybe a file."""
        pressed = self.page.select_one(button)
        assert pressed is not None, self.page.get_text(" ", strip=True)
        form = pressed.find_parent("form")
        assert form is not None
        sent = dict(_standing_in(form)) | dict(typed or {})
        if pressed.get("name"):
            sent[str(pressed["name"])] = str(pressed["value"])
        url = urljoin(self._url, str(form.get("action") or ""))
        attached = {"file": file} if form.get("enctype") == "multipart/form-data" and file else None
        self._ask("POST", url, data=sent, files=attached)

    def _ask(self, method: str, url: str, **sent: object) -> None:
        # The cookie is for secure origins, which localhost is to a browser, but not to this client: it is kept here.
        head = {"Cookie": self._cookie}
        answer = requests.request(method, url, headers=head, timeout=20, allow_redirects=False, **cast("Any", sent))
        for name, value in answer.cookies.items():
            self._cookie = f"{name}={value}"
        if answer.status_code == 303:
            self._ask("GET", urljoin(url, answer.headers["Location"]))
            return
        assert answer.status_code == 200, (answer.status_code, url)
        self._url, self.page = url, BeautifulSoup(answer.text, "html.parser")


def _standing_in(form: Tag) -> Iterator[tuple[str, str]]:
    """Names and values that the form has before anybody touches it."""
    for field in form.select("input[name]"):
        chosen = field.get("type") not in {"radio", "checkbox"} or field.has_attr("checked")
        if chosen and field.get("type") != "file":
            yield str(field["name"]), str(field.get("value", ""))
    for field in form.select("textarea[name]"):
        yield str(field["name"]), field.get_text().removeprefix("\n")
    for field in form.select("select[name]"):
        options = field.select("option[selected]") or field.select("option")
        yield str(field["name"]), str(options[0].get("value", "")) if options else ""
