"""Draws the architecture as `architecture.<language>.svg`: `python docs/pictures/architecture.py`, after a change here.

By hand, so that it stays small, says the same in each language and is read in light and in dark.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

HERE = Path(__file__).parent

STYLE = """
  text { font: 15px system-ui, "DejaVu Sans", sans-serif; fill: #14212b }
  .name { font-weight: 700 } .soft { font-size: 13px; fill: #4a5b68 } .step { font-weight: 700; fill: #fff }
  .ground { fill: #fff } .house { fill: #f4f7fa; stroke: #b5c3ce } .box { fill: #fff; stroke: #7d90a0 }
  .pure { fill: #e2f1ea; stroke: #3f7f62 } .lms { fill: #fdf1e3; stroke: #b07a35 }
  .way { fill: none; stroke: #0b5a72; stroke-width: 2.5 } .tip, .dot { fill: #0b5a72 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8eef3 } .soft { fill: #a9b8c4 } .step { fill: #0d151b }
    .ground { fill: #0d151b } .house { fill: #131e26; stroke: #3b4d5a } .box { fill: #1b2933; stroke: #66798a }
    .pure { fill: #17342a; stroke: #6db795 } .lms { fill: #33261a; stroke: #d3a263 }
    .way { stroke: #6cc4dc } .tip, .dot { fill: #6cc4dc }
  }"""

WORDS = {
    "en": {
        "title": "The architecture: who calls whom, and the way of one mark",
        "lms": "Moodle",
        "launch": "launch, people",
        "marks": "marks",
        "grades": "grades (AGS)",
        "pages": "pages",
        "web": "pages, files, API",
        "worker": "what must not wait",
        "cli": "operator",
        "moodle": "Moodle's marks",
        "tasks": "evidence tasks",
        "others": "credentials/ reports/ audit/",
        "more": "catalogue/ privacy/ accounts/",
        "grading": "wanted scores, columns, delivery",
        "scoring": "scoring.py, retry.py: pure",
        "competency": "ledger, mapping, standings",
        "attainment": "attainment.py, rollup.py: pure",
        "lti": "launch, registration, AGS, NRPS",
        "people": "persons, courses, roles",
        "db": "PostgreSQL or SQLite; one transaction from the mark to the wish",
    },
    "ru": {
        "title": "Архитектура: кто кого вызывает и путь одного балла",
        "lms": "Moodle",
        "launch": "запуск, люди",
        "marks": "баллы",
        "grades": "оценки (AGS)",
        "pages": "страницы",
        "web": "страницы, файлы, API",
        "worker": "то, что не ждёт",
        "cli": "оператор",
        "moodle": "баллы из Moodle",
        "tasks": "задания",
        "others": "credentials/ reports/ audit/",
        "more": "catalogue/ privacy/ accounts/",
        "grading": "желаемые оценки, столбцы, доставка",
        "scoring": "scoring.py, retry.py: чистые",
        "competency": "реестр баллов, соответствие, уровни",
        "attainment": "attainment.py, rollup.py: чистые",
        "lti": "запуск, регистрация, AGS, NRPS",
        "people": "люди, курсы, роли",
        "db": "PostgreSQL или SQLite; одна транзакция от балла до желаемой оценки",
    },
}


def _box(kind: str, x: int, y: int, width: int, height: int, name: str = "", *lines: str) -> str:
    parts = [f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>']
    if name:
        parts.append(f'<text class="name" x="{x + 14}" y="{y + 25}">{escape(name)}</text>')
    parts += [
        f'<text class="soft" x="{x + 14}" y="{y + 45 + 18 * at}">{escape(line)}</text>' for at, line in enumerate(lines)
    ]
    return "".join(parts)


def _arrow(x: int, y: int, to_x: int, to_y: int) -> str:
    return f'<path class="way" d="M{x} {y} L{to_x} {to_y}" marker-end="url(#tip)"/>'


def _step(number: int, x: int, y: int) -> str:
    return (
        f'<circle class="dot" cx="{x}" cy="{y}" r="12"/>'
        f'<text class="step" x="{x}" y="{y + 5}" text-anchor="middle">{number}</text>'
    )


def _soft(x: int, y: int, text: str) -> str:
    return f'<text class="soft" x="{x}" y="{y}">{escape(text)}</text>'


def _said(x: int, y: int, text: str) -> str:
    return f'<text class="soft" x="{x}" y="{y}" text-anchor="middle">{escape(text)}</text>'


def drawn(language: str) -> str:
    """The picture in a language."""
    say = WORDS[language]
    parts = [
        '<rect class="ground" width="960" height="610"/>',
        _box("house", 270, 20, 670, 570),
        _box("lms", 20, 20, 110, 570, say["lms"]),
        _box("box", 290, 40, 260, 66, "web/", say["web"]),
        _box("box", 570, 40, 190, 66, "worker.py", say["worker"]),
        _box("box", 780, 40, 140, 66, "cli/", say["cli"]),
        _box("box", 290, 150, 190, 66, "moodle/", say["moodle"]),
        _box("box", 500, 150, 150, 66, "tasks/", say["tasks"]),
        _box("box", 670, 150, 250, 66, say["others"], say["more"]),
        _box("box", 290, 260, 380, 66, "grading/", say["grading"]),
        _box("pure", 682, 260, 238, 66),
        _soft(694, 298, say["scoring"]),
        _box("box", 290, 370, 380, 66, "competency/", say["competency"]),
        _box("pure", 682, 370, 238, 66),
        _soft(694, 408, say["attainment"]),
        _box("box", 290, 460, 310, 66, "lti/", say["lti"]),
        _box("box", 620, 460, 300, 66, "people/", say["people"]),
        _box("box", 290, 540, 630, 36),
        '<text class="name" x="304" y="563">db/</text>',
        _soft(340, 563, say["db"]),
        _arrow(290, 60, 132, 60),
        _said(205, 50, say["pages"]),
        _arrow(130, 183, 286, 183),
        _said(205, 173, say["marks"]),
        _arrow(130, 480, 286, 480),
        _said(205, 470, say["launch"]),
        _arrow(290, 510, 134, 510),
        _said(205, 530, say["grades"]),
        _arrow(400, 106, 400, 146),
        _arrow(400, 216, 400, 256),
        _arrow(575, 216, 575, 256),
        _arrow(400, 326, 400, 366),
        _arrow(660, 106, 660, 256),
        _step(1, 526, 60),
        _step(2, 456, 170),
        _step(3, 617, 281),
        _step(4, 646, 391),
        _step(5, 646, 281),
        _step(6, 736, 60),
        _step(6, 576, 481),
        _step(7, 497, 60),
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 610" role="img" aria-labelledby="title">'
        f'<title id="title">{escape(say["title"])}</title><style>{STYLE}\n</style>'
        '<defs><marker id="tip" markerWidth="9" markerHeight="8" refX="7" refY="4" orient="auto" '
        'markerUnits="userSpaceOnUse"><path class="tip" d="M0 0 L9 4 L0 8 z"/></marker></defs>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


if __name__ == "__main__":
    for each in WORDS:
        (HERE / f"architecture.{each}.svg").write_text(drawn(each), encoding="utf-8")
