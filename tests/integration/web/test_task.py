"""Evidence tasks from the draft to the grade: nothing typed is lost, nobody sees what is not theirs."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from lti_tool import clock
from lti_tool.competency.evidence import current_evidence
from lti_tool.competency.model import Mapping
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId
from lti_tool.people.model import ActivityKind, ActivitySource
from lti_tool.people.tables import ActivityRow
from lti_tool.tasks import clearing, shelf
from lti_tool.tasks.tables import AssessmentRow, FileRow, SubmissionRow
from lti_tool.web import queue_page
from tests.factories import files
from tests.factories.bad_files import BAD
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.launch_bench import Bench
from tests.integration.web.conftest import Institute, Visitor

SAID = {
    "file_content_differs": "What is in this file is no ",
    "file_kind_refused": "This kind of file is not taken. Taken are: pdf, docx",
    "file_name_faulty": "The file's name cannot be taken.",
    "file_name_deceives": "The file's name has two endings.",
    "file_empty": "The file is empty.",
    "file_text_not_utf8": "has an encoding that is not known",
    "file_unpacks_too_large": "would unpack to far too much",
}
INDICATORS = ("2.1.1.a", "2.2.1.a")


class Desk:
    """The course's evidence task, and what a person does with it in a browser of their own."""

    def __init__(self, client: FlaskClient, institute: Institute, task: ActivityRow) -> None:
        self.client = client
        self.course = f"/c/{institute.course.public_id}"
        self.task = f"{self.course}/tasks/{task.public_id}"

    def open(self, path: str = "") -> BeautifulSoup:
        answer = self.client.get(path or self.task, base_url=BASE)
        assert answer.status_code == 200, answer.text[:300]
        return BeautifulSoup(answer.text, "html.parser")

    def words(self, path: str = "") -> str:
        return re.sub(r"\s+", " ", self.open(path).get_text(" ", strip=True))

    def typed(self, field: str) -> str:
        """What stands in a field of the draft; a browser leaves out the first line break."""
        (area,) = self.open().select(f"#f-{field}")
        return area.text.removeprefix("\n")

    def download(self, address: str) -> TestResponse:
        return self.client.get(address, base_url=BASE, buffered=True)

    def post(self, path: str, accept: str = "text/html", **fields: object) -> TestResponse:
        token = self.open(self.course + "/me").select_one("meta[name=csrf-token]")
        assert token is not None
        data = {"csrf_token": str(token["content"]), **fields}
        return self.client.post(path, data=data, base_url=BASE, headers={"Accept": accept}, follow_redirects=True)

    def save(self, text: str, version: int = 0, **fields: object) -> TestResponse:
        return self.post(f"{self.task}/draft", text=text, version=str(version), **fields)

    def send(self, name: str, content: bytes, step: str = "file") -> TestResponse:
        """Adds a file with the button beside it; the draft goes with it as it stands."""
        (version,) = self.open().select("[name=version]")
        now = {"text": self.typed("text"), "links": self.typed("links"), "version": str(version["value"])}
        return self.post(f"{self.task}/draft", step=step, file=(io.BytesIO(content), name), **now)

    def take_out(self) -> str:
        """The step of the button that takes out the first file."""
        (button,) = self.open().select(".file-list button")
        return str(button["value"])

    def hand_in(self, text: str = "Менин ишим", version: int = 0) -> TestResponse:
        return self.save(text, version, step="hand_in")

    def waiting(self) -> list[str]:
        """Addresses of what waits, in its order."""
        return [str(link["href"]) for link in self.open(f"{self.course}/queue").select("table a")]

    def assess(self, address: str, version: int = 0, **fields: object) -> TestResponse:
        """Stores an assessment; steps as `s_2_1_1_a="shown"`."""
        sent = {
            name.replace("s_", "step-", 1).replace("_", "."): value
            for name, value in fields.items()
            if name[:2] == "s_"
        }
        rest = {name: value for name, value in fields.items() if name[:2] != "s_"}
        return self.post(address, version=str(version), **sent, **rest)


