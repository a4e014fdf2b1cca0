"""The requirements as files at public addresses: what an operator exports and anybody downloads is the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask

from lti_tool import clock
from lti_tool.cli.framework import framework as command
from lti_tool.competency.store import import_framework
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from tests.factories.catalogues import small_catalogue
from tests.factories.launch_bench import TOOL
from tests.factories.make import Make


@pytest.fixture
def _two_versions(sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        Make(session, clock.now()).framework()
        import_framework(session, small_catalogue(version="0.9"), clock.now() - timedelta(days=1))


def _exported(*arguments: str) -> bytes:
    result = CliRunner().invoke(command, ["export", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


@pytest.mark.usefixtures("_two_versions")
@pytest.mark.parametrize(
    ("path", "arguments", "kind"),
    [
        ("/framework/catalogue.json", (), "application/json"),
        ("/framework/moodle.csv", ("--format", "moodle-csv"), "text/csv; charset=utf-8"),
        (
            "/framework/moodle.csv?lang=ru",
            ("--format", "moodle-csv", "--language", "ru"),
            "text/csv; charset=utf-8",
        ),
        ("/framework/moodle.csv?lang=de", ("--format", "moodle-csv"), "text/csv; charset=utf-8"),
    ],
)
def test_a_file_is_what_the_command_exports(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory,
    path: str, arguments: tuple[str, ...], kind: str
) -> None:  # fmt: skip
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path_factory.mktemp("var")))
    monkeypatch.delenv("LTI_TOOL_DATABASE_URL", raising=False)

    answer = app.test_client().get(path, base_url=TOOL)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    assert answer.data == _exported(*arguments)


@pytest.mark.usefixtures("_two_versions")
def test_an_older_version_has_its_own_addresses(app: Flask) -> None:
    client = app.test_client()

    json_file = client.get("/framework/versions/small/0.9/catalogue.json", base_url=TOOL)
    csv_file = client.get("/framework/versions/small/0.9/moodle.csv", base_url=TOOL)

    assert json_file.json["framework"]["title_en"] == "Small requirements"
    assert "small-0.9" in csv_file.get_data(as_text=True)
    assert 'filename="small-0.9.ky.csv"' in csv_file.headers["Content-Disposition"]


@pytest.mark.usefixtures("_two_versions")
def test_files_are_kept_and_open_to_scripts_of_any_page(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/framework/catalogue.json", base_url=TOOL)

    again = client.get("/framework/catalogue.json", base_url=TOOL, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert first.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.usefixtures("_two_versions")
@pytest.mark.parametrize("path", ["/framework/versions/small/7/catalogue.json", "/framework/versions/x/0.9/moodle.csv"])
def test_an_unknown_version_is_refused_in_json(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, base_url=TOOL)

    assert (answer.status_code, answer.json["error"]) == (404, "framework_version_unknown")


def test_before_anything_is_imported_there_is_nothing(app: Flask) -> None:
    assert app.test_client().get("/framework/catalogue.json", base_url=TOOL).status_code == 404
