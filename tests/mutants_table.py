"""Prints how many changed places of the code its own tests notice, by module: `make mutants`.

Reads what mutmut wrote. `EQUIVALENT` names changes that no test can notice, each with its reason; they count neither
for nor against the tests.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

LEAST = 90
"""Per cent."""
SURVIVED = {0, 5, 33}
"""mutmut's exit codes for a change that no test has noticed, or that no test has reached."""
EQUIVALENT: dict[str, str] = {}
"""Name of a change, as `mutmut results` prints it, and why it changes nothing."""


def main(folder: Path) -> int:
    """Prints the table and the changes that went unnoticed; 1 where a module is below what is asked for."""
    low = False
    sys.stdout.write(f"{'module':<34}{'changes':>9}{'noticed':>9}{'share':>9}\n")
    unnoticed: list[str] = []
    for file in sorted(folder.rglob("*.py.meta")):
        codes = {
            name: code
            for name, code in json.loads(file.read_text())["exit_code_by_key"].items()
            if code is not None and name not in EQUIVALENT
        }
        lost = sorted(name for name, code in codes.items() if code in SURVIVED)
        share = 100 * (len(codes) - len(lost)) / (len(codes) or 1)
        module = str(file.relative_to(folder)).removesuffix(".meta")
        sys.stdout.write(f"{module:<34}{len(codes):>9}{len(codes) - len(lost):>9}{share:>7.1f} %\n")
        low = low or share < LEAST
        unnoticed += lost
    sys.stdout.write("".join(f"not noticed: {name}\n" for name in unnoticed))
    return low


if __name__ == "__main__":
    sys.exit(main(Path("mutants")))
