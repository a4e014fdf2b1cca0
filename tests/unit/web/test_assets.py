"""Static files: an address stands for a content, is kept for a year, and travels compressed."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask

from lti_tool.web import assets

CSS = "app.css"
BOOTSTRAP = "vendor/bootstrap/bootstrap.used.css"


def _address(app: Flask, name: str) -> str:
    with app.test_request_context():
        return assets.asset_url(name)


def test_an_asset_is_kept_for_a_year(bare_app: Flask) -> None:
    answer = bare_app.test_client().get(_address(bare_app, CSS))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/css; charset=utf-8"


def test_a_changed_content_has_another_address(tmp_path: Path) -> None:
    (tmp_path / CSS).write_text("a {}")
    before = assets.read_assets(tmp_path)[CSS]
    (tmp_path / CSS).write_text("b {}")

    assert assets.read_assets(tmp_path)[CSS].address != before.address


def test_a_stylesheet_travels_without_what_only_its_authors_need(tmp_path: Path) -> None:
    (tmp_path / CSS).write_text('/*! Whose */\n\n/* Why:\n   so. */\na,\nb  c {\n  content: ", ";\n}\n')
    (tmp_path / "app.js").write_text("  // Why\n")

    known = assets.read_assets(tmp_path)

    assert known[CSS].body == b'/*! Whose */\n\na,\nb  c {\ncontent: ", ";\n}\n'
    assert known["app.js"].body == b"  // Why\n"


def test_an_address_of_another_release_is_not_kept(bare_app: Flask) -> None:
    answer = bare_app.test_client().get(f"/static/000000000000/{CSS}")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_an_asset_travels_compressed_where_that_is_understood(bare_app: Flask) -> None:
    client, address = bare_app.test_client(), _address(bare_app, BOOTSTRAP)

    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < 6_000
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_known_asset_is_not_sent_again(bare_app: Flask) -> None:
    client, address = bare_app.test_client(), _address(bare_app, CSS)
    tag = client.get(address).headers["ETag"]

    answer = client.get(address, headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "nosuch.css",
        "../i18n.py",
        "..%2fi18n.py",
        "vendor/README.md",
        "vendor/bootstrap/LICENSE",
        "vendor/bootstrap/bootstrap.min.css",
        "%2e%2e/%2e%2e/settings.py",
    ],
)
def test_nothing_else_is_served(bare_app: Flask, path: str) -> None:
    assert bare_app.test_client().get(f"/static/{path}").status_code == 404


def test_a_template_cannot_name_a_missing_file(bare_app: Flask) -> None:
    with pytest.raises(KeyError):
        _address(bare_app, "nosuch.css")


def test_vendored_files_come_with_their_licences() -> None:
    vendor = assets.WEB_ROOT / "static" / "vendor"

    assert {folder.name for folder in vendor.iterdir() if folder.is_dir()} == {"bootstrap", "htmx"}
    assert all((folder / "LICENSE").is_file() for folder in vendor.iterdir() if folder.is_dir())


def test_the_files_of_a_first_page_leave_room_for_the_page() -> None:
    known = assets.read_assets(assets.WEB_ROOT / "static")
    templates = assets.WEB_ROOT / "templates"
    first = [templates / "skeleton.html", templates / "base.html", *(templates / "participant").glob("*.html")]
    loaded = {name for page in first for name in re.findall(r"asset\([\"']([^\"']+)", page.read_text())}

    assert "app.css" in loaded
    assert sum(len(known[name].compressed) for name in loaded) < 20_000
