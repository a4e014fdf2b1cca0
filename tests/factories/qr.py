"""Reads QR codes from pages of PDF files, with another library than the one that draws them."""

from __future__ import annotations

import re
import subprocess

import zxingcpp


def codes_of(content: bytes, page: int = 1, dots: int = 150) -> list[str]:
    """What the codes on a page say, printed in grey at so many dots an inch."""
    grey = ["pdftoppm", "-gray", "-r", str(dots), "-f", str(page), "-l", str(page), "-"]
    done = subprocess.run(grey, input=content, capture_output=True, check=True)
    size, pixels = _picture(done.stdout)
    found = zxingcpp.read_barcodes(memoryview(pixels).cast("B", shape=size))
    return [each.text for each in found]


def _picture(netpbm: bytes) -> tuple[tuple[int, int], bytes]:
    """Height, width and pixels of a PGM file."""
    head = re.match(rb"P5\s(\d+)\s(\d+)\s255\s", netpbm)
    if head is None:
        raise ValueError("no grey picture")
    return (int(head[2]), int(head[1])), netpbm[head.end() :]
