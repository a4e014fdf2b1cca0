"""What the whole application shares, joined once in `app.py` and reached from a request by `tool()`."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.lti.keyring import Keyring
from lti_tool.moodle.sealing import Seal
from lti_tool.outbound import Outbound
from lti_tool.reports.drawer import Drawer
from lti_tool.settings import Settings
from lti_tool.tasks.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Tool:
    """Settings, database, keys and the door to the outside."""

    settings: Settings
    sessions: SessionFactory
    keyring: Keyring
    outbound: Outbound

    @property
    def seal(self) -> Seal | None:
        """Locks and opens tokens of web services; None without a SECRET_KEY."""
        secret = self.settings.secret_key
        return Seal(secret.get_secret_value()) if secret else None

    @property
    def drawer(self) -> Drawer:
        """Where made files lie until they are fetched."""
        return Drawer(self.settings.data_dir / "exports")

    @property
    def shelf(self) -> Shelf:
        """Where files that people send lie."""
        return Shelf(self.settings.data_dir / "files")


def tool() -> Tool:
    """The application's shared parts."""
    shared: Tool = current_app.extensions["tool"]
    return shared
