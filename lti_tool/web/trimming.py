"""Bootstrap's stylesheet without what no page uses: `python -m lti_tool.web.trimming`.

A page waits for its stylesheets before it shows a word, and on a slow link whole Bootstrap is four seconds of waiting.
So pages load a part of it: the rules whose classes occur in templates, scripts or code, with the variables that these
rules read. The file that was vendored stays beside it, unchanged; a test fails when the part no longer fits the pages.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from lti_tool.web.assets import WEB_ROOT

FOLDER = WEB_ROOT / "static" / "vendor" / "bootstrap"
WHOLE, USED = FOLDER / "bootstrap.min.css", FOLDER / "bootstrap.used.css"

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
"""The first says whose work it is, and stays."""
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
_BETWEEN_SELECTORS = re.compile(r",(?![^(]*\))")
_DECLARATION = re.compile(r"""(?:[^;"'(]|"[^"]*"|'[^']*'|\((?:"[^"]*"|'[^']*'|[^)"'])*\))+""")
_VARIABLE = re.compile(r"var\((--[\w-]+)")
_WORD = re.compile(r"[A-Za-z][\w-]*")
_IN_TEMPLATE = re.compile(r'class="[^"]*"|{%.*?%}|{{.*?}}', re.DOTALL)
_STRING = re.compile(r""""[^"\n]*"|'[^'\n]*'""")


def used(root: Path = WEB_ROOT) -> str:
    """The part of Bootstrap that the pages of this folder use; one rule a line, in Bootstrap's order."""
    whole = WHOLE.read_text()
    whose = _COMMENT.findall(whole)[:1]
    rules = list(_kept(_COMMENT.sub("", whole), words_of_pages(root)))
    own = "".join(path.read_text() for path in sorted((root / "static").glob("*.css")))
    return "\n".join([*whose, *_read_variables_only(rules, own)]) + "\n"


def words_of_pages(root: Path) -> set[str]:
    """Whatever may be the name of a class: more rather than fewer."""
    templates = (path.read_text() for path in root.rglob("*.html"))
    texts = ["".join(_IN_TEMPLATE.findall(template)) for template in templates]
    for path in (*root.rglob("*.py"), *(root / "static").glob("*.js")):
        texts += _STRING.findall(path.read_text())
    return set(_WORD.findall(" ".join(texts)))


def _kept(css: str, words: set[str]) -> Iterator[str]:
    for head, body in _blocks(css):
        if head.startswith(("@media", "@supports")):
            inner = "".join(_kept(body, words))
            if inner:
                yield f"{head}{{{inner}}}"
        elif not head.startswith("@"):
            selectors = [each for each in _BETWEEN_SELECTORS.split(head) if _may_match(each, words)]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Each head with what stands between its braces; what has none, like a character set, is left out."""
    at = 0
    while (opened := css.find("{", at)) >= 0:
        head = css[at:opened].rpartition(";")[2]
        at, depth = opened + 1, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[at], 0)
            at += 1
        yield head.strip(), css[opened + 1 : at - 1]


def _may_match(selector: str, words: set[str]) -> bool:
    # Dark and light are the browser's choice here (app.css), and no script of Bootstrap's is loaded.
    return "[data-bs" not in selector and set(_CLASS.findall(selector)) <= words


def _read_variables_only(rules: list[str], own: str) -> list[str]:
    """The same rules without the variables that nothing reads, until no more fall away."""
    while True:
        read = set(_VARIABLE.findall(own + "".join(rules)))
        left = [short for rule in rules if (short := _without_variables(rule, read))]
        if left == rules:
            return rules
        rules = left


def _without_variables(rule: str, read: set[str]) -> str:
    head, body = next(_blocks(rule))
    if head.startswith("@"):
        inner = (_without_variables(f"{one}{{{other}}}", read) for one, other in _blocks(body))
        return f"{head}{{{found}}}" if (found := "".join(inner)) else ""
    declared = _DECLARATION.findall(body)
    left = [each for each in declared if not each.startswith("--") or each.partition(":")[0] in read]
    return f"{head}{{{';'.join(left)}}}" if left else ""


def main() -> int:
    """Writes the part anew and says how large it is."""
    USED.write_text(used())
    sys.stdout.write(f"{USED.name}: {USED.stat().st_size} of {WHOLE.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
