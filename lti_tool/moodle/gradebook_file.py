"""Moodle's gradebook export (text, XLSX or ODS) as values, taken as it is: the way in that needs no token.

Pure: bytes in, values out. Which activity a column belongs to and who a row is are asked elsewhere. What cannot be
read without guessing is refused as RuleBroken with line and column (moodle-lti-facts, section 6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from lti_tool.competency.delimited import Record, check_width, is_workbook, plain, read_text_table
from lti_tool.errors import RuleBroken
from lti_tool.moodle.gradebook_words import Display, Profile, display_of, profile_of, split_header, word

NO_GRADE = "-"
"""How Moodle prints that there is no grade."""
HUNDRED = Decimal(100)
PLACES = 5
"""Moodle keeps five decimal places."""
MARK_STEP = Decimal(1).scaleb(-PLACES)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_NUMBER = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,20})?")
_SECONDS = re.compile(r"\d{9,10}")
_GRADED = (Display.REAL, Display.PERCENTAGE)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the uploader says of columns whose headers are not known; positions count from 0.

    `words` tells the meaning of bracketed words ("Чыныгы" → real); it goes before the known words.
    """

    id_number: int | None = None
    email: int | None = None
    downloaded: int | None = None
    words: Mapping[str, Display] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """A column of a grade item: `item` is its name as printed ("Quiz: Week 1 quiz"), `header` the whole header."""

    position: int
    header: str
    item: str
    display: Display


@dataclass(frozen=True, slots=True)
class GradebookRow:
    """One person's row. `downloaded` is when the file was made; None where the file does not say."""

    line: int
    id_number: str | None
    email: str | None
    downloaded: datetime | None
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GradebookFile:
    """A whole export: item columns, headers that nothing is known of, and the rows."""

    items: tuple[ItemColumn, ...]
    unknown: tuple[str, ...]
    rows: tuple[GradebookRow, ...]
    places: int = 0
    """Decimal places that every mark was exported with, whatever its cell shows of them."""


@dataclass(frozen=True, slots=True)
class PrintedMark:
    """A cell that says something: a mark as printed, with its decimal places; `value` None says that there is none."""

    row: GradebookRow
    value: Decimal | None
    places: int = 0


def read_gradebook(content: bytes, columns: Columns | None = None) -> GradebookFile:
    """The export as values.

    Raises RuleBroken: what `read_text_table` and `read_workbook` raise, `row_length` (line, found, expected),
    `column_twice` (column), `column_unknown` (a position of `columns` outside the table), `time_unreadable` (line,
    column, found), and `unknown_headers` (headers, missing, words) where the uploader has to say what is what:
    `missing` is "person" and/or "items", `words` are the bracketed words whose meaning is not known.
    """
    told = columns or Columns()
    workbook = is_workbook(content)
    records = _workbook(content) if workbook else read_text_table(content, lambda header: _known(header, told))
    check_width(records)
    head, body = records[0].fields, records[1:]
    roles = _roles(head, body, told)
    items, unknown = _items(head, roles, told)
    _ask_if_unclear(head, roles, items, _unclear_words(head, roles, items, told))
    rows = tuple(_row(record, head, roles) for record in body)
    return GradebookFile(items, unknown, rows, _most_places(items, rows) if workbook else 0)


def _workbook(content: bytes) -> tuple[Record, ...]:
    # Imported with the first workbook: workers, who read no files, need the constants of this module.
    from lti_tool.competency.spreadsheet import read_workbook

    return read_workbook(content)


def printed_marks(file: GradebookFile, column: ItemColumn) -> tuple[PrintedMark, ...]:
    """The cells of a *Real* or *Percentage* column that say something; an empty cell says nothing.

    Raises RuleBroken("mark_unreadable", line, column, found) for a cell that is neither a number nor `-`.
    """
    return tuple(
        _printed(row, column, row.cells[column.position].strip(), file.places)
        for row in file.rows
        if row.cells[column.position].strip()
    )


def shows_words(file: GradebookFile, column: ItemColumn) -> bool:
    """Whether a graded column holds words only: a scale, or letters, of which no number can be made."""
    cells = [row.cells[column.position].strip() for row in file.rows]
    said = [cell for cell in cells if cell and cell != NO_GRADE]
    return bool(said) and all(_is_word(cell) and not _number(cell, column.display) for cell in said)


def _is_word(cell: str) -> bool:
    """Whether letters are in it; what is neither number nor word ("6.2.5") is a malformed mark."""
    return any(each.isalpha() for each in cell)