@pytest.fixture
def task(sessions: SessionFactory, institute: Institute) -> ActivityRow:
    """An evidence task that shows two indicators."""
    with unit_of_work(sessions) as session:
        row = ActivityRow(course_id=institute.course.id, kind=ActivityKind.EVIDENCE, source=ActivitySource.LTI)
        row.external_id, row.name, row.created_at = "17", "External tool: Lesson plan", clock.now()
        session.add(row)
        session.flush()
        cells = [Mapping(ActivityId(row.id), institute.framework.indicator(code).id) for code in INDICATORS]
        gradebook.accept_mapping(session, CourseId(institute.course.id), cells, by=None, now=clock.now())
    return row


@pytest.fixture
def mine(visitor: Visitor, institute: Institute, task: ActivityRow) -> Desk:
    return Desk(visitor("participant"), institute, task)


@pytest.fixture
def trainer(visitor: Visitor, institute: Institute, task: ActivityRow) -> Desk:
    return Desk(visitor("trainer"), institute, task)


def _count(sessions: SessionFactory, table: type) -> int:
    with unit_of_work(sessions, writes=False) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _marks(sessions: SessionFactory, institute: Institute) -> dict[str, str]:
    with unit_of_work(sessions, writes=False) as session:
        found = current_evidence(session, CourseId(institute.course.id))
    return {
        institute.framework.indicator_by_id(indicator).code: str(entry.mark)
        for (_person, _activity, indicator), entry in found.items()
        if indicator is not None
    }


# --- the participant --------------------------------------------------------------------------------------------------


def test_the_task_says_what_it_is_to_show(mine: Desk, institute: Institute) -> None:
    words = mine.words()

    assert "Lesson plan" in words
    for code in INDICATORS:
        assert f"{code} {institute.framework.indicator(code).text('en')}" in words


def test_a_draft_is_kept_and_nobody_else_sees_it(mine: Desk, trainer: Desk) -> None:
    mine.save("Алгачкы ой\n  экинчи сап", links="https://example.org/plan\n\n")

    assert mine.typed("text") == "Алгачкы ой\n  экинчи сап"
    assert mine.typed("links") == "https://example.org/plan"
    assert trainer.waiting() == []


def test_a_draft_typed_as_one_goes_is_answered_with_its_version(mine: Desk) -> None:
    answers = [mine.post(f"{mine.task}/draft", "application/json", text=f"v{n}", version=str(n)) for n in (0, 1)]

    assert [answer.json for answer in answers] == [{"version": 1}, {"version": 2}]


def test_of_two_tabs_the_second_keeps_both_texts(mine: Desk) -> None:
    mine.save("from the first tab")

    late = mine.save("from the second tab")

    words = BeautifulSoup(late.text, "html.parser").get_text()
    assert late.status_code == 409
    assert "stored from another tab" in words
    assert "from the first tab" in words
    assert "from the second tab" in words
    assert mine.save("both, joined", 1).status_code == 200
    assert "both, joined" in mine.words()


@pytest.mark.parametrize("version", ["9" * 5000, "²", "-1", "x", ""])
def test_a_version_that_no_page_gives_is_none(mine: Desk, version: str) -> None:
    assert mine.post(f"{mine.task}/draft", "application/json", text="once", version=version).json == {"version": 1}


def test_the_same_sent_twice_is_no_conflict(mine: Desk) -> None:
    assert [mine.save("once").status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "//host", "https://", "https://[", "word"]
)
def test_only_web_addresses_are_links(mine: Desk, link: str) -> None:
    answer = mine.save("text", links=link)

    assert answer.status_code == 409
    assert "is no web address" in answer.text
    assert mine.open().select("main a[href^='javascript']") == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"text": "x" * 50_001}, "longer than 50000"), ({"links": "https://a.example\n" * 21}, "more than 20 links")],
)
def test_too_much_is_refused_and_shown_again(mine: Desk, fields: dict[str, str], said: str) -> None:
    answer = mine.post(f"{mine.task}/draft", version="0", **{"text": "", **fields})

    assert answer.status_code == 409
    assert said in answer.text
    assert fields.get("text", "") in answer.text


