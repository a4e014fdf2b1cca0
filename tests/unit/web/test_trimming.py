"""Pages load a part of Bootstrap: all of it that they use, and hardly more."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from lti_tool.web import trimming

WHOLE = trimming.WHOLE.read_text()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder of pages with one template and one stylesheet of its own."""
    (tmp_path / "static").mkdir()
    (tmp_path / "page.html").write_text('<p class="btn {% if wide %}mb-2{% endif %}">d-flex</p>{{ cell("ms-4") }}')
    (tmp_path / "static" / "app.css").write_text("p { color: var(--bs-teal); }")
    return tmp_path


def test_the_part_that_is_loaded_fits_the_pages_of_today() -> None:
    said = "Bootstrap is used differently now; run: python -m lti_tool.web.trimming"

    assert trimming.used() == trimming.USED.read_text(), said


def test_every_class_of_bootstrap_that_stands_in_a_template_is_in_the_part() -> None:
    part = trimming.USED.read_text()
    templates = "".join(path.read_text() for path in trimming.WEB_ROOT.rglob("*.html"))
    classes = {word for value in re.findall(r'class="([^"{]*)"', templates) for word in value.split()}
    known = {name for name in classes if re.search(rf"(?<![\w-])\.{re.escape(name)}[{{,:]", WHOLE)}

    assert len(known) > 20
    assert [name for name in sorted(known) if f".{name}" not in part] == []


def test_the_part_is_light() -> None:
    assert len(gzip.compress(trimming.USED.read_bytes(), 9)) < 6_000 < 30_000 < len(gzip.compress(WHOLE.encode(), 9))


def test_what_no_page_names_falls_away_with_the_variables_that_only_it_reads(pages: Path) -> None:
    part = trimming.used(pages)

    assert all(each in part for each in (".btn{", ".btn:hover{", ".mb-2{", ".ms-4{", "h1{", "--bs-teal:"))
    assert not re.search(r"\.d-flex|\.mb-3|\.table|--bs-indigo|@keyframes|data-bs-theme", part)
    read = set(re.findall(r"var\((--[\w-]+)", part + "var(--bs-teal)"))
    assert set(re.findall(r"(?<![\w(-])(--[\w-]+):", part)) <= read


def test_order_and_conditions_stay(pages: Path) -> None:
    whose, _, part = trimming.used(pages).partition("*/\n")
    rules = part.splitlines()

    assert "Licensed under MIT" in whose
    assert rules == [rule for rule in rules if rule.count("{") == rule.count("}") > 0]
    assert "@media (min-width:1200px){h1{font-size:2.5rem}}" in rules
    at = [next(number for number, rule in enumerate(rules) if rule.startswith(each)) for each in ("h1", "p{", ".btn{")]
    assert at == sorted(at)
