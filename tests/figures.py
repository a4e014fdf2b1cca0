"""Measures the code: lengths, complexity, docstrings, suppressions, test lines. `--check` fails above the limits.

Run as a script. Counts what stands in `lti_tool/` without migrations; lines of a function are its whole span.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
BRANCHES = (ast.If, ast.For, ast.While, ast.ExceptHandler)
"""What McCabe counts; boolean operators and comprehensions are read in one glance."""
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore)")


@dataclass(frozen=True)
class Function:
    """One function as measured."""

    name: str
    lines: int
    complexity: int
    public: bool
    documented: bool
    is_view: bool
    annotated: bool


def _complexity(node: ast.AST) -> int:
    inner = [child for child in ast.walk(node) if child is not node]
    matches = sum(len(child.cases) for child in inner if isinstance(child, ast.Match))
    return 1 + sum(isinstance(child, BRANCHES) for child in inner) + matches


def _functions(path: Path) -> list[Function]:
    tree = ast.parse(path.read_text())
    nested = {
        id(inner) for outer in ast.walk(tree) if _is_function(outer) for inner in ast.walk(outer) if inner is not outer
    }
    return [_measured(path, node, id(node) in nested) for node in ast.walk(tree) if _is_function(node)]


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _measured(path: Path, node: ast.AST, nested: bool) -> Function:
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    assert node.end_lineno is not None
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    typed = node.returns is not None and all(a.annotation or a.arg in {"self", "cls"} for a in arguments)
    return Function(
        name=f"{path.relative_to(ROOT)}:{node.name}",
        lines=node.end_lineno - node.lineno + 1,
        complexity=_complexity(node),
        public=not node.name.startswith("_") and not nested,
        documented=ast.get_docstring(node) is not None,
        is_view="web" in path.parts,
        annotated=typed,
    )


def _lines(paths: list[Path]) -> int:
    return sum(1 for path in paths for line in path.read_text().splitlines() if line.strip())


def _p95(values: list[int]) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def figures() -> dict[str, tuple[float, float | None]]:
    """Each figure with its limit (None: told, not limited; test lines per code line has a lower limit)."""
    modules = sorted(p for p in (ROOT / "lti_tool").rglob("*.py") if "versions" not in p.parts)
    tests = sorted((ROOT / "tests").rglob("*.py"))
    functions = [function for path in modules for function in _functions(path)]
    lengths = [function.lines for function in functions]
    sizes = [len(path.read_text().splitlines()) for path in modules]
    public = [function for function in functions if function.public and not function.is_view]
    code = _lines(modules)
    suppressed = sum(bool(SUPPRESSION.search(line)) for path in modules for line in path.read_text().splitlines())
    test_functions = [f for path in tests for f in _functions(path) if f.name.split(":")[1].startswith("test_")]
    patches = sum(path.read_text().count("monkeypatch.setattr") + path.read_text().count("patch(") for path in tests)
    return {
        "functions": (len(functions), None),
        "function lines, median": (statistics.median(lengths), 9),
        "function lines, p95": (_p95(lengths), 35),
        "function lines, longest": (max(lengths), 60),
        "complexity, highest": (max(function.complexity for function in functions), 10),
        "modules": (len(modules), None),
        "module lines, median": (statistics.median(sizes), 120),
        "module lines, longest": (max(sizes), 400),
        "public functions without a docstring, outside views": (sum(not f.documented for f in public), 0),
        "functions not fully annotated": (sum(not f.annotated for f in functions), 0),
        "suppressions per 1,000 lines": (round(1000 * suppressed / code, 2), 1),
        "code lines": (code, None),
        "test lines per code line": (round(_lines(tests) / code, 2), None),
        "tests": (len(test_functions), None),
        "patches per 100 tests": (round(100 * patches / max(1, len(test_functions)), 1), 15),
    }


def main() -> int:
    """Prints the figures; with --check the exit status is 1 where one is above its limit."""
    over = 0
    for name, (value, limit) in figures().items():
        mark = "" if limit is None else f"  (limit {limit})" + ("  <-- over" if value > limit else "")
        over += limit is not None and value > limit
        sys.stdout.write(f"{name:55} {value:>8}{mark}\n")
    return 1 if over and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
