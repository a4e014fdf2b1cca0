"""A browser that is driven as the W3C's WebDriver says; who carries the commands to it is another module's.

Firefox hears them as Marionette (`firefox.py`), WebKit as WebDriver over HTTP (`webkit.py`): the same commands, so that
one test speaks to both.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

Answer = TypeVar("Answer")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The name under which an element travels, by the standard."""
TAB, ENTER = "\ue004", "\ue007"
SLOWEST = 300
"""Seconds for one command, on a machine that has much else to do."""
TIMEOUTS = {"script": 1000 * SLOWEST, "pageLoad": 1000 * SLOWEST}
PATIENCE = 60.0
"""Seconds for what a page does by itself."""


class DriverError(Exception):
    """The browser did not do what it was told; `kind` is the standard's word for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Carrier(Protocol):
    """Brings a command to the browser."""

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
        """The answer. Raises DriverError."""
        ...


@dataclass(frozen=True)
class Element:
    """An element of the page that is driven, as the browser calls it."""

    driver: Driver
    id: str

    def click(self) -> None:
        """As the mouse does it, in the middle of what is seen of it."""
        self.driver.send("click", element=self.id)

    def text(self) -> str:
        """What is read there."""
        return str(self.driver.run("return arguments[0].innerText", self)).strip()

    def attribute(self, name: str) -> str | None:
        """The attribute, as it is written in the page."""
        found = self.driver.run("return arguments[0].getAttribute(arguments[1])", self, name)
        return None if found is None else str(found)

    def type(self, text: str) -> None:
        """Typed into it."""
        self.driver.send("type", element=self.id, text=text)


class Driver:
    """One window of the browser at a time, and in it one page or one of its frames."""

    def __init__(self, carrier: Carrier, version: str) -> None:
        self._carrier = carrier
        self.version = version

    def send(self, command: str, **parameters: Any) -> Any:
        """A command by its short name."""
        return self._carrier.send(command, parameters)

    def go(self, url: str) -> None:
        """Opens an address in this window."""
        self.into_page()
        self.send("go", url=url)

    def url(self) -> str:
        """The address of the page or frame that is driven."""
        return str(self.run("return location.href"))

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function with this body returns in the page."""
        given = [{ELEMENT: each.id} if isinstance(each, Element) else each for each in arguments]
        return self._known(self.send("run", script=script, args=given))

    def all(self, selector: str) -> list[Element]:
        """What the selector finds now."""
        return list(self.run("return [...document.querySelectorAll(arguments[0])]", selector))

    def find(self, selector: str) -> Element:
        """The first that the selector finds, once there is one that is shown."""
        shown = "return [...document.querySelectorAll(arguments[0])].find(each => each.checkVisibility()) ?? null"
        return self.wait(lambda: self.run(shown, selector), f"no {selector}")

    def press(self, key: str) -> None:
        """A key, wherever the focus is."""
        steps = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.send("act", actions=[{"type": "key", "id": "keys", "actions": steps}])

    def tab_to(self, selector: str, most: int = 30) -> None:
        """With the Tab key alone, until the focus is there."""
        focused = "return document.activeElement !== null && document.activeElement.matches(arguments[0])"
        for _press in range(most):
            self.press(TAB)
            if self.run(focused, selector):
                return
        raise AssertionError(f"{most} presses of Tab did not reach {selector}")

    def wait(self, look: Callable[[], Answer | None], what: str) -> Answer:
        """Looks until there is something; a page that goes away meanwhile is looked at again."""
        deadline = time.monotonic() + PATIENCE
        last: Exception | None = None
        while time.monotonic() < deadline:
            try:
                found = look()
            except DriverError as error:
                found, last = None, error
            if found:
                return found
            time.sleep(0.1)
        raise AssertionError(f"{what} after {PATIENCE:.0f} s ({last or self._carrier.__class__.__name__})")

    def into_page(self) -> None:
        """What is driven from now on is the whole page of the window."""
        self.send("into", id=None)

    def into_frame(self, selector: str = "iframe") -> None:
        """What is driven from now on is this frame of the page."""
        self.into_page()
        frame = self.find(selector)
        self.send("into", id={ELEMENT: frame.id})

    def windows(self) -> list[str]:
        """All windows and tabs."""
        return list(self.send("windows"))

    def window(self) -> str:
        """The one that is driven."""
        return str(self.send("window"))

    def switch(self, handle: str) -> None:
        """Another window is driven from now on."""
        self.send("switch", handle=handle)

    def new_window(self) -> str:
        """An empty one beside this, which is driven from now on.

        A window, for in a tab that the driver of WebKit has made a click opens no other one.
        """
        made = self.send("new", type="window")["handle"]
        self.switch(made)
        return str(made)

    def close(self) -> None:
        """Closes the window that is driven."""
        self.send("close")

    @contextmanager
    def opening(self) -> Iterator[None]:
        """What is done in the block opens a tab, which is driven afterwards."""
        before = set(self.windows())
        yield
        new = self.wait(lambda: set(self.windows()) - before, "no new tab")
        self.switch(new.pop())

    def resize(self, width: int, height: int) -> None:
        """Makes the window so large that the page has this size."""
        measure = "return [outerWidth - innerWidth, outerHeight - innerHeight]"
        for _again in range(2):
            # Firefox answers nothing at all where the page is just being shown.
            inner = self.wait(lambda: self.run(measure), "a window without a size")
            self.send("size", width=width + inner[0], height=height + inner[1], x=0, y=0)

    def picture(self, path: Path) -> None:
        """What is seen of the page now, as a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.send("picture")))

    def _known(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._known(each) for each in value]
        if isinstance(value, dict):
            return Element(self, value[ELEMENT]) if ELEMENT in value else {k: self._known(v) for k, v in value.items()}
        return value
