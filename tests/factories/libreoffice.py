"""Opens files with LibreOffice Calc, without a window, as somebody would by a double click."""

from __future__ import annotations

import subprocess
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.cell import Cell

FORMULA_OR_VALUE = "xlsx:Calc MS Excel 2007 XML"
COMMAS = "44,34,76,1,,0,{quoted},true,false"
"""Separator, quotation mark, UTF-8, from line 1; whether what is quoted is text; numbers recognised as such."""
SEMICOLONS = "59,34,76,1,,0,{quoted},true,false"


def opened(folder: Path, *files: Path, csv_options: str = "") -> list[list[tuple[Cell, ...]]]:
    """The first sheets of these files as LibreOffice understood them; its own copy is read, formulas included."""
    out = folder / "opened"
    asked = [f"--infilter=Text - txt - csv (StarCalc):{csv_options}"] if csv_options else []
    # A profile of its own: another one that is open would answer instead.
    command = ["soffice", f"-env:UserInstallation=file://{folder / 'profile'}", "--headless", *asked]
    command += ["--convert-to", FORMULA_OR_VALUE, "--outdir", str(out), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return [_first_sheet(out / f"{file.stem}.xlsx") for file in files]


def _first_sheet(file: Path) -> list[tuple[Cell, ...]]:
    return [tuple(row) for row in load_workbook(file).worksheets[0].iter_rows()]