def test_nothing_is_not_handed_in(mine: Desk, trainer: Desk) -> None:
    assert "There is nothing to hand in yet" in mine.hand_in("  ").text
    assert trainer.waiting() == []


def test_what_is_handed_in_waits_and_can_be_worked_on_again(
    mine: Desk, trainer: Desk, sessions: SessionFactory
) -> None:
    assert "Your work is handed in." in mine.hand_in("Биринчи").text
    assert len(trainer.waiting()) == 1
    assert "Attempt 1" in mine.words()

    mine.post(f"{mine.task}/again")
    mine.post(f"{mine.task}/again")
    assert mine.typed("text") == "Биринчи"
    mine.hand_in("Экинчи")

    assert _count(sessions, SubmissionRow) == 2
    assert len(trainer.waiting()) == 1, "of two attempts the newer one waits"
    assert "Экинчи" in trainer.words(trainer.waiting()[0])
    assert "Биринчи" in mine.words(), "the first attempt stays"


def test_a_draft_sent_after_handing_in_is_not_lost(mine: Desk) -> None:
    mine.hand_in("handed in")

    late = mine.save("typed in another tab", 1)

    assert late.status_code == 409
    assert "typed in another tab" in late.text


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_is_laid_to_the_draft_and_comes_back_as_a_download(mine: Desk) -> None:
    mine.save("written before")
    assert mine.send("Сабак «1».pdf", files.PDF).status_code == 200
    assert mine.typed("text") == "written before"

    (link,) = mine.open().select(".file-list a")
    answer = mine.download(str(link["href"]))
    assert (link.text, answer.data) == ("Сабак «1».pdf", files.PDF)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%D0%A1" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/pdf"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", files.SVG, "What is in this file is no png file"),
        ("a.svg", files.SVG, "This kind of file is not taken"),
        ("a.exe.pdf", files.PDF, "has two endings"),
        ("a.pdf", b"", "The file is empty."),
        ("a.docx", files.bomb(), "would unpack to far too much"),
        ("x" * 160 + ".pdf", files.PDF, "cannot be taken"),
        ("", files.PDF, "Choose a file first."),
    ],
)
def test_a_bad_file_is_refused_in_words_and_leaves_nothing(
    mine: Desk, sessions: SessionFactory, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    answer = mine.send(name, content)

    assert said in BeautifulSoup(answer.text, "html.parser").get_text()
    assert _count(sessions, FileRow) == 0
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_every_bad_file_is_refused_in_words_and_leaves_nothing(
    mine: Desk, sessions: SessionFactory, tmp_path: Path
) -> None:
    token = mine.open(mine.task).select_one("meta[name=csrf-token]")
    assert token is not None
    silent = []
    for name, content, why in BAD:
        sent = {"csrf_token": str(token["content"]), "version": "0", "step": "hand_in", "text": "kept"}
        # As browsers write a name into the head of a part; one without a name is no file to them.
        written = name.replace("\r", "%0D").replace("\n", "%0A") or " "
        data = {**sent, "file": FileStorage(io.BytesIO(content), written)}
        border, body = encode_multipart(data)  # in memory: the client's own file for large ones stays open
        kind = f"multipart/form-data; boundary={border}"
        answer = mine.client.post(f"{mine.task}/draft", data=body, content_type=kind, base_url=BASE)
        (told,) = BeautifulSoup(answer.text, "html.parser").select("#form-errors") or [None]
        if answer.status_code != 409 or told is None or SAID[why] not in told.get_text() or "kept" not in answer.text:
            silent.append((name, why, answer.status_code, told))

    assert silent == []
    assert len(BAD) >= 40
    assert [_count(sessions, table) for table in (FileRow, SubmissionRow)] == [0, 0]
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_the_same_file_sent_twice_is_there_once(
    mine: Desk, trainer: Desk, sessions: SessionFactory, tmp_path: Path
) -> None:
    for _ in range(2):
        mine.send("a.pdf", files.PDF)
    assert _count(sessions, FileRow) == 1
    mine.send("a.pdf", files.PDF + b"another")
    mine.hand_in(version=0)
    (address,) = trainer.waiting()

    for _ in range(2):
        trainer.assess(address, s_2_1_1_a="shown", feedback=(io.BytesIO(files.PDF), "a.pdf"))

    assert _count(sessions, FileRow) == 3
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 3


def test_another_attempt_begins_with_the_files_of_the_last(mine: Desk, trainer: Desk, sessions: SessionFactory) -> None:
    mine.send("plan.pdf", files.PDF)
    mine.hand_in()
    trainer.assess(trainer.waiting()[0], s_2_1_1_a="shown", feedback=(io.BytesIO(files.PDF), "said.pdf"))

    for _ in range(2):
        mine.post(f"{mine.task}/again")

    assert _count(sessions, FileRow) == 3
    links = mine.open().select("form .file-list a")
    assert [link.text for link in links] == ["plan.pdf"], "what was given back is not handed in"
    assert mine.download(str(links[0]["href"])).data == files.PDF
    assert mine.save("second", 0, step=mine.take_out()).status_code == 200
    old = mine.open().select("details .file-list a")[0]
    assert mine.download(str(old["href"])).data == files.PDF, "the first attempt keeps its own"


def test_without_room_no_attempt_is_half_begun(
    mine: Desk, sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine.send("plan.pdf", files.PDF)
    mine.hand_in()
    monkeypatch.setattr(shelf, "KEPT_FREE", 2**62)

    assert "has no room for files" in mine.post(f"{mine.task}/again").text
    assert _count(sessions, SubmissionRow) == 1


def test_a_file_of_just_too_many_bytes_is_refused(
    mine: Desk, sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "FILE_BYTES", 100)

    assert "The file is larger than 0 MB." in mine.send("a.pdf", files.PDF + b"x" * 100).text
    assert _count(sessions, FileRow) == 0


def test_a_request_of_two_hundred_megabytes_is_refused_unread(mine: Desk) -> None:
    answer = mine.client.post(
        f"{mine.task}/draft",
        input_stream=io.BytesIO(b""),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(200 * 1024**2)},
        base_url=BASE,
    )

    assert answer.status_code == 413


def test_no_other_route_takes_so_much(mine: Desk) -> None:
    answer = mine.client.post(
        f"{mine.task}/again",
        input_stream=io.BytesIO(b""),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(10 * 1024**2)},
        base_url=BASE,
    )

    assert answer.status_code == 413


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the parser's own temporary file
def test_an_interrupted_request_leaves_nothing(mine: Desk, sessions: SessionFactory) -> None:
    whole = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + files.PDF

    answer = mine.client.post(
        f"{mine.task}/draft",
        input_stream=io.BytesIO(whole[:90]),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(len(whole))},
        base_url=BASE,
    )

    assert answer.status_code in {400, 403}
    assert _count(sessions, FileRow) == 0


