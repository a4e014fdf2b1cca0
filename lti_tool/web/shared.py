"""What a process joins once at its start and all its parts share; without Flask, for a worker has it too."""

from __future__ import annotations

from dataclasses import dataclass, field

from lti_tool import key_files
from lti_tool.audit.recording import Reads
from lti_tool.credentials.keyring import CredentialKeys
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.lti.keyring import Keyring
from lti_tool.outbound import Outbound
from lti_tool.reports.drawer import Drawer
from lti_tool.sealing import ACCESS_TOKENS, MOODLE_TOKENS, SECOND_STEPS, Seal
from lti_tool.settings import Settings
from lti_tool.tasks.shelf import Shelf
from lti_tool.web.per_minute import PerMinute


@dataclass(frozen=True, slots=True)
class Tool:
    """Settings, database, keys and the door to the outside."""

    settings: Settings
    sessions: SessionFactory
    keyring: Keyring
    credential_keys: CredentialKeys
    outbound: Outbound
    reads: Reads = field(default_factory=Reads)
    """What was read of others' records, on its way into the record of it."""
    rates: PerMinute = field(default_factory=PerMinute)
    """What was asked in this minute by whom, where somebody may only ask so often."""
    sealing_keys: tuple[str, ...] = field(default=(), repr=False)
    """What lies in the keys folder to lock secrets with, the one in force first."""

    @classmethod
    def open(cls, settings: Settings, sessions: SessionFactory, outbound: Outbound | None = None) -> Tool:
        """The parts of a process. Raises SettingsFaulty where a key file or the passphrase does not allow a start."""
        keyring = Keyring.open(settings.keys_dir, settings.keys_passphrase, sessions)
        badges = CredentialKeys.open(settings.keys_dir, settings.keys_passphrase, settings.base_url, sessions)
        outbound = outbound or Outbound(allow_private=settings.allow_private_networks)
        return cls(
            settings, sessions, keyring, badges, outbound, sealing_keys=key_files.sealing_keys(settings.keys_dir)
        )

    @property
    def seal(self) -> Seal | None:
        """Locks and opens tokens of web services; None without a SECRET_KEY."""
        return self._seal(MOODLE_TOKENS) if self.settings.secret_key else None

    @property
    def codes_seal(self) -> Seal | None:
        """Locks and opens what the codes of accounts are made from; None without a SECRET_KEY."""
        return self._seal(SECOND_STEPS) if self.settings.secret_key else None

    @property
    def tokens_seal(self) -> Seal:
        """Locks and opens access tokens of platforms, which all processes share."""
        return self._seal(ACCESS_TOKENS)

    def _seal(self, purpose: str) -> Seal:
        secret = self.settings.secret_key
        keys = [*self.sealing_keys, *([secret.get_secret_value()] if secret else [])]
        return Seal(keys[0], purpose, older=keys[1:])

    @property
    def drawer(self) -> Drawer:
        """Where made files lie until they are fetched."""
        return Drawer(self.settings.data_dir / "exports")

    @property
    def shelf(self) -> Shelf:
        """Where files that people send lie."""
        return Shelf(self.settings.data_dir / "files")
