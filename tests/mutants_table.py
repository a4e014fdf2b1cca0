"""Prints how many changed places of the code its own tests notice, by module: `make mutants`.

Reads what mutmut wrote. A change counts as noticed where a test failed, and only there: one whose tests ran out of time
or crashed proves nothing and is told apart. `EQUIVALENT` names changes that no test can notice; they count neither for
nor against the tests.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

LEAST = 90
"""Per cent, of each module."""
FAILED = {1}
PASSED = {0}
UNTESTED = {5, 33}
"""mutmut's exit codes: a test noticed the change, all of its tests passed, no test reaches it."""
HEADS = ("changes", "noticed", "survived", "no test", "undecided", "same")
STRICT = "Each is made for one of the others; where one day it is not, the strict pairing says so."
EQUIVALENT = {
    (
        "lti_tool.competency.attainment.x_mean_worth",
        "return weighted_mean([(2, _worth(results.get(each), pass_mark)) for each in level.indicators])",
    ): "All weigh the same, whatever they weigh.",
    (
        "lti_tool.grading.retry.x_pause_for",
        "return Pause(now + min(FORBIDDEN_PROBE, FIRST_PAUSE * (1 << min(failures, 13))), Answer.FORBIDDEN)",
    ): "The twelfth pause is longer than the longest already; what is bounded here is the number.",
    (
        "lti_tool.lti.claims.x__language",
        'return re.split("[_-]", (tag or "XXXX").strip())[0].lower()',
    ): "Is as little a language as no tag.",
    (
        "lti_tool.lti.claims.x__moment",
        'found = datetime.fromisoformat(text or "XXXX")',
    ): "Is as little a time as no text.",
} | {
    (function, line.format(strict)): STRICT
    for function, line in (
        (
            "lti_tool.competency.attainment.x_competency_standing",
            "for level, (_, results) in zip(shape.levels, levels, {})",
        ),
        (
            "lti_tool.grading.scoring.x_activity_grade",
            "if any(found is None and not mapping.is_optional for mapping, found in zip(mappings, scored, {})):",
        ),
    )
    for strict in ("strict=None", "strict=False", "")
}
"""Function and changed line, by which it is known however changes are numbered; and why it changes nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One changed place, and what its tests came to."""

    name: str
    """As `mutmut show` takes it."""
    code: int | None
    line: str
    """The line that differs, as changed."""

    @property
    def is_equivalent(self) -> bool:
        """Whether it went unnoticed because there is nothing to notice."""
        return self.code in PASSED and (self.name.rpartition("__mutmut_")[0], self.line) in EQUIVALENT


def main(folder: Path) -> int:
    """Prints the table and the changes that went unnoticed; 1 where a module is below what is asked for."""
    low, unnoticed = False, list[Change]()
    sys.stdout.write(f"{'module':<36}{''.join(f'{head:>10}' for head in HEADS)}{'share':>9}\n")
    for meta in sorted(folder.rglob("*.py.meta")):
        changes = list(_changes(meta))
        asked = [each for each in changes if not each.is_equivalent]
        told = [sum(each.code in codes for each in asked) for codes in (FAILED, PASSED, UNTESTED)]
        figures = [len(changes), *told, len(asked) - sum(told), len(changes) - len(asked)]
        share = 100 * told[0] / (len(asked) or 1)
        module = str(meta.relative_to(folder)).removesuffix(".meta")
        sys.stdout.write(f"{module:<36}{''.join(f'{figure:>10}' for figure in figures)}{share:>7.1f} %\n")
        low = low or share < LEAST
        unnoticed += [each for each in asked if each.code not in FAILED | {None}]
    sys.stdout.write("".join(f"{each.code:>4} {each.name}: {each.line}\n" for each in unnoticed))
    return low


def _changes(meta: Path) -> Iterator[Change]:
    written = meta.with_suffix("")
    spans = json.loads(written.with_suffix(".py.spans").read_text())["spans"]
    lines = written.read_text().splitlines()

    def body(function: str, number: str) -> list[str]:
        first, last = spans[f"{function}__mutmut_{number}"]
        return [line.replace(f"__mutmut_{number}", "").strip() for line in lines[first - 1 : last]]

    for name, code in json.loads(meta.read_text())["exit_code_by_key"].items():
        function, _, number = name.rpartition(".")[2].rpartition("__mutmut_")
        changed, was = body(function, number), body(function, "orig")
        differing = (line for line, before in zip_longest(changed, was, fillvalue="") if line != before)
        yield Change(name, code, next(differing))


if __name__ == "__main__":
    sys.exit(main(Path("mutants")))
