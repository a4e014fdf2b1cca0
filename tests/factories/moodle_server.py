"""A Moodle that answers its web service as recorded, or late, or not at all: a real server on the loopback."""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

RECORDED = Path(__file__).parent.parent / "data" / "moodle-5.1" / "webservice"
GRADES = "gradereport_user_get_grade_items"
TOKEN = "0123456789abcdef0123456789abcdef"
FILES = {
    GRADES: "grade-items-all-users",
    "core_course_get_contents": "course-contents",
    "core_completion_get_activities_completion_status": "activities-completion-status",
    "core_enrol_get_enrolled_users": "enrolled-users",
    "core_group_get_course_groups": "course-groups",
    "core_webservice_get_site_info": "site-info",
}


def recorded_body(name: str) -> dict[str, Any]:
    """The body of a recorded answer."""
    body: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())["response"]["body"]
    return body


@dataclass
class MoodleServer:
    """What it answers, by function, and what it was asked."""

    url: str = ""
    bodies: dict[str, Any] = field(default_factory=lambda: {name: recorded_body(file) for name, file in FILES.items()})
    raw: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Status and bytes in place of a recorded answer."""
    late: float = 0
    asked: list[dict[str, str]] = field(default_factory=list)

    def functions(self) -> list[str]:
        return [form["wsfunction"] for form in self.asked]

    def grade(self, user: int, item: str) -> dict[str, Any]:
        """The recorded grade of a user in an item, to be changed."""
        of_user = next(each for each in self.bodies[GRADES]["usergrades"] if each["userid"] == user)
        return next(each for each in of_user["gradeitems"] if each["itemname"] == item)

    def answer(self, form: dict[str, str]) -> tuple[int, bytes]:
        function = form["wsfunction"]
        if function in self.raw:
            return self.raw[function]
        if form["wstoken"] != TOKEN:
            return 200, json.dumps(recorded_body("error-no-permission")).encode()
        body = copy.deepcopy(self.bodies[function])
        if function == GRADES and "userid" in form:
            body["usergrades"] = [each for each in body["usergrades"] if each["userid"] == int(form["userid"])]
        return 200, json.dumps(body).encode()


@contextmanager
def moodle_server() -> Iterator[MoodleServer]:
    """Runs while the block does."""
    moodle = MoodleServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            assert self.path == "/webservice/rest/server.php"
            moodle.asked.append(form)
            time.sleep(moodle.late)
            status, body = moodle.answer(form)
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                # Who asked has not waited.
                self.close_connection = True

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    moodle.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield moodle
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
