"""Which files may be handed in, told by what is in them: name and content must agree on one of a few kinds.

Pure: a name and an open file in, a kind or a refusal out. Nothing is unpacked to disk and nothing is drawn. What a
kind is, its own specification says: the signature at the start, and for office documents the list of what the
container holds.
"""

from __future__ import annotations

import codecs
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, cast

from lti_tool.errors import RuleBroken

NAME_LENGTH = 150
HEAD = 4096
"""How much of a file its signature is looked for in."""
CHUNK = 256 * 1024
MOST_LISTED = 1024 * 1024
"""Bytes of a container's list, and of the part that says what it is: read at once, so kept small."""
MOST_PARTS = 10_000
MOST_UNPACKED = 400 * 1024 * 1024
"""An office document may claim to unpack to so much; the largest honest ones hold a few hundred pictures."""
MOST_RATIO = 120
"""Plain XML packs to about a fiftieth; what packs far better is made to burst."""
FREE_UNPACKED = 4 * 1024 * 1024
"""So much may unpack from however little."""
RUNNABLE = frozenset({
    "exe", "dll", "scr", "com", "bat", "cmd", "msi", "ps1", "vbs", "vbe", "js", "jse",
    "mjs", "wsf", "hta", "jar", "app", "sh", "bash", "py", "pl", "php", "phtml", "asp",
    "aspx", "jsp", "cgi", "lnk", "reg", "html", "htm", "xhtml", "shtml", "svg", "svgz", "xml",
    "xsl", "swf", "docm", "xlsm", "pptm", "dotm", "xltm", "iso", "img",
})  # fmt: skip
"""Endings that may not stand before the last one either: "invoice.exe.pdf" is meant to deceive."""

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Letters of these categories are not seen, or turn what is seen around."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is taken."""

    ending: str
    media_type: str
    """What it is served as."""
    fits: Callable[[bytes, IO[bytes]], bool]
    """Whether the content, by its first bytes and the whole, is of this kind."""


def kind_of(name: str, file: IO[bytes]) -> FileKind:
    """The kind of a file by its name, once its content agrees; the file is left at its start.

    Raises RuleBroken: `file_name_faulty`, `file_kind_refused` (kinds), `file_name_deceives`, `file_empty`,
    `file_content_differs` (ending), `file_text_not_utf8`, `file_unpacks_too_large`.
    """
    kind = _by_name(name)
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise RuleBroken("file_empty")
    fits = kind.fits(head, file)
    file.seek(0)
    if not fits:
        raise RuleBroken("file_content_differs", ending=kind.ending)
    return kind


def _by_name(name: str) -> FileKind:
    if not name.strip() or len(name) > NAME_LENGTH or name != name.strip() or name.startswith("."):
        raise RuleBroken("file_name_faulty", length=NAME_LENGTH)
    if any(letter in '/\\:*?"<>|' or unicodedata.category(letter) in HIDDEN for letter in name):
        raise RuleBroken("file_name_faulty", length=NAME_LENGTH)
    *inner, ending = name.lower().split(".")
    if not inner or ending not in KINDS:
        raise RuleBroken("file_kind_refused", kinds=", ".join(KINDS))
    if RUNNABLE & {each.strip() for each in inner[1:]}:
        raise RuleBroken("file_name_deceives", ending=ending)
    return KINDS[ending]


# --- contents -------------------------------------------------------------------------------------------------------


def _starts(*signatures: bytes) -> Callable[[bytes, IO[bytes]], bool]:
    return lambda head, _file: head.startswith(signatures)


def _is_webp(head: bytes, _file: IO[bytes]) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def _is_mp4(head: bytes, _file: IO[bytes]) -> bool:
    # The same container holds photographs, sound and another vendor's films; those have kinds of their own.
    brand = head[8:12].lower()
    return head[4:8] == b"ftyp" and not brand.startswith(
        (b"hei", b"hev", b"mif", b"msf", b"avi", b"m4a", b"m4b", b"qt")
    )


def _is_mp3(head: bytes, _file: IO[bytes]) -> bool:
    # ID3v2, or an MPEG audio frame of layer III.
    return head.startswith(b"ID3") or (len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2)


