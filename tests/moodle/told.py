"""What the suite is told about the Moodle that it drives, all of it in the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

MISSING = (
    "No Moodle to try: set LTI_TOOL_MOODLE_URL, LTI_TOOL_MOODLE_ADMIN and LTI_TOOL_MOODLE_PASSWORD (docs/moodle.md)"
)


@dataclass(frozen=True)
class Told:
    """Where Moodle is and who its admin is; where the tool shall be, if not on a free port of this machine."""

    url: str
    admin: str
    password: str
    certificates: str | None
    """A file with the certificate authority of Moodle, where the system does not know it."""
    tool_url: str | None
    port: int | None

    @property
    def host(self) -> str:
        """The machine that Moodle is on."""
        return urlsplit(self.url).hostname or ""

    @property
    def verify(self) -> str | bool:
        """What the suite's own requests trust."""
        return self.certificates or True


def told() -> Told | None:
    """What the environment says; None where it says nothing of a Moodle."""
    said = {name: os.environ.get(f"LTI_TOOL_MOODLE_{name}") for name in ("URL", "ADMIN", "PASSWORD", "CA")}
    url, admin, password = said["URL"], said["ADMIN"], said["PASSWORD"]
    if not (url and admin and password):
        return None
    port = os.environ.get("LTI_TOOL_MOODLE_TOOL_PORT")
    tool_url = os.environ.get("LTI_TOOL_MOODLE_TOOL_URL") or None
    return Told(url.rstrip("/"), admin, password, said["CA"] or None, tool_url, int(port) if port else None)