def test_the_twenty_first_file_is_refused(mine: Desk, sessions: SessionFactory) -> None:
    for number in range(20):
        mine.send(f"{number}.pdf", files.PDF)

    assert "There are 20 files already" in mine.send("20.pdf", files.PDF).text
    assert _count(sessions, FileRow) == 20


def test_a_file_is_taken_out_of_the_draft_only(mine: Desk, sessions: SessionFactory) -> None:
    mine.send("a.pdf", files.PDF)
    assert mine.save("typed beside", step=mine.take_out()).status_code == 200
    assert _count(sessions, FileRow) == 0
    assert mine.typed("text") == "typed beside"
    mine.send("b.pdf", files.PDF)
    out = mine.take_out()
    mine.hand_in(version=1)

    assert mine.save("", 2, step=out).status_code == 409
    assert _count(sessions, FileRow) == 1


def test_a_file_of_somebody_else_is_not_taken_out(
    mine: Desk, visitor: Visitor, institute: Institute, task: ActivityRow, sessions: SessionFactory
) -> None:
    mine.send("a.pdf", files.PDF)
    neighbour = Desk(visitor("neighbour"), institute, task)

    assert neighbour.save("text", step=mine.take_out()).status_code == 404
    assert _count(sessions, FileRow) == 1


def test_a_file_that_was_chosen_is_handed_in_without_its_own_button(mine: Desk, trainer: Desk) -> None:
    mine.send("a.pdf", files.PDF, step="hand_in")

    assert "a.pdf" in trainer.words(trainer.waiting()[0])