def _is_text(head: bytes, file: IO[bytes]) -> bool:
    """UTF-8 without control characters, and no markup that a browser might be talked into showing.

    Raises RuleBroken (`file_text_not_utf8`) for text of an older encoding: it is text, only nobody can tell which.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RuleBroken("file_text_not_utf8")
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        return False
    decoder, is_utf8 = codecs.getincrementaldecoder("utf-8")(), True
    for chunk in _chunks(file):
        if len(chunk.translate(None, CONTROLS)) < len(chunk):
            return False
        is_utf8 = is_utf8 and _decodes(decoder, chunk)
    if not (is_utf8 and _decodes(decoder, b"", final=True)):
        raise RuleBroken("file_text_not_utf8")
    return True


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _office(main: str) -> Callable[[bytes, IO[bytes]], bool]:
    """An Office Open XML document (ECMA-376-2) whose list of content types names this one; with macros it is another.

    What its main part is called says nothing: the content type does, and editors in a browser choose other names.
    """

    def fits(head: bytes, file: IO[bytes]) -> bool:
        parts = _parts(head, file)
        types = _read(file, TYPES) if TYPES in parts else b""
        has_macros = b"macroEnabled" in types or b"vbaProject" in types or any("vbaProject" in name for name in parts)
        return b'"' + main.encode() + b'"' in types and not has_macros

    return fits


def _open_document(media_type: str) -> Callable[[bytes, IO[bytes]], bool]:
    """An OpenDocument file (ISO/IEC 26300-3, 3.3): the first part is `mimetype`, unpacked, and says what it is."""

    def fits(head: bytes, file: IO[bytes]) -> bool:
        names = _parts(head, file)
        # The local header has 30 bytes, then the name, then the content as it is.
        return head[30:38] == b"mimetype" and head[38:].startswith(media_type.encode()) and "content.xml" in names

    return fits


class _Sparing:
    """A file of which nothing long is read at once: `zipfile` reads a container's whole list in one go."""

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self._file = file.seek, file.tell, file

    def read(self, size: int = -1) -> bytes:
        """Raises RuleBroken where more is asked for than an honest list takes."""
        got = self._file.read(min(size, MOST_LISTED + 1) if size >= 0 else MOST_LISTED + 1)
        if len(got) > MOST_LISTED:
            raise RuleBroken("file_unpacks_too_large")
        return got


def _parts(head: bytes, file: IO[bytes]) -> frozenset[str]:
    """What a ZIP container holds; empty where it is none. Raises RuleBroken for one that is made to burst."""
    if not head.startswith(b"PK\x03\x04"):
        return frozenset()
    length = file.seek(0, 2)
    try:
        with zipfile.ZipFile(cast(IO[bytes], _Sparing(file))) as container:
            listed = container.infolist()
    except UNREADABLE:
        return frozenset()
    # Against the file itself: parts that overlap in it each claim the same bytes.
    unpacked = sum(each.file_size for each in listed)
    if len(listed) > MOST_PARTS or unpacked > max(FREE_UNPACKED, min(MOST_UNPACKED, MOST_RATIO * length)):
        raise RuleBroken("file_unpacks_too_large")
    encrypted = any(each.flag_bits & 1 for each in listed)
    astray = any(each.filename.startswith("/") or ".." in each.filename.split("/") for each in listed)
    # Other ways of packing are never used in office documents, and unpack without a bound.
    odd = any(each.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for each in listed)
    return frozenset() if encrypted or astray or odd else frozenset(each.filename for each in listed)


def _read(file: IO[bytes], part: str) -> bytes:
    """The start of a part of a container that `_parts` has read, as far as an honest one goes; empty if unreadable."""
    try:
        with zipfile.ZipFile(file) as container, container.open(part) as opened:
            return opened.read(MOST_LISTED)
    except UNREADABLE:
        return b""


TYPES = "[Content_Types].xml"
CONTROLS = bytes(set(range(32)) - set(b"\t\r\n\f"))
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError, OSError, RuntimeError, struct.error
)  # fmt: skip
"""What `zipfile` raises for containers that are none."""
_WORD = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
KINDS = {
    kind.ending: kind
    for kind in (
        FileKind("pdf", "application/pdf", _starts(b"%PDF-")),
        FileKind("docx", _WORD + "wordprocessingml.document", _office(_WORD + "wordprocessingml.document.main+xml")),
        FileKind("xlsx", _WORD + "spreadsheetml.sheet", _office(_WORD + "spreadsheetml.sheet.main+xml")),
        FileKind(
            "pptx", _WORD + "presentationml.presentation", _office(_WORD + "presentationml.presentation.main+xml")
        ),
        FileKind("odt", _OPEN + "text", _open_document(_OPEN + "text")),
        FileKind("ods", _OPEN + "spreadsheet", _open_document(_OPEN + "spreadsheet")),
        FileKind("odp", _OPEN + "presentation", _open_document(_OPEN + "presentation")),
        FileKind("txt", "text/plain; charset=utf-8", _is_text),
        FileKind("csv", "text/csv; charset=utf-8", _is_text),
        FileKind("jpg", "image/jpeg", _starts(b"\xff\xd8\xff")),
        FileKind("jpeg", "image/jpeg", _starts(b"\xff\xd8\xff")),
        FileKind("png", "image/png", _starts(b"\x89PNG\r\n\x1a\n")),
        FileKind("gif", "image/gif", _starts(b"GIF87a", b"GIF89a")),
        FileKind("webp", "image/webp", _is_webp),
        FileKind("mp3", "audio/mpeg", _is_mp3),
        FileKind("mp4", "video/mp4", _is_mp4),
    )
}
"""What is taken, by ending. No archives: nobody could say what is inside."""
