"""The demonstration LMS in a process of its own, with a door for tests: faults on order, what its gradebook shows.

Reads its set-up as one line of JSON on stdin, prints its two addresses as one line, and lives until stdin ends.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from email.utils import formatdate
from pathlib import Path
from typing import Any

from flask import Flask, request
from werkzeug.serving import BaseWSGIServer, make_server

from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import Person, Tool
from lti_tool.demo.platform import application
from lti_tool.demo.seed import MAIN_COURSE_ID
from lti_tool.demo.services import SCOPES
from tests.chaos.scripts import script_named


class Counting:
    """Counts requests by platform (a first part `/pN` of the path), kind and status, before the LMS sees them."""

    def __init__(self, app: Any, now: Callable[[], float]) -> None:
        self.app, self.now = app, now
        self.counts: Counter[str] = Counter()
        self.early: list[float] = []
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/p") and path[2:3].isdigit():
            prefix = path.split("/", 2)[1]
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = f"/{prefix}", path[len(prefix) + 1 :]
        kind = "token" if path.endswith("token.php") else path.rsplit("/", 1)[-1]

        def counted(status: str, *rest: Any) -> Any:
            with self._lock:
                self.counts[f"{kind} {status[:3]}"] += 1
                if "chaos.early" in environ:
                    self.early.append(environ["chaos.early"])
            headers, *more = rest
            # Its own time, which may not be ours.
            return start(status, [*headers, ("Date", formatdate(self.now(), usegmt=True))], *more)

        with self._lock:
            self.counts[kind] += 1
        answer: Iterable[bytes] = self.app(environ, counted)
        return answer


class Building:
    """The LMS, its door to the world and the one for tests."""

    def __init__(self, setup: dict[str, Any]) -> None:
        ahead = float(setup.get("ahead", 0))
        keys = Path(setup["jwks_file"])
        self.lms = DemoLms("", "", now=lambda: time.time() + ahead, fetch=lambda _url: json.loads(keys.read_text()))
        self.stored: Counter[str] = Counter()
        self.wrong_order: list[str] = []
        self._last: dict[tuple[str, str], tuple[int, Decimal]] = {}
        self.counting = Counting(application(self.lms), self.lms.now)
        self.port = 0
        self.server: BaseWSGIServer | None = None
        self._enrol(setup)
        self._watch()

    def _enrol(self, setup: dict[str, Any]) -> None:
        for number in range(setup["people"]):
            self.lms.add_member(
                MAIN_COURSE_ID, Person(str(1001 + number), f"p{number}", "П", str(number), "", "", "ky")
            )
        self._admit([setup["client_id"]])

    def _admit(self, clients: list[str]) -> None:
        for client in clients:
            tool = Tool("", client, "", "", "", "", "", "", (), "jwks", "", {}, frozenset(SCOPES), True, True)
            self.lms.activate(self.lms.add_tool(tool).id)

    def _watch(self) -> None:
        book, take = self.lms.gradebook, self.lms.gradebook.take_score
        lock = threading.Lock()

        def watched(
            column_id: str, person_id: str, given: Decimal | None, maximum: Decimal, comment: str, at: int
        ) -> None:
            with lock:
                take(column_id, person_id, given, maximum, comment, at)
                self.stored[f"{column_id}/{person_id}"] += 1
                last, last_given = self._last.get((column_id, person_id), (0, Decimal(0)))
                if at <= last or (given is not None and given < last_given):
                    self.wrong_order.append(f"{column_id}/{person_id}: {last_given} at {last}, then {given} at {at}")
                self._last[column_id, person_id] = at, given or Decimal(0)

        book.take_score = watched  # type: ignore[method-assign]

    def open(self) -> None:
        """Listens (again) at the same address."""
        self.server = make_server("127.0.0.1", self.port, self.counting, threaded=True)
        self.port = self.server.port
        self.lms.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Connections are refused from now on."""
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    def door(self) -> Flask:
        """What tests may ask for."""
        app, deeds = Flask("door"), self._deeds()

        @app.post("/<deed>")
        def do(deed: str) -> Any:
            return {"answer": deeds[deed](**request.get_json())}

        return app

    def _deeds(self) -> dict[str, Any]:
        def play(name: str, **arguments: Any) -> None:
            self.lms.faults.play(script_named(name, arguments))

        return {
            "play": play,
            "admit": self._admit,
            "well": self.lms.faults.stop,
            "open": self.open,
            "close": self.close,
            "revoke": self.lms.revoke_tokens,
            "report": self._report,
            "grades": self._grades,
            "delete_columns": self._delete_columns,
            "rescale": self._rescale,
            "edit": self._edit,
        }

    def _report(self) -> dict[str, Any]:
        return {
            "counts": self.counting.counts,
            "stored": sum(self.stored.values()),
            "wrong_order": self.wrong_order,
            "early": self.counting.early,
        }

    def _grades(self) -> dict[str, dict[str, str | None]]:
        columns = self.lms.gradebook.columns(MAIN_COURSE_ID)
        return {
            column.id: {who: None if grade.final is None else str(grade.final) for who, grade in column.grades.items()}
            for column in columns
            if column.tool_id
        }

    def _own(self) -> list[Any]:
        return [column for column in self.lms.gradebook.columns(MAIN_COURSE_ID) if column.tool_id]

    def _delete_columns(self) -> int:
        own = self._own()
        for column in own:
            self.lms.gradebook.remove(column.id)
        return len(own)

    def _rescale(self, maximum: int) -> None:
        for column in self._own():
            self.lms.gradebook.rescale(column.id, Decimal(maximum))

    def _edit(self, people: list[str], mark: int, override: bool = True) -> int:
        """A teacher types a mark over the grades of these people in every column."""
        own = self._own()
        for column in own:
            for person in people:
                if override:
                    self.lms.gradebook.override(column.id, person, mark)
                else:
                    self.lms.gradebook.set_mark(column.id, person, Decimal(mark))
        return len(own) * len(people)


def main() -> None:
    """Serves until whoever started it closes our stdin."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    building = Building(json.loads(sys.stdin.readline()))
    building.open()
    door = make_server("127.0.0.1", 0, building.door(), threaded=True)
    threading.Thread(target=door.serve_forever, daemon=True).start()
    sys.stdout.write(json.dumps({"url": building.lms.url, "door": f"http://127.0.0.1:{door.port}"}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
