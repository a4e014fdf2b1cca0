"""Prints what share of statements and branches the tests have taken, by package: `make coverage`.

Reads what coverage.py wrote as JSON. Packages whose rules decide about levels, grades and launches are held to more.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

OVERALL = 85
LEAST = {"competency": 95, "grading": 95, "lti": 95}
"""Branches in per cent."""


def shares(report: Mapping[str, Any]) -> Iterator[tuple[str, int, int, int, int]]:
    """(package, statements taken, statements, branches taken, branches), the whole last."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for name, file in report["files"].items():
        parts, told = Path(name).parts, file["summary"]
        package = parts[1] if len(parts) > 2 else "beside them"
        for key in (package, "all"):
            row = found[key]
            row[0] += told["covered_lines"]
            row[1] += told["num_statements"]
            row[2] += told["covered_branches"]
            row[3] += told["num_branches"]
    for name in sorted(found, key=lambda name: (name == "all", name)):
        yield (name, *found[name])  # type: ignore[misc]  # four numbers


def main(report: Path) -> int:
    """Prints the table; 1 where a package is below what it is held to."""
    low = []
    sys.stdout.write(f"{'package':<14}{'statements':>12}{'branches':>10}\n")
    for name, lines, all_lines, branches, all_branches in shares(json.loads(report.read_text())):
        share = 100 * branches / (all_branches or 1)
        sys.stdout.write(f"{name:<14}{100 * lines / (all_lines or 1):>11.1f} %{share:>8.1f} %\n")
        if share < (OVERALL if name == "all" else LEAST.get(name, 0)):
            low.append(name)
    sys.stdout.write(f"Below what is asked for: {', '.join(low)}\n" if low else "")
    return bool(low)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