def test_a_refused_file_loses_nothing_that_was_typed(mine: Desk, sessions: SessionFactory) -> None:
    sent = {"text": "a new thought", "links": "https://example.org/", "version": "0", "step": "hand_in"}
    answer = mine.post(f"{mine.task}/draft", file=(io.BytesIO(files.EXE), "a.pdf"), **sent)

    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 409
    assert [page.select(f"#f-{name}")[0].text.strip() for name in ("text", "links")] == [sent["text"], sent["links"]]
    assert _count(sessions, SubmissionRow) == 0, "nothing is stored by half"


def test_of_two_tabs_the_second_is_told_that_its_file_is_not_there(mine: Desk) -> None:
    mine.save("first tab")

    late = mine.save("second tab", file=(io.BytesIO(files.PDF), "a.pdf"))

    assert "Choose the file again, too." in late.text


@pytest.mark.parametrize("name", ["participant of another course", "trainer of another course", "nobody"])
def test_files_are_for_their_owner_and_the_course_that_assesses_them(
    mine: Desk, trainer: Desk, visitor: Visitor, name: str
) -> None:
    mine.send("a.pdf", files.PDF)
    address = str(mine.open().select(".file-list a")[0]["href"])
    assert trainer.client.get(address, base_url=BASE).status_code == 404, "a draft's file is nobody else's"
    mine.hand_in()

    assert visitor(name).get(address, base_url=BASE).status_code in {401, 404}
    assert visitor("admin").get(address, base_url=BASE, buffered=True).status_code == 200
    assert trainer.download(address).status_code == 200


def test_a_neighbour_gets_no_file_and_no_submission(
    mine: Desk, visitor: Visitor, institute: Institute, task: ActivityRow
) -> None:
    mine.send("a.pdf", files.PDF)
    address = str(mine.open().select(".file-list a")[0]["href"])
    mine.hand_in("Айгүлдүн иши")
    neighbour = Desk(visitor("neighbour"), institute, task)
    neighbour.client.get("/", base_url=BASE)

    assert neighbour.client.get(address, base_url=BASE).status_code == 404


def test_what_no_record_knows_is_cleared_away_after_a_day(mine: Desk, sessions: SessionFactory, tmp_path: Path) -> None:
    mine.send("kept.pdf", files.PDF)
    laid = shelf.Shelf(tmp_path / "files")
    stray = laid.put("stray.pdf", io.BytesIO(files.PDF)).shelf_name

    clearing.clear(sessions, laid, clock.now())
    with laid.open(stray) as file:
        assert file.read() == files.PDF, "it may belong to a request that is under way"
    clearing.clear(sessions, laid, clock.now() + timedelta(hours=25))

    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1
    assert mine.download(str(mine.open().select(".file-list a")[0]["href"])).status_code == 200


# --- the trainer ------------------------------------------------------------------------------------------------------


def test_an_assessment_becomes_levels_and_is_told(
    mine: Desk, trainer: Desk, sessions: SessionFactory, institute: Institute
) -> None:
    mine.hand_in("Сабактын планы")
    (address,) = trainer.waiting()
    assert "Сабактын планы" in trainer.words(address)

    answer = trainer.assess(address, s_2_1_1_a="convincing", s_2_2_1_a="emerging", comment="Жакшы иш")

    assert "The assessment is stored and the levels follow it." in answer.text
    assert _marks(sessions, institute) == {"2.1.1.a": "1", "2.2.1.a": "0.4"}
    assert trainer.waiting() == []
    words = mine.words()
    assert "2.1.1.a convincing" in words
    assert "2.2.1.a emerging" in words
    assert "Жакшы иш" in words
    assert "Level 1" in trainer.words(f"{trainer.course}/group")


