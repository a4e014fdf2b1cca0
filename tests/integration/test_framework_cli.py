"""`lti-tool framework`: what an operator types, sees and gets."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli.framework import framework
from lti_tool.competency.catalogue import without_edition
from lti_tool.errors import RuleBroken, ToolError
from tests.factories.catalogues import packaged_catalogue, small_catalogue

PUBLISHED_SHA256 = "32e80b6c95de822d3ffb902b6f3d49d938591426d00f55d7532bf40b235b6772"
"""Of the published catalogue, to which nothing may be added and in which nothing may be changed."""


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("LTI_TOOL_DATABASE_URL", raising=False)


def run(*arguments: str, typed: bytes | None = None) -> Result:
    """Runs the command; what the tool refuses is left in `exception`, as `lti-tool` itself gets it."""
    return CliRunner().invoke(framework, list(arguments), input=typed)


def written(folder: Path, document: dict[str, Any]) -> str:
    path = folder / "catalogue.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_export_of_a_new_database_is_the_published_catalogue_byte_for_byte() -> None:
    result = run("export")

    assert result.exit_code == 0
    assert hashlib.sha256(result.stdout_bytes).hexdigest() == PUBLISHED_SHA256
    assert json.loads(result.stdout_bytes) == without_edition(packaged_catalogue())


def test_export_writes_a_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"

    result = run("export", "--version", "1.0", str(target))

    assert (result.exit_code, result.stdout) == (0, "")
    assert hashlib.sha256(target.read_bytes()).hexdigest() == PUBLISHED_SHA256


def test_export_with_edition_adds_what_is_the_tools_own() -> None:
    result = run("export", "--with-edition")

    assert json.loads(result.stdout_bytes) == packaged_catalogue()


def test_export_of_an_unknown_version_is_refused_and_writes_no_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"

    result = run("export", "--version", "9", str(target))

    assert isinstance(result.exception, ToolError)
    assert not target.exists()


def test_list_shows_the_packaged_framework_of_a_new_database() -> None:
    (row,) = json.loads(run("list", "--json").stdout)

    assert (row["framework"], row["version"], row["competencies"], row["indicators"]) == (
        "kg-ict-teachers",
        "1.0",
        11,
        61,
    )
    assert set(row["title"]) == {"ky", "ru", "en"}
    assert "kg-ict-teachers\t1.0\t11 competencies\t61 indicators" in run("list").stdout


def test_an_imported_version_stands_first_and_is_exported_by_name(tmp_path: Path) -> None:
    file = written(tmp_path, small_catalogue(version="2"))

    result = run("import", file)

    assert (result.exit_code, result.stdout) == (0, "small 2: 1 competencies, 6 indicators\n")
    assert [each["framework"] for each in json.loads(run("list", "--json").stdout)] == ["small", "kg-ict-teachers"]
    exported = run("export", "--framework", "small", "--version", "2")
    assert json.loads(exported.stdout) == without_edition(small_catalogue())


def test_import_reads_standard_input() -> None:
    result = run("import", "-", typed=json.dumps(small_catalogue()).encode())

    assert result.exit_code == 0
    assert len(json.loads(run("list", "--json").stdout)) == 2


def test_the_published_catalogue_imported_again_changes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, without_edition(packaged_catalogue()))

    result = run("import", file)

    assert result.stdout == "kg-ict-teachers 1.0: 11 competencies, 61 indicators\n"
    assert len(json.loads(run("list", "--json").stdout)) == 1


def test_a_file_without_a_name_is_given_one_by_options(tmp_path: Path) -> None:
    file = written(tmp_path, without_edition(small_catalogue()))

    assert isinstance(run("import", file).exception, RuleBroken)
    assert run("import", file, "--framework", "small", "--version", "7").exit_code == 0


def test_changed_content_under_a_stored_version_is_refused(tmp_path: Path) -> None:
    changed = packaged_catalogue()
    changed["aspects"][0]["title_ru"] = "Другое"

    result = run("import", written(tmp_path, changed))

    assert isinstance(result.exception, RuleBroken)
    assert result.exception.code == "framework_version_taken"
    assert hashlib.sha256(run("export").stdout_bytes).hexdigest() == PUBLISHED_SHA256


def test_a_faulty_file_is_refused_with_every_fault_and_stores_nothing(tmp_path: Path) -> None:
    document = small_catalogue()
    document["framework"]["title_ky"] = ""
    document["levels"][2]["name_ky"] = 3

    result = run("import", written(tmp_path, document))

    assert isinstance(result.exception, RuleBroken)
    assert result.exception.facts["faults"] == [
        "levels[2].name_ky: a text is expected, not the number 3",
        "framework.title_ky: is empty",
    ]
    assert len(json.loads(run("list", "--json").stdout)) == 1


def test_a_file_that_does_not_exist_is_wrong_usage() -> None:
    assert run("import", "nowhere.json").exit_code == 2


@pytest.mark.parametrize("command", ["list", "import", "export"])
def test_every_command_explains_itself(command: str) -> None:
    result = run(command, "--help")

    assert result.exit_code == 0
    assert "Usage: " in result.stdout
