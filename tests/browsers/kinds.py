"""The browsers that are tried, each with what it does to cookies: as it comes, and as people and schools set it up."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.browsers import webkit as gnome
from tests.browsers.driving import Driver
from tests.browsers.firefox import PROGRAM, choose, firefox

PARTITIONED, NONE = "plain partitioned", "none"
"""What a frame of another site may keep: Firefox gives each site at the top cookies of its own, plain ones too."""


@dataclass(frozen=True)
class Kind:
    """One browser in one setting."""

    start: Callable[[Path], AbstractContextManager[Driver]]
    missing: Callable[[], str]
    """What has to be installed; empty where it is."""
    in_frame: str
    """Which cookies come back in a frame of another site that sets them."""
    known_from_tab: str
    """Which come in that frame once the other site has set them in a tab of its own."""
    in_tab: str = PARTITIONED
    """Which come back in a tab of its own."""

    @property
    def framed(self) -> bool:
        """Whether a session can live in the frame."""
        return self.in_frame != NONE


def no_firefox() -> str:
    return "" if shutil.which(PROGRAM) else f"Firefox ({PROGRAM})"


def no_webkit() -> str:
    needed = {"webkit2gtk-driver": shutil.which(gnome.PROGRAM) and gnome.BROWSER, "xvfb": shutil.which(gnome.SCREEN)}
    missing = [package for package, there in needed.items() if not there]
    return f"WebKitGTK ({', '.join(missing)})" if missing else ""


@contextmanager
def _strict(folder: Path) -> Iterator[Driver]:
    with firefox(folder, {}) as driver:
        choose(driver, "strict")
        yield driver


def _firefox(settings: Mapping[str, Any], in_frame: str, known: str, in_tab: str = PARTITIONED) -> Kind:
    return Kind(partial(firefox, settings=settings), no_firefox, in_frame, known, in_tab)


def _webkit(arguments: list[str], known: str, in_tab: str = PARTITIONED) -> Kind:
    return Kind(partial(gnome.webkit, arguments=arguments), no_webkit, NONE, known, in_tab)


_OTHERS_BLOCKED = {"network.cookie.cookieBehavior": 1, "browser.contentblocking.category": "custom"}
_ALL_BLOCKED = {**_OTHERS_BLOCKED, "network.cookie.cookieBehavior": 2}

KINDS: Mapping[str, Kind] = {
    "Firefox": _firefox({}, PARTITIONED, PARTITIONED),
    "Firefox strict": Kind(_strict, no_firefox, PARTITIONED, PARTITIONED),
    "Firefox private": _firefox({"browser.privatebrowsing.autostart": True}, PARTITIONED, PARTITIONED),
    "Firefox without cookies of other sites": _firefox(_OTHERS_BLOCKED, NONE, NONE),
    "WebKit": _webkit([], PARTITIONED),
    "WebKit with tracking prevention": _webkit(["--enable-itp"], NONE),
}
"""Those in which the tool has to work. WebKit as it comes sets no cookie for a frame, yet sends it those of tabs."""
WITHOUT: Mapping[str, Kind] = {
    "Firefox without cookies": _firefox(_ALL_BLOCKED, NONE, NONE, NONE),
    "WebKit without cookies": _webkit(["--cookies-policy=never"], NONE, NONE),
}
"""Those in which nothing can remember anybody: the tool has to say so."""
