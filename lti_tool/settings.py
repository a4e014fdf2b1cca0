"""One frozen object of settings, built once; a faulty one stops the start with every fault named at once.

Order: `config/default.toml`, over it the file named by `LTI_TOOL_CONFIG`, over both the environment `LTI_TOOL_*`.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from lti_tool.errors import SettingsFaulty

PREFIX = "LTI_TOOL_"
CONFIG_DIR = Path(__file__).parent.parent / "config"
"""Beside the package in a checkout; a wheel carries it inside (see `config_dir`)."""


def config_dir() -> Path:
    """The folder with default.toml and frameworks/: the checkout's, else the copy inside the installed package."""
    inside = Path(__file__).parent / "_config"
    return inside if inside.is_dir() else CONFIG_DIR


class Settings(BaseSettings):
    """All settings of the tool. Secrets print as asterisks."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    base_url: str = "http://localhost:8080"
    """The tool's own address as browsers and platforms reach it, without a path or a trailing slash."""
    institute_name: str = Field(default="", max_length=200)
    """Who certifies, on what people carry away; empty = as its LMS is called."""
    help_url: str = Field(default="", max_length=400)
    """Where the institute keeps its guide; every page leads there. Empty = no page does."""
    data_dir: Path = Path("var")
    database_url: str = ""
    """SQLAlchemy URL; empty = SQLite in the data folder."""
    keys_dir: Path = Path("keys")
    keys_passphrase: SecretStr | None = None
    secret_key: SecretStr | None = None
    """Signs cookies; required by `serve`."""
    metrics_token: SecretStr | None = None
    """Opens /metrics to who brings it from another machine; empty = none does."""
    session_idle_minutes: int = Field(default=240, ge=5, le=1440)
    launches_per_minute: int = Field(default=6000, ge=1)
    """Of one registration; more are answered with 429. Counted in each web process."""
    allow_private_networks: bool = False
    """Platforms on loopback or inner addresses, and plain http for them."""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    log_format: Literal["json", "text"] = "json"

    @field_validator("base_url")
    @classmethod
    def _origin_only(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("must be an address like https://tool.example.org, without a path")
        return value.rstrip("/")

    @field_validator("help_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname or not value.isprintable()):
            raise ValueError("must be an address like https://help.example.org, or empty")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _empty_is_none(cls, value: SecretStr | None) -> SecretStr | None:
        # Else a variable that was left empty would open the figures to everybody.
        return value if value is not None and value.get_secret_value().strip() else None

    @model_validator(mode="after")
    def _https_unless_private(self) -> Self:
        host = urlsplit(self.base_url).hostname or ""
        if self.base_url.startswith("http://") and host not in {"localhost", "127.0.0.1", "::1"}:
            raise ValueError("base_url must be https: browsers send the tool's cookies only over TLS")
        return self

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'lti-tool.sqlite3').absolute()}"

    def as_environment(self) -> dict[str, str]:
        """This process's environment with these settings in it: what a child process needs to have the same."""
        given = {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}
        plain = {name: v.get_secret_value() if isinstance(v, SecretStr) else str(v) for name, v in given.items()}
        others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return others | {PREFIX + name.upper(): value for name, value in plain.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given goes before the environment, that before the own file, that before the packaged one."""
        own = os.environ.get(PREFIX + "CONFIG")
        files = [config_dir() / "default.toml", *([Path(own)] if own else [])]
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=files)

    @classmethod
    def load(cls, **given: object) -> Settings:
        """The settings in force; `given` goes before everything (tests, the demo).

        Raises SettingsFaulty with all faults, each as "setting: what is wrong".
        """
        own = os.environ.get(PREFIX + "CONFIG")
        if own and not Path(own).is_file():
            raise SettingsFaulty("settings_faulty", faults=[f"{PREFIX}CONFIG: no file {own}"])
        try:
            return cls(**given)  # type: ignore[arg-type]  # pydantic checks what is given
        except ValidationError as error:
            faults = [
                f"{_name(fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()
            ]
            raise SettingsFaulty("settings_faulty", faults=faults) from error
        except tomllib.TOMLDecodeError as error:
            raise SettingsFaulty("settings_faulty", faults=[f"settings file: {error}"]) from error


def _name(location: tuple[int | str, ...]) -> str:
    return PREFIX + str(location[0]).upper() if location else "settings"
