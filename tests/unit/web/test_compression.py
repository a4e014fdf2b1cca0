"""Pages are compressed, and their length tells nothing exact about what is in them."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask, Response
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.web import compression

PAGE = "<p>Көрсөткүч</p>" * 100


@pytest.fixture
def pages() -> Flask:
    """An application with a long page, a short one, and a picture."""
    app = Flask("pages")
    compression.install(app)
    app.add_url_rule("/long", "long", lambda: PAGE)
    app.add_url_rule("/short", "short", lambda: "<p>No</p>")
    app.add_url_rule("/picture", "picture", lambda: Response(b"\x89PNG" * 500, mimetype="image/png"))
    app.add_url_rule("/stream", "stream", lambda: Response(iter([PAGE]), mimetype="text/html"))
    return app


@given(body=st.binary(max_size=2000), padding=st.integers(min_value=1, max_value=100))
def test_whatever_is_packed_can_be_unpacked(body: bytes, padding: int) -> None:
    assert gzip.decompress(compression.packed(body, padding)) == body


def test_padding_lengthens_the_answer_only() -> None:
    short, long = compression.packed(b"x" * 900, 1), compression.packed(b"x" * 900, 100)

    assert len(long) - len(short) == 99


def test_a_long_page_is_compressed_with_its_true_length(pages: Flask) -> None:
    answer = pages.test_client().get("/long", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(PAGE)
    assert gzip.decompress(answer.data).decode() == PAGE


def test_equal_pages_differ_in_length(pages: Flask) -> None:
    client = pages.test_client()

    lengths = {len(client.get("/long", headers={"Accept-Encoding": "gzip"}).data) for _ in range(40)}

    assert len(lengths) > 5


@pytest.mark.parametrize("path", ["/short", "/picture", "/stream"])
def test_what_gains_nothing_stays_as_it_is(pages: Flask, path: str) -> None:
    answer = pages.test_client().get(path, headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "br"])
def test_a_browser_that_does_not_take_it_gets_it_plain(pages: Flask, accepted: str) -> None:
    answer = pages.test_client().get("/long", headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in answer.headers
    assert answer.text == PAGE
    assert "Accept-Encoding" in answer.headers["Vary"]
