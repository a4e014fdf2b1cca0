"""Moodle's forms without a browser: read with what stands in them, changed, sent as a browser would send them.

What the suite needs around its subject (a course, people, a token) is made this way: quickly, and in any theme.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

Values = dict[str, str | list[str]]


@dataclass
class Form:
    """One form of a page: where it goes, and what it would send now."""

    action: str
    values: Values
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each choice: what is shown → what is sent."""


class Visitor:
    """Somebody who is logged in to Moodle, by plain HTTP."""

    def __init__(self, url: str, certificates: str | bool) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.verify = certificates
        # The environment may name other certificates and a proxy; both would go before what we were told.
        self._http.trust_env = False

    def log_in(self, name: str, password: str) -> None:
        """Enters with the site's own login form."""
        form = self.form("/login/index.php", "login")
        answer = self.send(form, username=name, password=password)
        assert "loginerrormessage" not in answer.text, f"Moodle at {self.url} does not let {name} in"

    def page(self, path: str) -> BeautifulSoup:
        """A page, read."""
        answer = self._http.get(urljoin(f"{self.url}/", path.lstrip("/")), timeout=120)
        answer.raise_for_status()
        return BeautifulSoup(answer.text, "html.parser", multi_valued_attributes=None)

    def form(self, path: str, holds: str) -> Form:
        """The form of this page whose action or id holds these letters."""
        found = [each for each in self.page(path).find_all("form") if holds in f"{each.get('action')} {each.get('id')}"]
        assert found, f"no form {holds} on {path}"
        return _read(found[-1], urljoin(f"{self.url}/", path.lstrip("/")))

    def send(self, form: Form, **changes: str | list[str]) -> requests.Response:
        """Sends it with these changes; the page that comes of it, which must hold no complaint of the form."""
        answer = self._http.post(form.action, data={**form.values, **changes}, timeout=120)
        answer.raise_for_status()
        page = BeautifulSoup(answer.text, "html.parser")
        faults = [each.get_text(" ", strip=True) for each in page.select(".invalid-feedback, .errormessage, .errorbox")]
        assert not any(faults), f"{form.action}: {[each for each in faults if each]}"
        return answer

    def key(self) -> str:
        """The session's key, which Moodle wants in addresses that change something."""
        found = self.page("/my/").select_one("input[name=sesskey], a[href*=sesskey]")
        assert found is not None
        return str(found.get("value") or str(found["href"]).partition("sesskey=")[2].partition("&")[0])

    def own_id(self) -> str:
        """The visitor's own number, as every page of Moodle tells its scripts."""
        found = re.search(r'"userId":(\d+)', str(self.page("/my/")))
        assert found is not None
        return found.group(1)

    def follow(self, path: str) -> None:
        """Opens an address that changes something."""
        self.page(f"{path}{'&' if '?' in path else '?'}sesskey={self.key()}")


def _read(form: Tag, page: str) -> Form:
    read = Form(urljoin(page, str(form.get("action") or page)), {})
    for each in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(each["name"]), str(each.get("type", each.name))
        if each.name == "select":
            shown = {option.get_text(" ", strip=True): str(option.get("value", "")) for option in each.select("option")}
            read.options[name] = shown
            chosen = [str(option.get("value", "")) for option in each.select("option[selected]")]
            if each.has_attr("multiple"):
                read.values[name] = chosen
            elif shown:
                read.values[name] = chosen[0] if chosen else next(iter(shown.values()))
        elif kind in {"submit", "button", "image", "file"} or each.has_attr("disabled"):
            continue
        elif kind not in {"checkbox", "radio"} or each.has_attr("checked"):
            read.values[name] = each.get_text() if each.name == "textarea" else str(each.get("value", ""))
    return read
