"""`lti-tool doctor`, as an operator runs it: on a real database, with an LMS on the loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from lti_tool import clock
from lti_tool.cli import main
from lti_tool.db import schema
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.lti.tables import CourseServiceRow, PlatformRow, RegistrationRow, ToolKeyRow
from lti_tool.lti.tool_metadata import tool_metadata
from tests import postgres
from tests.factories.desk import Desk, open_desk, with_column
from tests.factories.make import Make


class _Lms(BaseHTTPRequestHandler):
    """Has a key set, and refuses an empty token request."""

    asked: list[tuple[str, str, bytes]]
    behind: timedelta
    """How far its clock is behind."""

    def do_GET(self) -> None:
        """The key set, or nothing."""
        self._answer(200 if self.path == "/jwks" else 404, b'{"keys": [{"kty": "RSA"}]}')

    def do_POST(self) -> None:
        """Everything is missing in an empty form."""
        self._answer(400, b'{"error": "invalid_request"}')

    def _answer(self, status: int, body: bytes) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.path, str(self.headers), sent))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """What it takes for the time."""
        return super().date_time_string(time.time() - self.behind.total_seconds())

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def lms() -> Iterator[str]:
    """Its address."""
    _Lms.asked, _Lms.behind = [], timedelta(0)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Lms) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database whose schema was made by the migrations."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tool.sqlite3'}"
        return
    cluster: postgres.Cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.new_database(empty=True)
    yield url
    cluster.drop(url)


@pytest.fixture
def sessions(database: str) -> Iterator[SessionFactory]:
    engine = make_engine(database)
    made = make_session_factory(engine)
    schema.upgrade(made)
    yield made
    engine.dispose()


@pytest.fixture
def place(sessions: SessionFactory, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation in good health, without a platform."""
    for name, value in {
        # What is at an address with TLS is asked too: test_doctor_at_the_door.py.
        "BASE_URL": "http://localhost:8080",
        "INSTITUTE_NAME": "Институт",
        "DATABASE_URL": database,
        "DATA_DIR": str(tmp_path),
        "KEYS_DIR": str(tmp_path / "keys"),
        "KEYS_PASSPHRASE": "correct horse",
        "SECRET_KEY": "a secret of the tests, and of nobody else",
        "ALLOW_PRIVATE_NETWORKS": "true",
    }.items():
        monkeypatch.setenv(f"LTI_TOOL_{name}", value)
    keys = CliRunner().invoke(main, ["keys", "rotate"])
    assert keys.exit_code == 0, keys.stderr
    return tmp_path


@pytest.fixture
def desk(place: Path, sessions: SessionFactory, lms: str) -> Desk:
    """A platform that answers and allows everything, with a column and three people."""
    desk = with_column(open_desk(sessions, clock.now() - timedelta(minutes=10), people=3))
    with unit_of_work(sessions) as session:
        platform = session.get_one(PlatformRow, desk.platform_id)
        registration = Make(session, desk.now).registration(platform)
        registration.token_url, registration.jwks_url = f"{lms}/token", f"{lms}/jwks"
        registration.scopes = str(tool_metadata("https://x")["scope"]).split()
        session.add(
            CourseServiceRow(
                course_id=desk.course_id,
                registration_id=registration.id,
                scopes=registration.scopes,
                memberships_url=f"{lms}/members",
                seen_at=desk.now,
            )
        )
    return desk


