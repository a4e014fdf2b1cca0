"""What may be handed in, told by content: each kind is taken, each pretender refused with its own reason."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from lti_tool.errors import RuleBroken
from lti_tool.tasks import file_kinds
from lti_tool.tasks.file_kinds import KINDS, kind_of
from tests.factories import files
from tests.factories.bad_files import BAD

GOOD = {
    "report.pdf": files.PDF,
    "Отчёт.docx": files.DOCX,
    "баалар.xlsx": files.XLSX,
    "a.pptx": files.PPTX,
    "a.odt": files.open_document("text"),
    "a.ods": files.open_document("spreadsheet"),
    "a.odp": files.open_document("presentation"),
    "notes.txt": "Сабактын планы\n".encode(),
    "marks.csv": b"a,b\r\n1,2\r\n",
    "a.jpg": files.JPG,
    "A.JPEG": files.JPG,
    "a.png": files.PNG,
    "a.gif": files.GIF,
    "a.webp": files.WEBP,
    "a.mp3": files.MP3,
    "b.mp3": files.MP3_BARE,
    "a.mp4": files.MP4,
    "v1.2 final.pdf": files.PDF,
    "online.docx": files.packed({files.TYPES: files.types("wordprocessingml.document"), "word/document2.xml": b"<x/>"}),
}


@pytest.mark.parametrize("name", GOOD)
def test_each_kind_is_taken(name: str) -> None:
    file = io.BytesIO(GOOD[name])

    kind = kind_of(name, file)

    assert name.lower().endswith("." + kind.ending)
    assert file.tell() == 0, "it can be read from its start"


def test_every_kind_has_its_example() -> None:
    assert {name.lower().rpartition(".")[2] for name in GOOD} == set(KINDS)


@pytest.mark.parametrize(
    ("name", "content", "why"), BAD, ids=[f"{number} {name[:20]!a} {why}" for number, (name, _c, why) in enumerate(BAD)]
)
def test_what_pretends_is_refused_with_its_reason(name: str, content: bytes, why: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        kind_of(name, io.BytesIO(content))

    assert refused.value.code == why


def test_a_large_document_of_pictures_is_taken() -> None:
    pictures = {f"word/media/{number}.png": bytes(range(256)) * 4000 for number in range(3)}

    assert kind_of("a.docx", io.BytesIO(files.office("word/document.xml", **pictures))).ending == "docx"


def test_a_text_is_read_across_the_borders_of_its_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_kinds, "CHUNK", 3)

    assert kind_of("a.txt", io.BytesIO("Сабактын планы".encode())).ending == "txt"


def test_the_largest_of_bad_files_is_refused_before_it_is_read() -> None:
    """Its list alone would take two hundred megabytes of memory."""
    content = files.long_list()
    tracemalloc.start()
    try:
        with pytest.raises(RuleBroken):
            kind_of("a.docx", io.BytesIO(content))
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
