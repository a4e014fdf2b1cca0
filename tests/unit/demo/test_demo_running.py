"""The LMS as a real server: it waits for the tool, registers itself, cuts lines when told to, and stops."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest
import requests
from flask import Flask, request
from werkzeug.serving import BaseWSGIServer, make_server

from lti_tool.demo.faults import Fault
from lti_tool.demo.registration import register_with
from lti_tool.demo.running import RunningLms, serve, wait_for
from tests.unit.demo.conftest import recorded

SERVICE = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"


@pytest.fixture
def running() -> Iterator[RunningLms]:
    """An LMS on a free port."""
    started = serve("http://localhost:1")
    yield started
    started.stop()


@pytest.fixture
def registering_tool() -> Iterator[BaseWSGIServer]:
    """A tool that does nothing but answer its health and register itself."""
    app = Flask("tool")

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.get("/lti/register")
    def register() -> tuple[str, int]:
        config = requests.get(request.args["openid_configuration"], timeout=5).json()
        headers = {"Authorization": f"Bearer {request.args['registration_token']}"}
        body = recorded("registration-full")["request"]["body"]
        return "", requests.post(config["registration_endpoint"], json=body, headers=headers, timeout=5).status_code

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


def test_the_issuer_is_where_the_lms_answers(running: RunningLms) -> None:
    said = requests.get(f"{running.url}/.well-known/openid-configuration", timeout=5).json()

    assert said["issuer"] == running.url


def test_a_tool_registers_itself_over_real_connections(running: RunningLms, registering_tool: BaseWSGIServer) -> None:
    url = f"http://127.0.0.1:{registering_tool.port}"
    wait_for(f"{url}/healthz")

    tool = register_with(running.lms, f"{url}/lti/register?invite=abc")

    assert (tool.id, tool.active, running.lms.tools["1"]) == ("1", True, tool)
    page = requests.get(f"{running.url}/", timeout=5).text
    assert "Launch as trainer" in page


def test_waiting_for_a_tool_that_never_comes_ends() -> None:
    with pytest.raises(TimeoutError, match="did not answer"):
        wait_for("http://127.0.0.1:9/healthz", patience=0.3)


def test_a_cut_line_looks_like_one(running: RunningLms) -> None:
    running.lms.faults.play([Fault(cut=True)])

    with pytest.raises(requests.ConnectionError):
        requests.get(running.url + SERVICE, timeout=5)
    assert requests.get(running.url + SERVICE, timeout=5).status_code == 401


def test_a_hanging_answer_runs_into_the_callers_time_limit(running: RunningLms) -> None:
    running.lms.faults.play(lambda request: Fault(delay=0.6))

    with pytest.raises(requests.Timeout):
        requests.get(running.url + SERVICE, timeout=0.2)


def test_the_reason_of_a_refusal_reaches_the_client(running: RunningLms) -> None:
    answer = requests.get(running.url + SERVICE, headers={"Accept": "application/json"}, timeout=5)

    assert answer.reason == "No handler found for /CourseSection/2/bindings/1/memberships application/json"