def test_what_is_not_assessed_is_no_zero(
    mine: Desk, trainer: Desk, sessions: SessionFactory, institute: Institute
) -> None:
    mine.hand_in()

    trainer.assess(trainer.waiting()[0], s_2_1_1_a="not_shown", s_2_2_1_a="")

    assert _marks(sessions, institute) == {"2.1.1.a": "0"}


def test_a_step_taken_back_withdraws_its_mark(
    mine: Desk, trainer: Desk, sessions: SessionFactory, institute: Institute
) -> None:
    mine.hand_in()
    (address,) = trainer.waiting()
    trainer.assess(address, s_2_1_1_a="shown", s_2_2_1_a="shown")

    trainer.assess(address, 1, s_2_1_1_a="shown", s_2_2_1_a="")

    assert _marks(sessions, institute) == {"2.1.1.a": "0.7", "2.2.1.a": "None"}
    assert _count(sessions, AssessmentRow) == 2, "the first assessment stays on record"


def test_pressing_twice_assesses_once(mine: Desk, trainer: Desk, sessions: SessionFactory) -> None:
    mine.hand_in()
    (address,) = trainer.waiting()

    answers = [trainer.assess(address, s_2_1_1_a="shown").status_code for _ in range(2)]

    assert answers == [200, 200]
    assert _count(sessions, AssessmentRow) == 1


def test_of_two_trainers_the_second_sees_both(
    mine: Desk, trainer: Desk, sessions: SessionFactory, institute: Institute
) -> None:
    mine.hand_in()
    (address,) = trainer.waiting()
    trainer.assess(address, s_2_1_1_a="shown", comment="from one")

    late = trainer.assess(address, s_2_1_1_a="emerging", comment="from the other")

    words = re.sub(r"\s+", " ", BeautifulSoup(late.text, "html.parser").get_text(" ", strip=True))
    assert late.status_code == 409
    assert "Somebody else has assessed this meanwhile" in words
    assert "2.1.1.a: shown" in words
    assert "from one" in words
    assert "from the other" in words
    assert _marks(sessions, institute) == {"2.1.1.a": "0.7"}
    page = BeautifulSoup(late.text, "html.parser")
    (chosen,) = page.select("input[name='step-2.1.1.a'][checked]")
    assert chosen["value"] == "emerging", "what was typed is not lost"
    assert page.select("input[name=version]")[0]["value"] == "1", "and can be stored over theirs"


@pytest.mark.parametrize(
    "fields", [{"s_2_1_1_a": "brilliant"}, {"s_1_1_1_a": "shown"}, {"comment": "x" * 10_001}], ids=str
)
def test_what_the_page_never_offers_stores_nothing(
    mine: Desk, trainer: Desk, sessions: SessionFactory, fields: dict[str, str]
) -> None:
    mine.hand_in()

    answer = trainer.assess(trainer.waiting()[0], **{"s_2_2_1_a": "shown", **fields})

    assert answer.status_code == 409
    assert _count(sessions, AssessmentRow) == 0
    assert len(trainer.waiting()) == 1


def test_an_indicator_that_does_not_exist_is_not_found(mine: Desk, trainer: Desk, sessions: SessionFactory) -> None:
    mine.hand_in()

    assert trainer.assess(trainer.waiting()[0], s_9_9_9_z="shown").status_code == 404
    assert _count(sessions, AssessmentRow) == 0


def test_a_file_is_given_back_with_the_assessment(mine: Desk, trainer: Desk) -> None:
    mine.hand_in()

    trainer.assess(trainer.waiting()[0], s_2_1_1_a="shown", feedback=(io.BytesIO(files.PDF), "Пикир.pdf"))

    (link,) = mine.open().select(".file-list a")
    assert link.text == "Пикир.pdf"
    assert mine.download(str(link["href"])).data == files.PDF


def test_a_bad_file_given_back_stores_no_assessment(mine: Desk, trainer: Desk, sessions: SessionFactory) -> None:
    mine.hand_in()

    answer = trainer.assess(trainer.waiting()[0], s_2_1_1_a="shown", feedback=(io.BytesIO(files.EXE), "a.pdf"))

    assert answer.status_code == 409
    assert "What is in this file is no pdf file" in answer.text
    assert _count(sessions, AssessmentRow) == 0


