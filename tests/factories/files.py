"""Small files of every kind that may be handed in, and others that pretend to be."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
JPG = b"\xff\xd8\xff\xe0" + b"\0" * 40
GIF = b"GIF89a" + b"\0" * 40
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 30
MP3 = b"ID3\x04" + b"\0" * 40
MP3_BARE = b"\xff\xfb\x90\x64" + b"\0" * 40
MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 40
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
EXE = b"MZ\x90\0" + b"\0" * 60
TYPES = "[Content_Types].xml"
MAIN = {
    "word/document.xml": "wordprocessingml.document",
    "xl/workbook.xml": "spreadsheetml.sheet",
    "ppt/presentation.xml": "presentationml.presentation",
}


def packed(
    parts: Mapping[str, bytes], *, first: tuple[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A ZIP container of these parts; `first` lies in it unpacked, before all others."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as container:
        if first:
            container.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name, content in parts.items():
            container.writestr(name, content)
    return out.getvalue()


def types(main: str, more: str = "") -> bytes:
    """The part of an Office Open XML document that says what it is."""
    about = "application/vnd.openxmlformats-officedocument."
    return f'<Types><Override PartName="/x" ContentType="{about}{main}.main+xml"/>{more}</Types>'.encode()


def office(main: str, **more: bytes) -> bytes:
    """An Office Open XML document."""
    return packed({TYPES: types(MAIN[main]), main: b"<x/>", **more})


def open_document(kind: str) -> bytes:
    """An OpenDocument file."""
    mimetype = ("mimetype", f"application/vnd.oasis.opendocument.{kind}".encode())
    return packed({"content.xml": b"<x/>"}, first=mimetype)


_ODS_HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)
_ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"


def ods(*sheets: str) -> bytes:
    """A spreadsheet whose sheets have these rows, written as its elements."""
    tables = "".join(f"<table:table>{rows}</table:table>" for rows in sheets)
    mimetype = ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")
    return packed({"content.xml": f"{_ODS_HEAD}{tables}{_ODS_TAIL}".encode()}, first=mimetype)


def ods_row(cells: Iterable[str | float]) -> str:
    """A row as Moodle writes it: numbers as numbers, all else as text."""
    return f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>"


def _ods_cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    shown = f"<text:p>{value:.2f}</text:p>"
    return f'<table:table-cell office:value-type="float" office:value="{value}">{shown}</table:table-cell>'


DOCX = office("word/document.xml")
XLSX = office("xl/workbook.xml")
PPTX = office("ppt/presentation.xml")


def bomb() -> bytes:
    """A document of 80 kB that would unpack to 80 MB."""
    return office("word/document.xml", **{"word/media/a.bin": b"\0" * 80_000_000})


def overlapping() -> bytes:
    """A document whose list names one part two thousand times: small in the file, vast once unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr(TYPES, types(MAIN["word/document.xml"]))
        container.writestr("word/document.xml", b"x" * 100_000)
        part = container.infolist()[-1]
        container.filelist.extend([part] * 2_000)
    return out.getvalue()


def encrypted() -> bytes:
    """A document whose parts say that they are encrypted."""
    whole = bytearray(DOCX)
    at = whole.find(b"PK\x01\x02")
    while at != -1:
        whole[at + 8] |= 1
        at = whole.find(b"PK\x01\x02", at + 4)
    return bytes(whole)


def long_list(parts: int = 400_000) -> bytes:
    """A container of 19 MB that is all list: four hundred thousand parts, none of them there."""
    entry = b"PK\1\2" + bytes(24) + b"\1" + bytes(17) + b"a"
    start, listed = b"PK\3\4" + bytes(26), entry * parts
    sizes = struct.pack("<4Q", parts, parts, len(listed), len(start))
    end = b"PK\6\6" + struct.pack("<Q2H2L", 44, 45, 45, 0, 0) + sizes
    locator = b"PK\6\7" + struct.pack("<LQL", 0, len(start) + len(listed), 1)
    return start + listed + end + locator + b"PK\5\6" + bytes(4) + b"\xff" * 12 + bytes(2)


def packed_otherwise() -> bytes:
    """A document of parts that are packed as office documents never are."""
    return packed({TYPES: types(MAIN["word/document.xml"])}, method=zipfile.ZIP_BZIP2)


def bursting_types() -> bytes:
    """A document whose list of content types unpacks to three megabytes, what it is at their end."""
    return packed({TYPES: b" " * 3_000_000 + types(MAIN["word/document.xml"])})
