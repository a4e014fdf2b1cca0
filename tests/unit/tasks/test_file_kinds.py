"""What may be handed in, told by content: each kind is taken, each pretender refused with its own reason."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from lti_tool.errors import RuleBroken
from lti_tool.tasks import file_kinds
from lti_tool.tasks.file_kinds import KINDS, kind_of
from tests.factories import files

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
DIFFERS, KIND, NAME, DECEIVES = "file_content_differs", "file_kind_refused", "file_name_faulty", "file_name_deceives"
MACROS = '<Override PartName="/word/hidden.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
BAD = [
    # another content than the name says
    ("a.pdf", files.EXE, DIFFERS),
    ("a.pdf", b" " + files.PDF, DIFFERS),
    ("a.png", files.SVG, DIFFERS),
    ("a.png", files.JPG, DIFFERS),
    ("a.jpg", files.HTML, DIFFERS),
    ("a.gif", b"GIF88a" + b"\0" * 9, DIFFERS),
    ("a.webp", b"RIFF\x24\0\0\0WAVEfmt ", DIFFERS),
    ("a.mp3", files.EXE, DIFFERS),
    ("a.mp4", files.PDF, DIFFERS),
    ("a.docx", files.XLSX, DIFFERS),
    ("a.xlsx", files.packed({"xl/workbook.xml": b"<x/>"}), DIFFERS),
    ("a.docx", files.packed({"word/document.xml": b"<x/>", "run.exe": files.EXE}), DIFFERS),
    ("a.docx", files.office("word/document.xml", **{"word/vbaProject.bin": b"x"}), DIFFERS),
    ("a.docx", files.office("word/document.xml", **{"../../etc/cron.d/x": b"x"}), DIFFERS),
    ("a.docx", files.office("word/document.xml", **{"/etc/passwd": b"x"}), DIFFERS),
    ("a.docx", files.encrypted(), DIFFERS),
    ("a.docx", files.DOCX[:40], DIFFERS),
    ("a.docx", b"MZ" + files.DOCX, DIFFERS),
    ("a.pptx", b"PK\x03\x04" + b"\xff" * 200, DIFFERS),
    ("a.odt", files.open_document("spreadsheet"), DIFFERS),
    ("a.odt", files.packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"x"}), DIFFERS),
    ("a.txt", files.PNG, DIFFERS),
    ("a.txt", files.HTML, DIFFERS),
    ("a.txt", b"\xef\xbb\xbf \n<svg onload=x>", DIFFERS),
    ("a.txt", files.EXE + "Сабак".encode("cp1251"), DIFFERS),
    ("a.mp4", b"\0\0\0\x18ftypheic" + bytes(40), DIFFERS),
    ("a.mp4", b"\0\0\0\x18ftypqt  " + bytes(40), DIFFERS),
    ("a.docx", files.packed({files.TYPES: b"<Types/>", "word/document.xml": b"<x/>"}), DIFFERS),
    ("a.docx", files.packed({files.TYPES: files.types("wordprocessingml.template")}), DIFFERS),
    ("a.docx", files.packed({files.TYPES: files.types("wordprocessingml.document", MACROS)}), DIFFERS),
    ("a.docx", files.bursting_types(), DIFFERS),
    ("a.docx", files.packed_otherwise(), DIFFERS),
    # text, of an encoding that nobody can tell
    ("a.txt", "Сабак".encode("cp1251"), "file_text_not_utf8"),
    ("a.csv", "Сабак;5\r\n".encode("utf-16"), "file_text_not_utf8"),
    ("a.txt", "ы".encode() + "ы".encode()[:1], "file_text_not_utf8"),
    ("a.csv", b"a,b\n\x1b[2J", DIFFERS),
    # kinds that are not taken
    ("a.svg", files.SVG, KIND),
    ("a.html", files.HTML, KIND),
    ("a.exe", files.EXE, KIND),
    ("a.zip", files.DOCX, KIND),
    ("a.docm", files.DOCX, KIND),
    ("a", files.PDF, KIND),
    ("pdf", files.PDF, KIND),
    ("a.pdf.", files.PDF, KIND),
    ("a.pdf.exe", files.PDF, KIND),
    # names that deceive, or that lead elsewhere
    ("invoice.exe.pdf", files.PDF, DECEIVES),
    ("a.HTML.png", files.PNG, DECEIVES),
    ("a.js .pdf", files.PDF, DECEIVES),
    ("../a.pdf", files.PDF, NAME),
    ("..\\a.pdf", files.PDF, NAME),
    ("C:a.pdf", files.PDF, NAME),
    ("a\0.pdf", files.PDF, NAME),
    ("a\u202efdp.exe.pdf", files.PDF, NAME),
    ("a\u2028.pdf", files.PDF, NAME),
    ("a\r\nSet-Cookie: x.pdf", files.PDF, NAME),
    (".pdf", files.PDF, NAME),
    (" a.pdf", files.PDF, NAME),
    ("a" * 147 + ".pdf", files.PDF, NAME),
    ("", files.PDF, NAME),
    # nothing, or far too much
    ("a.pdf", b"", "file_empty"),
    ("a.docx", files.bomb(), "file_unpacks_too_large"),
    ("a.docx", files.overlapping(), "file_unpacks_too_large"),
    ("a.odt", files.long_list(), "file_unpacks_too_large"),
    ("a.xlsx", files.packed({f"p{number}": b"" for number in range(10_001)}), "file_unpacks_too_large"),
]


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