def test_the_queue_leads_from_one_to_the_next(
    mine: Desk, trainer: Desk, visitor: Visitor, institute: Institute, task: ActivityRow, app: Flask
) -> None:
    assert "Nothing waits for an assessment." in trainer.words(f"{trainer.course}/queue")
    mine.hand_in("first")
    other = _second_task(app, institute)
    Desk(mine.client, institute, other).hand_in("second")
    first, second = trainer.waiting()

    page = trainer.open(first)
    assert [str(link["href"]) for link in page.select("a[rel=next]")] == [second]
    assert page.select("a[rel=prev]") == []
    assert "1 of 2 that wait" in trainer.words(first)
    assert [str(link["href"]) for link in trainer.open(second).select("a[rel=prev]")] == [first]

    after = trainer.assess(first, comment="seen")

    assert after.request.path == second


def test_of_what_was_passed_over_the_queue_reminds_at_its_end(
    mine: Desk, trainer: Desk, visitor: Visitor, institute: Institute, task: ActivityRow, app: Flask
) -> None:
    mine.hand_in("first")
    Desk(visitor("neighbour"), institute, task).hand_in("second")
    Desk(mine.client, institute, _second_task(app, institute)).hand_in("third")
    first, second, third = trainer.waiting()

    assert trainer.assess(second, comment="seen").request.path == third
    assert trainer.assess(third, comment="seen").request.path == first
    assert trainer.assess(first, comment="seen").request.path == f"{trainer.course}/queue"


def test_one_task_is_assessed_in_a_row(
    mine: Desk, trainer: Desk, visitor: Visitor, institute: Institute, task: ActivityRow, app: Flask
) -> None:
    mine.hand_in("first")
    Desk(mine.client, institute, _second_task(app, institute)).hand_in("of another task")
    Desk(visitor("neighbour"), institute, task).hand_in("second")
    only = trainer.open(f"{trainer.course}/queue").select_one(".panel li span a")
    assert only is not None

    narrowed = trainer.open(str(only["href"]))
    first, second = [str(link["href"]) for link in narrowed.select("table a")]
    assert "Only: Lesson plan." in narrowed.get_text()
    assert [str(link["href"]) for link in trainer.open(first).select("a[rel=next]")] == [second]
    assert "1 of 2 that wait" in trainer.words(first)
    after = trainer.assess(first, comment="seen")
    assert f"{after.request.path}?{after.request.query_string.decode()}" == second


def test_an_attempt_that_a_later_one_has_followed_never_comes_back(mine: Desk, trainer: Desk) -> None:
    mine.hand_in("first")
    mine.post(f"{mine.task}/again")
    mine.hand_in("second")

    trainer.assess(trainer.waiting()[0], s_2_1_1_a="shown")

    assert trainer.waiting() == []
    assert "followed by a later attempt" in mine.words()


def test_while_another_attempt_is_only_written_the_last_one_waits(mine: Desk, trainer: Desk) -> None:
    mine.hand_in("first")
    mine.post(f"{mine.task}/again")
    mine.save("second, not yet")

    (address,) = trainer.waiting()
    assert "first" in trainer.words(address)


