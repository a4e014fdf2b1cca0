"""What a launch costs with PyLTI1p3 alone: the yardstick of `make bench`. `python -m tests.bench.bare PORT KEYS`.

The library as its own example uses it, with Flask and behind the same server as the tool, but without a database, with
the platform's keys at hand, and with "hello" for a page. KEYS is a file with the platform's key set. What a launch
tells is kept in memory, which is cheaper than the library's own way, a signed cookie of 6,000 bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication
from pylti1p3.contrib.flask import (
    FlaskCacheDataStorage,
    FlaskCookieService,
    FlaskMessageLaunch,
    FlaskOIDCLogin,
    FlaskRequest,
)
from pylti1p3.tool_config import ToolConfDict

from lti_tool.cli.serve import THREADS
from tests.bench.platform import CLIENT, DEPLOYMENT
from tests.factories.signing_lms import ISSUER, JWKS_URL


class Memory:
    """The least that the library calls a cache; what it was told last is enough for one browser after the other."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def get(self, key: str) -> Any:  # noqa: ANN401  anything may be kept
        return self._kept.get(key)

    def set(self, key: str, value: Any, _seconds: int | None = None) -> None:  # noqa: ANN401
        if len(self._kept) > 1000:
            self._kept.clear()
        self._kept[key] = value


def tool_conf(key_set: dict[str, Any]) -> ToolConfDict:
    """The platform as the library wants to be told of it."""
    conf = ToolConfDict(
        {
            ISSUER: [
                {
                    "default": True,
                    "client_id": CLIENT,
                    "auth_login_url": f"{ISSUER}/mod/lti/auth.php",
                    "auth_token_url": f"{ISSUER}/mod/lti/token.php",
                    "key_set_url": JWKS_URL,
                    "key_set": key_set,
                    "deployment_ids": [DEPLOYMENT],
                }
            ]
        }
    )
    conf.set_private_key(ISSUER, "", CLIENT)
    return conf


def create(key_set: dict[str, Any]) -> Flask:
    """The application: a login, a launch, nothing else."""
    app = Flask("bare")
    app.config.update(SECRET_KEY="a secret of the tests, and of nobody else", SESSION_COOKIE_NAME="bare")
    memory, conf = Memory(), tool_conf(key_set)

    @app.route("/lti/login", methods=["GET", "POST"])
    def login() -> Response:
        asked = FlaskRequest()
        flow = FlaskOIDCLogin(
            asked, conf, cookie_service=FlaskCookieService(asked), launch_data_storage=FlaskCacheDataStorage(memory)
        )
        answer: Response = flow.redirect(asked.get_param("target_link_uri"))
        return answer

    @app.post("/lti/launch")
    def launch() -> str:
        told = FlaskMessageLaunch(FlaskRequest(), conf, launch_data_storage=FlaskCacheDataStorage(memory))
        return f"hello {told.get_launch_data()['name']} {request.method}"

    return app


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn as `lti-tool serve` sets it up, with one process."""

    def __init__(self, port: int, make: Callable[[], Flask]) -> None:
        self._port, self._make = port, make
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": f"127.0.0.1:{self._port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "loglevel": "warning",
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make()


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[2]).read_text())
    Server(int(sys.argv[1]), lambda: create(told)).run()
