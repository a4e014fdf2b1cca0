"""A file far too large, and one whose sending breaks off, at the server as deployed: told, and nothing left over."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.factories import files
from tests.journeys.visits import EVIDENCE_TASK, Demonstration, enter, within

MEGABYTE = 1024 * 1024
MUCH = 200 * MEGABYTE
BAKYT = "9"
"""Hands nothing in elsewhere, and reads Kyrgyz."""


@pytest.fixture
def task(demonstration: Demonstration, browser: Browser) -> Iterator[Page]:
    """The evidence task as a participant sees it who has saved a draft; in a browser without JavaScript."""
    signed_in = browser.new_context()
    enter(signed_in, demonstration, BAKYT)
    page, _course = enter(signed_in, demonstration, BAKYT, EVIDENCE_TASK)
    address, state = page.url.split("?")[0], signed_in.storage_state()
    signed_in.close()
    context = browser.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(address)
    page.locator("#f-text").fill("Менин ишим")
    page.get_by_role("button", name="Долбоорду сактоо").click()
    yield page
    context.close()


def _stored(demonstration: Demonstration) -> set[Path]:
    """Every file of the tool's folder but its database and its log."""
    kept = {".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".txt"}
    return {path for path in demonstration.folder.rglob("*") if path.is_file() and path.suffix not in kept}


def test_200_megabytes_are_refused_with_a_page_that_says_why(
    task: Page, demonstration: Demonstration, tmp_path: Path
) -> None:
    before = _stored(demonstration)
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.write(b"%PDF-1.4\n")
        file.truncate(MUCH)
    address = task.url
    task.locator("input[type=file]").set_input_files(large)

    with task.expect_navigation(timeout=60_000) as sent:
        task.locator("button[value=file]").click()

    assert sent.value.status == 413
    assert "Бул өтө чоң" in task.locator("h1").inner_text()
    assert "Эч нерсе сакталган жок" in task.locator("main").inner_text()
    assert _stored(demonstration) == before
    task.goto(address)
    assert task.locator("#f-text").input_value() == "Менин ишим"


def test_an_upload_that_breaks_off_leaves_nothing_and_comes_in_when_it_is_sent_again(
    task: Page, demonstration: Demonstration
) -> None:
    before, log = _stored(demonstration), demonstration.folder / "log.txt"
    known, whole = log.stat().st_size, _form(task, files.PDF)

    _send(task, whole[: len(whole) * 2 // 3], announced=len(whole))

    # The tool says when it has given the request up; whatever it keeps of it, it has kept by then.
    assert within(10, True, lambda: "/draft" in log.read_text()[known:])
    assert _stored(demonstration) == before
    task.reload()
    assert task.locator("#f-text").input_value() == "Менин ишим"
    expect(task.locator(".file-list li")).to_have_count(0)

    assert b" 303 " in _send(task, whole, announced=len(whole))
    task.reload()
    assert task.locator("#f-text").input_value() == "Бөлүнүп калган"
    expect(task.locator(".file-list li")).to_have_count(1)


def _form(task: Page, file: bytes) -> bytes:
    """The draft's form with a file, as a browser sends it; the file fills most of it."""
    form = task.locator("form[enctype]").first
    token, version = (form.locator(f"[name={name}]").input_value() for name in ("csrf_token", "version"))
    fields = {"csrf_token": token, "version": version, "step": "file", "text": "Бөлүнүп калган", "links": ""}
    parts = [f'--cut\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    parts.append('--cut\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n')
    return "".join(parts).encode() + file + bytes(2 * MEGABYTE) + b"\r\n--cut--\r\n"


def _send(task: Page, body: bytes, *, announced: int) -> bytes:
    """Sends a body to the draft by hand; what came back of the answer's head, nothing where the body is cut short."""
    target = urlsplit(task.url)
    head = (
        f"POST {target.path}/draft HTTP/1.1\r\nHost: {target.netloc}\r\nCookie: {_cookies(task.context)}\r\n"
        f"Origin: {target.scheme}://{target.netloc}\r\nReferer: {task.url}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: {announced}\r\n\r\n"
    )
    with socket.create_connection((target.hostname or "", target.port or 80), 10) as sending:
        sending.sendall(head.encode() + body)
        return sending.recv(200) if len(body) == announced else b""


def _cookies(context: BrowserContext) -> str:
    return "; ".join(f"{each['name']}={each['value']}" for each in context.cookies())