def test_a_long_queue_lists_its_beginning(
    mine: Desk, trainer: Desk, visitor: Visitor, institute: Institute, task: ActivityRow, app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(queue_page, "MOST_LINES", 1)
    mine.hand_in("first")
    Desk(visitor("neighbour"), institute, task).hand_in("second")

    (address,) = trainer.waiting()
    assert "More that wait: 1. They come up after these." in trainer.words(f"{trainer.course}/queue")
    assert "1 of 2 that wait" in trainer.words(address)


def _second_task(app: Flask, institute: Institute) -> ActivityRow:
    with unit_of_work(app.extensions["tool"].sessions) as session:
        row = ActivityRow(course_id=institute.course.id, kind=ActivityKind.EVIDENCE, source=ActivitySource.LTI)
        row.external_id, row.name, row.created_at = "18", "External tool: Test", clock.now()
        session.add(row)
    return row


def test_a_task_without_a_mapping_can_be_commented_and_says_what_is_missing(
    mine: Desk, trainer: Desk, institute: Institute, app: Flask, sessions: SessionFactory
) -> None:
    unmapped = Desk(mine.client, institute, _second_task(app, institute))
    unmapped.hand_in("work")
    (address,) = trainer.waiting()
    assert "does not say which indicators this task shows" in trainer.words(address)

    trainer.assess(address, comment="Thank you")

    assert "Thank you" in unmapped.words()
    assert _marks(sessions, institute) == {}


def test_a_task_is_set_and_shown(mine: Desk, trainer: Desk) -> None:
    settings = f"{trainer.task}/settings"

    trainer.post(settings, instructions="Планды жазыңыз.\nЭки бет.", due_at="2030-05-01T18:30", version="0")

    words = mine.words()
    assert "Планды жазыңыз. Эки бет." in words
    assert "1 May 2030, 18:30" in words
    assert trainer.open(settings).select_one("#f-due_at")["value"] == "2030-05-01T18:30"  # type: ignore[index]


def test_of_two_who_set_a_task_the_second_is_told(trainer: Desk) -> None:
    settings = f"{trainer.task}/settings"
    trainer.post(settings, instructions="first", version="0")

    late = trainer.post(settings, instructions="second", version="0")

    assert late.status_code == 409
    assert "Somebody else has changed this task meanwhile" in late.text
    assert "second" in late.text
    assert "first" in trainer.words(settings)


def test_work_after_the_due_date_is_taken_and_marked(mine: Desk, trainer: Desk) -> None:
    trainer.post(f"{trainer.task}/settings", instructions="x", due_at="2020-05-01T18:30", version="0")

    assert "past" in mine.words()
    assert "Your work is handed in." in mine.hand_in().text
    assert "late" in mine.words()
    assert "late" in trainer.words(f"{trainer.course}/queue")
    assert "late" in trainer.words(trainer.waiting()[0])


@pytest.mark.parametrize("path", ["/queue", "{task}/settings", "{submission}"])
def test_participants_do_not_assess(mine: Desk, trainer: Desk, visitor: Visitor, path: str) -> None:
    mine.hand_in()
    addresses = {"/queue": f"{mine.course}/queue", "{task}/settings": f"{mine.task}/settings"}
    address = addresses.get(path) or trainer.waiting()[0]

    assert mine.client.get(address, base_url=BASE).status_code == 404
    for name in ("participant of another course", "trainer of another course", "trainer of another platform"):
        assert visitor(name).get(address, base_url=BASE).status_code == 404


def test_an_admin_reads_and_does_not_assess(
    mine: Desk, trainer: Desk, visitor: Visitor, institute: Institute, task: ActivityRow
) -> None:
    mine.hand_in()
    (address,) = trainer.waiting()
    admin = Desk(visitor("admin"), institute, task)

    page = admin.open(address)

    assert all(group.has_attr("disabled") for group in page.select("fieldset.rubric"))
    assert admin.assess(address, s_2_1_1_a="shown").status_code == 404


def test_drafts_are_not_opened_by_their_id(mine: Desk, trainer: Desk, sessions: SessionFactory) -> None:
    mine.save("not yet")
    with unit_of_work(sessions, writes=False) as session:
        public_id = session.scalars(select(SubmissionRow.public_id)).one()

    assert trainer.client.get(f"{trainer.course}/queue/{public_id}", base_url=BASE).status_code == 404


def test_a_launch_of_an_evidence_task_leads_the_participant_to_it(lms: Bench) -> None:
    browser = lms.browser()

    answer = browser.launch(custom={"activity": "evidence", "indicators": "2.1.1.a"})

    assert re.sub(r"[a-z0-9]{16}", "…", answer.headers["Location"]) == "/c/…/tasks/…"
    assert browser.client.get(answer.headers["Location"], base_url=BASE).status_code == 200
