"""Files that are refused, each with the code of its reason."""

from __future__ import annotations

from tests.factories import files

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
