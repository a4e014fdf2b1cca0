"""Pieces of pages that are made once: with each address, and with what the value says."""

from __future__ import annotations

from flask import Flask

from lti_tool.web.group_words import CellWords
from lti_tool.web.i18n import speaking
from lti_tool.web.rendering import kept_all

WORDS = CellWords("met", "Level <1>", "", ("judged",))


def _cells(app: Flask, locale: str, *cells: tuple[CellWords, str], begins: str = "") -> str:
    macro = app.jinja_env.get_template("trainer/group_cell.html").module.group_cell  # type: ignore[attr-defined]
    with app.test_request_context(), speaking(locale):
        return str(kept_all(macro, cells, begins))


def test_each_cell_leads_where_it_belongs_although_the_words_are_the_same(bare_app: Flask) -> None:
    made = _cells(bare_app, "en", (WORDS, "/a"), (WORDS, "/b?x=1&y=2"), begins="/people/<&>")

    assert made.count('href="/people/&lt;&amp;&gt;/a"') == 1
    assert made.count('href="/people/&lt;&amp;&gt;/b?x=1&amp;y=2"') == 1
    assert made.count("Level &lt;1&gt;") == 2


def test_the_row_of_somebody_else_leads_to_them(bare_app: Flask) -> None:
    rows = [_cells(bare_app, "en", (WORDS, "/1.1"), begins=f"/people/{person}") for person in ("a", "b")]

    assert ['href="/people/a/1.1"' in rows[0], 'href="/people/b/1.1"' in rows[1]] == [True, True]


def test_other_words_are_another_cell(bare_app: Flask) -> None:
    other = CellWords("met", "Level 2", "", ())

    assert "Level 2" in _cells(bare_app, "en", (WORDS, "/a"), (other, "/a"))
    assert "Level 2" not in _cells(bare_app, "en", (WORDS, "/a"))