def parse_time(text: str) -> datetime:
    """An ISO 8601 time with a zone, in UTC. Raises RuleBroken: `time_unreadable`, `time_zoneless`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise RuleBroken("time_unreadable", found=text[:40]) from error
    return checked_time(moment)


def checked_time(moment: datetime) -> datetime:
    """The moment in UTC, between 2000 and 2100. Raises RuleBroken: `time_unreadable`, `time_zoneless`."""
    if moment.tzinfo is None:
        raise RuleBroken("time_zoneless", found=moment.isoformat())
    if not EARLIEST <= moment <= LATEST:
        raise RuleBroken("time_unreadable", found=moment.isoformat())
    return moment.astimezone(UTC)


def _known(header: Sequence[str], told: Columns) -> int:
    """How many fields of a header are understood; decides between separators."""
    return sum(1 for each in header if profile_of(each) or _display(each, told))


def _display(header: str, told: Columns) -> Display | None:
    parts = split_header(header)
    if parts is None:
        return None
    own = {word(name): meaning for name, meaning in told.words.items()}
    return own.get(word(parts[1])) or display_of(parts[1])


def _roles(head: Sequence[str], body: Sequence[Record], told: Columns) -> dict[int, Profile]:
    """What is known of the columns that are not items, by position."""
    roles = {position: role for position, header in enumerate(head) if (role := profile_of(header))}
    given = {
        Profile.ID_NUMBER: told.id_number,
        Profile.EMAIL: told.email,
        Profile.DOWNLOADED: told.downloaded,
    }
    for role, position in given.items():
        if position is not None:
            if not 0 <= position < len(head):
                raise RuleBroken("column_unknown", position=position, columns=len(head))
            roles = {at: each for at, each in roles.items() if each is not role} | {position: role}
    _refuse_twice(head, roles)
    last = len(head) - 1
    if Profile.DOWNLOADED not in roles.values() and last not in roles and _is_time_column(head[last], body):
        roles[last] = Profile.DOWNLOADED
    return roles


def _refuse_twice(head: Sequence[str], roles: Mapping[int, Profile]) -> None:
    for role in (Profile.ID_NUMBER, Profile.EMAIL, Profile.DOWNLOADED):
        found = [position for position, each in roles.items() if each is role]
        if len(found) > 1:
            raise RuleBroken("column_twice", column=head[max(found)])


def _is_time_column(header: str, body: Sequence[Record]) -> bool:
    """Moodle's last column is the time of the export in every language: seconds since 1970 in each row."""
    cells = [record.fields[-1].strip() for record in body]
    return bool(cells) and split_header(header) is None and all(_seconds(cell) is not None for cell in cells)


def _items(
    head: Sequence[str], roles: Mapping[int, Profile], told: Columns
) -> tuple[tuple[ItemColumn, ...], tuple[str, ...]]:
    items, unknown = [], []
    for position, header in enumerate(head):
        if position in roles:
            continue
        parts, display = split_header(header), _display(header, told)
        if parts and display:
            items.append(ItemColumn(position, plain(header), parts[0], display))
        else:
            unknown.append(plain(header))
    return tuple(items), tuple(unknown)


def _unclear_words(
    head: Sequence[str], roles: Mapping[int, Profile], items: Sequence[ItemColumn], told: Columns
) -> tuple[str, ...]:
    """Bracketed words that have to be explained: those among the items.

    A site's own profile fields ("Phone (mobile)") stand before the first item and are left alone.
    """
    first = min((item.position for item in items), default=0)
    parts = [
        split_header(header)
        for position, header in enumerate(head)
        if position >= first and position not in roles and not _display(header, told)
    ]
    return tuple(dict.fromkeys(each[1] for each in parts if each))


def _ask_if_unclear(
    head: Sequence[str], roles: Mapping[int, Profile], items: Sequence[ItemColumn], words: tuple[str, ...]
) -> None:
    missing = []
    if not {Profile.ID_NUMBER, Profile.EMAIL} & set(roles.values()):
        missing.append("person")
    if not items:
        missing.append("items")
    if missing or words:
        raise RuleBroken("unknown_headers", headers=tuple(head), missing=tuple(missing), words=words)


def _row(record: Record, head: Sequence[str], roles: Mapping[int, Profile]) -> GradebookRow:
    said = {role: (position, record.fields[position].strip()) for position, role in roles.items()}
    told = said.get(Profile.DOWNLOADED)
    downloaded = None
    if told and told[1]:
        downloaded = _seconds(told[1])
        if downloaded is None:
            raise RuleBroken("time_unreadable", line=record.line, column=head[told[0]], found=told[1][:40])
    id_number, email = said.get(Profile.ID_NUMBER), said.get(Profile.EMAIL)
    return GradebookRow(
        line=record.line,
        id_number=(id_number[1] or None) if id_number else None,
        email=(email[1] or None) if email else None,
        downloaded=downloaded,
        cells=record.fields,
    )


def _seconds(cell: str) -> datetime | None:
    if not _SECONDS.fullmatch(cell) or not cell.isascii():
        return None
    moment = datetime.fromtimestamp(int(cell), UTC)
    return moment if EARLIEST <= moment <= LATEST else None


def _most_places(items: Sequence[ItemColumn], rows: Sequence[GradebookRow]) -> int:
    """The places of an export whose cells are numbers: one choice for all its marks, but 30.50 is kept as 30.5."""
    real = [item.position for item in items if item.display is Display.REAL]
    cells = (row.cells[position].strip() for row in rows for position in real)
    return max((_places(cell) for cell in cells if _number(cell, Display.REAL)), default=0)


def _places(digits: str) -> int:
    return min(len(digits.replace(",", ".").partition(".")[2]), PLACES)


def _printed(row: GradebookRow, column: ItemColumn, cell: str, at_least: int) -> PrintedMark:
    if cell == NO_GRADE:
        return PrintedMark(row, None)
    number = _number(cell, column.display)
    if number is None:
        raise RuleBroken("mark_unreadable", line=row.line, column=column.header, found=cell[:40])
    mark = Decimal(number.replace(",", ".")).quantize(MARK_STEP, ROUND_HALF_UP) + 0
    return PrintedMark(row, mark, max(_places(number), at_least))


def _number(cell: str, display: Display) -> str | None:
    """The digits of a cell, with point or comma; None where it is not a number of this display."""
    digits, percent, _rest = cell.partition("%")
    digits = "".join(digits.split()) if percent else digits
    if not digits.isascii() or not _NUMBER.fullmatch(digits) or _rest.strip():
        return None
    if display is Display.REAL:
        return None if percent else digits
    # Without its sign, 0.88 may be a share that lost its format in a spreadsheet: 88 %, or less than one?
    share = not percent and 0 < abs(Decimal(digits.replace(",", "."))) <= 1
    return None if share else digits
