"""What an installed tool needs is in the wheel: every package, every template, catalogue and migration."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAY_BEHIND = {".pot", ".cfg", ".md"}
"""For those who build the tool: settings of the extraction of messages, notes."""


def test_every_package_is_named_in_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = set(project["tool"]["setuptools"]["packages"])

    found = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "lti_tool").rglob("__init__.py")}

    assert named == found | {"lti_tool._config"}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, since building leaves folders behind."""
    copy = tmp_path_factory.mktemp("sources")
    for folder in ("lti_tool", "config"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(sources: Path) -> set[str]:
    """The names in the wheel that the sources make, built as `pip wheel` builds it, without a network."""
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", build, str(sources / "out")],
        cwd=sources,
        check=True,
        capture_output=True,
    )
    (built,) = (sources / "out").glob("*.whl")
    return set(zipfile.ZipFile(built).namelist())


def test_the_wheel_carries_every_file_of_the_package(wheel: set[str], sources: Path) -> None:
    files = {
        path.relative_to(sources).as_posix()
        for path in (sources / "lti_tool").rglob("*")
        if path.is_file() and path.suffix not in STAY_BEHIND
    }

    assert files - wheel == set()


def test_the_wheel_carries_the_defaults_and_the_packaged_frameworks(wheel: set[str], sources: Path) -> None:
    carried = {name for name in wheel if name.startswith("lti_tool/_config/")}

    config = sources / "config"
    expected = {path.relative_to(config).as_posix() for path in config.rglob("*") if path.is_file()}
    assert {name.removeprefix("lti_tool/_config/") for name in carried} == expected
    assert {"default.toml", "frameworks/kg-ict-teachers-1.0.json"} <= expected