def _doctor(*options: str) -> Result:
    done = CliRunner().invoke(main, ["doctor", *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def _wrong() -> list[tuple[str, str]]:
    """What is wrong: (check, sentence); the exit status says whether there is any."""
    done = _doctor("--json")
    found = json.loads(done.stdout)
    wrong = [(each["check"], each["tells"]) for each in found if each["outcome"] == "wrong"]
    assert done.exit_code == (1 if wrong else 0)
    assert all(each["to_do"] for each in found if each["outcome"] == "wrong"), "what is wrong comes with what to do"
    return wrong


def test_in_good_health_every_check_is_a_line_and_the_status_is_0(desk: Desk) -> None:
    done = _doctor()

    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "WRONG" not in done.stdout
    checks = ["settings", "base_url", "database", "clock", "keys", "key set", "token endpoint", "services", "grades"]
    assert [check for check in checks if not any(line[7:21].strip() == check for line in lines)] == []


def test_json_has_the_same_in_the_same_order(desk: Desk) -> None:
    found = json.loads(_doctor("--json").stdout)

    assert set(found[0]) == {"check", "about", "outcome", "tells", "to_do"}
    lines = _doctor().stdout.splitlines()
    assert [(each["outcome"], each["check"]) for each in found] == [
        (line[:6].strip().lower(), line[7:21].strip()) for line in lines
    ]


def test_no_secret_is_shown_or_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTI_TOOL_METRICS_TOKEN", "a token of the tests")

    said = _doctor("--json").stdout + _doctor().stdout

    sent = " ".join(f"{path} {headers} {body.decode()}" for path, headers, body in _Lms.asked)
    assert len(_Lms.asked) == 4
    for secret in ("correct horse", "a secret of the tests", "a token of the tests", "client-1", "client_assertion"):
        assert secret not in said + sent
    assert "authorization" not in sent.lower()


def test_nothing_is_changed(desk: Desk, place: Path, sessions: SessionFactory) -> None:
    def state() -> list[object]:
        files = sorted((str(path), path.stat().st_size) for path in (place / "keys").iterdir())
        with sessions() as session:
            counts = [session.query(table).count() for table in (RegistrationRow, CourseServiceRow)]
        return [files, counts, [row.due_at for row in desk.rows()]]

    desk.want(1)
    before = state()

    _doctor()

    assert state() == before


# --- what can be wrong, from the ground up


def test_all_faults_of_the_settings_are_told_and_nothing_else(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTI_TOOL_SESSION_IDLE_MINUTES", "soon")
    monkeypatch.setenv("LTI_TOOL_BASE_URL", "tool.example.org")

    assert [check for check, _ in _wrong()] == ["settings", "settings"]


@pytest.mark.parametrize(
    ("database", "tells"),
    [
        ("postgresql+psycopg://u:geheim@127.0.0.1:1/x", "Connection refused"),
        ("sqlite:////no/such/folder/x.sqlite3", "no file"),
        ("nonsense", "URL"),
        ("mysql+nodriver://u:geheim@127.0.0.1/x", "mysql"),
    ],
)
def test_a_database_that_is_away_is_one_finding(monkeypatch: pytest.MonkeyPatch, database: str, tells: str) -> None:
    monkeypatch.setenv("LTI_TOOL_DATABASE_URL", database)

    ((check, sentence),) = _wrong()

    assert (check, tells in sentence, "geheim" in sentence) == ("database", True, False)


def test_without_a_database_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("LTI_TOOL_KEYS_DIR", str(tmp_path / "keys"))

    assert [check for check, _ in _wrong()] == ["database"]
    assert list(tmp_path.iterdir()) == []


def test_a_schema_of_yesterday_is_told_with_the_command(place: Path, sessions: SessionFactory) -> None:
    schema.downgrade(sessions, "0010")

    ((check, sentence),) = _wrong()

    assert (check, "0010" in sentence, "lti-tool db upgrade" in sentence) == ("database", True, True)


def test_a_schema_of_tomorrow_is_worth_a_note(place: Path, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert _wrong() == []
    assert "a later version has migrated it (to 9999" in _doctor().stdout


def test_an_lms_whose_clock_goes_otherwise_is_told(desk: Desk) -> None:
    _Lms.behind = timedelta(minutes=10)

    ((check, sentence),) = _wrong()

    assert (check, "s ahead of the LMS's" in sentence) == ("clock", True)


def test_a_tool_that_nobody_has_activated_yet_is_worth_a_note(desk: Desk, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        session.query(CourseServiceRow).delete()

    assert _wrong() == []
    assert "Activate on the tool's card" in _doctor().stdout


def test_an_institute_without_a_name_is_worth_a_note(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTI_TOOL_INSTITUTE_NAME", "")

    assert _wrong() == []
    assert "set LTI_TOOL_INSTITUTE_NAME" in _doctor().stdout


def test_keys_that_others_read_or_a_wrong_passphrase_are_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file,) = (place / "keys").iterdir()
    file.chmod(0o644)
    monkeypatch.setenv("LTI_TOOL_KEYS_PASSPHRASE", "wrong")

    assert [check for check, _ in _wrong()] == ["keys", "keys"]


def test_a_key_that_was_not_brought_to_this_machine_is_told_and_none_is_made(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTI_TOOL_KEYS_DIR", str(place / "elsewhere"))

    assert [check for check, _ in _wrong()] == ["keys"]
    assert not (place / "elsewhere").exists()


def test_before_the_first_start_a_key_is_nothing_to_miss(place: Path, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        session.query(ToolKeyRow).delete()

    assert _wrong() == []
    assert "makes one" in _doctor().stdout


def test_an_lms_that_has_moved_is_told_by_endpoint(desk: Desk, sessions: SessionFactory, lms: str) -> None:
    with unit_of_work(sessions) as session:
        row = session.query(RegistrationRow).one()
        row.jwks_url, row.token_url = f"{lms}/moved", "http://127.0.0.1:1/token"

    (keys, first), (token, second) = _wrong()

    assert (keys, token) == ("key set", "token endpoint")
    assert ("status 404" in first, "nobody answers" in second) == (True, True)


def test_the_guard_of_the_way_out_holds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTI_TOOL_ALLOW_PRIVATE_NETWORKS", "false")

    assert [check for check, _ in _wrong()] == ["key set", "token endpoint"]
    assert _Lms.asked == []


def test_a_registration_that_is_switched_off_is_not_asked(desk: Desk, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        session.query(RegistrationRow).one().active = False

    assert _wrong() == []
    assert _Lms.asked == []
    assert "switched off" in _doctor().stdout


def test_a_service_that_was_not_allowed_is_told(desk: Desk, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        session.query(CourseServiceRow).one().memberships_url = None

    ((check, sentence),) = _wrong()

    assert (check, "names and roles" in sentence) == ("services", True)


def test_grades_that_nobody_takes_up_are_told(desk: Desk) -> None:
    desk.want(1)

    ((check, sentence),) = _wrong()

    assert (check, "no worker seems to run" in sentence) == ("worker", True)


def test_a_worker_that_has_just_tried_is_not_missed(desk: Desk) -> None:
    desk.want(1, 0)
    desk.want(1, 1)
    desk.now = clock.now()
    desk.deliver(desk.claim(1))

    ((check, sentence),) = _wrong()

    assert (check, "do not keep up" in sentence) == ("worker", True)


def test_what_has_arrived_is_well(desk: Desk) -> None:
    desk.want(1)
    desk.work()

    assert _wrong() == []
