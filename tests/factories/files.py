"""Small files of every kind that may be handed in, and others that pretend to be."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

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


def packed(parts: Mapping[str, bytes], *, first: tuple[str, bytes] | None = None) -> bytes:
    """A ZIP container of these parts; `first` lies in it unpacked, before all others."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        if first:
            container.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name, content in parts.items():
            container.writestr(name, content)
    return out.getvalue()


def office(main: str, **more: bytes) -> bytes:
    """An Office Open XML document."""
    return packed({TYPES: b"<Types/>", main: b"<x/>", **more})


def open_document(kind: str) -> bytes:
    """An OpenDocument file."""
    mimetype = ("mimetype", f"application/vnd.oasis.opendocument.{kind}".encode())
    return packed({"content.xml": b"<x/>"}, first=mimetype)


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
        container.writestr(TYPES, b"<Types/>")
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
