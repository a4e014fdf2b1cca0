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
from tests.factories.catalogues import next_catalogue, packaged_catalogue, small_catalogue

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


# ── a next version ───────────────────────────────────────────────────────────────────────────────────────────────


def _crosswalk(folder: Path) -> Path:
    target = folder / "crosswalk.csv"
    assert run("crosswalk", "1.0", "2.0", str(target)).exit_code == 0
    return target


def test_a_version_is_imported_beside_with_its_dates(tmp_path: Path) -> None:
    file = written(tmp_path, next_catalogue())

    result = run("import", file, "--beside", "--approved", "2027-01-15", "--valid-from", "2027-09-01")

    assert result.stdout == "kg-ict-teachers 2.0: 11 competencies, 61 indicators\n"
    first, second = json.loads(run("list", "--json").stdout)
    assert (first["version"], first["beside"], first["approved_on"]) == ("2.0", True, "2027-01-15")
    assert (first["valid_from"], first["valid_until"]) == ("2027-09-01", None)
    assert (second["version"], second["beside"], second["approved_on"]) == ("1.0", False, None)
    run("dates", "2.0", "--valid-until", "2032-08-31")
    assert json.loads(run("list", "--json").stdout)[0]["valid_until"] == "2032-08-31"


@pytest.mark.parametrize("command", [["import", "--beside"], ["dates", "1.0"]])
def test_a_version_does_not_end_before_it_begins(tmp_path: Path, command: list[str]) -> None:
    file = [written(tmp_path, next_catalogue())] if command[0] == "import" else []

    result = run(*command, *file, "--valid-from", "2027-09-01", "--valid-until", "2026-09-01")

    assert isinstance(result.exception, RuleBroken)
    assert result.exception.code == "dates_turned"
    assert len(json.loads(run("list", "--json").stdout)) == 1


def test_a_crosswalk_is_proposed_mended_and_imported_with_its_version(tmp_path: Path) -> None:
    file = written(tmp_path, next_catalogue())
    run("import", file, "--beside")
    proposed = _crosswalk(tmp_path)
    assert "split,4.1.1.b,4.1.1.b 4.1.1.j,," in proposed.read_text(encoding="utf-8")

    mended = proposed.read_text(encoding="utf-8").replace("4.1.1.b 4.1.1.j,,", "4.1.1.b 4.1.1.j,4.1.1.j,")
    proposed.write_text(mended, encoding="utf-8")
    assert run("import", file, "--beside", "--crosswalk", str(proposed)).exit_code == 0

    assert "split,4.1.1.b,4.1.1.b 4.1.1.j,4.1.1.j," in _crosswalk(tmp_path).read_text(encoding="utf-8")


def test_a_faulty_crosswalk_stores_nothing_and_tells_every_fault(tmp_path: Path) -> None:
    file = tmp_path / "crosswalk.csv"
    file.write_text("kind,old,new\nsame,1.1.1.a,1.1.1.a\nsame,9.9.9.z,1.1.1.a\n", encoding="utf-8")

    result = run("import", written(tmp_path, next_catalogue()), "--beside", "--crosswalk", str(file))

    assert isinstance(result.exception, RuleBroken)
    told = str(result.exception)
    assert "line 2: 9.9.9.z is not in the old version" in told
    assert "line 2: 1.1.1.a stands in several lines" in told
    assert "3.1.3.c of the old version stands in no line" in told
    assert [each["version"] for each in json.loads(run("list", "--json").stdout)] == ["1.0"]
