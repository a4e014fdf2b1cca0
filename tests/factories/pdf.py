"""Reads PDF files with the system's tools."""

from __future__ import annotations

import subprocess
from pathlib import Path


def text_of(content: bytes) -> str:
    """What the document says, in the order of its layout; pages are parted by form feeds."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)  # noqa: S607
    return done.stdout.decode()


def flow_of(content: bytes) -> str:
    """What the document says, cell by cell, with single spaces."""
    done = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)  # noqa: S607
    return " ".join(done.stdout.decode().split())


def facts_of(content: bytes, folder: Path) -> dict[str, str]:
    """What the document says of itself: title, number of pages, whether it is tagged."""
    file = folder / "document.pdf"
    file.write_bytes(content)
    done = subprocess.run(["pdfinfo", str(file)], capture_output=True, check=True)  # noqa: S607
    pairs = (line.split(":", 1) for line in done.stdout.decode().splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def fonts_of(content: bytes, folder: Path) -> set[str]:
    """The names of the fonts that the document carries."""
    file = folder / "document.pdf"
    file.write_bytes(content)
    done = subprocess.run(["pdffonts", str(file)], capture_output=True, check=True)  # noqa: S607
    lines = [line.split() for line in done.stdout.decode().splitlines()[2:]]
    return {line[0].split("+")[-1].split("-")[0] for line in lines if "yes" in line}
