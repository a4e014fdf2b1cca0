"""The OpenAPI document and the answers agree, whatever is asked: tried by schemathesis over a real connection."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from werkzeug.serving import make_server

from tests.factories.api_world import ApiWorld

EXAMPLES = 5
CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "unsupported_method",
    "ignored_auth",
}


@pytest.fixture
def served(world: ApiWorld) -> Iterator[str]:
    """The application on the loopback; the address of its API."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/api/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def _teach(world: ApiWorld) -> None:
    """Ids and cursors that exist, so that most calls find something."""
    lists = {"courses": "/courses", "gradebook": f"/courses/{world.ids['course']}/gradebook"}
    for name, path in (lists | {"persons": "/persons", "deliveries": "/deliveries"}).items():
        cursor = world.read(f"{path}?limit=1")["next"].partition("cursor=")[2]
        schemathesis.openapi.format(f"{name}-cursor", st.just(cursor))
    schemathesis.openapi.format("course-id", st.sampled_from([world.ids["course"], world.ids["second_course"]]))
    schemathesis.openapi.format("person-id", st.sampled_from([world.ids["person"]]))


def test_the_answers_keep_what_the_document_promises(world: ApiWorld, served: str) -> None:
    _teach(world)
    config = SchemathesisConfig.from_dict(
        {
            "base-url": served,
            "headers": {"Authorization": f"Bearer {world.token}"},
            "generation": {"max-examples": EXAMPLES, "deterministic": True},
        }
    )
    schema = schemathesis.openapi.from_url(f"{served}/openapi.json", config=config)
    tried: Counter[str] = Counter()
    wrong: list[str] = []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            wrong.append(repr(event))
        elif isinstance(event, events.ScenarioFinished):
            for checks in event.recorder.checks.values():
                tried.update(check.name for check in checks)
                wrong += [f"{event.recorder.label}: {each.failure_info}" for each in checks if each.failure_info]

    assert wrong == []
    assert tried.keys() >= CHECKS
    assert min(tried[check] for check in CHECKS) >= 100
