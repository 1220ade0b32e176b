"""A file of answers, as Microsoft Forms and Google Forms export them, read as rows of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from apps.imports.sheets.delimited import delimited_rows
from apps.imports.sheets.faults import Unreadable
from apps.imports.sheets.workbook import workbook_rows

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 100
MOST_CHARACTERS = 10_000_000
# A title may stand above the headings, in merged cells; further down they are not looked for.
_HEADINGS_WITHIN = 20
# What no database keeps and no person sees: control characters and halves of characters.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
# The first bytes of what people send by mistake.
_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed archive",
    b"7z\xbc\xaf": "a compressed archive",
    b"Rar!": "a compressed archive",
    b"{\\rtf": "a text document",
}
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # also what holds a workbook with a password
_ZIP = b"PK"
_SAVE_AS = "Open it in Excel and save it as “Excel Workbook (.xlsx)” or “CSV UTF-8”."


@dataclass(frozen=True)
class Row:
    """One row of answers, with the number at which a spreadsheet program shows it."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """The headings and the rows below them; every row has as many cells as there are headings.

    `worksheet` is the sheet they come from and `left_out` the others of its workbook; a CSV file
    has none. A column without a heading has "" for one. Columns without anything are left out, so
    `columns` holds the number of each, counted from 0.
    """

    headings: list[str]
    rows: list[Row]
    columns: list[int]
    worksheet: str = ""
    left_out: tuple[str, ...] = ()


def read_table(name: str, data: bytes) -> Table:
    """The answers in the file `name`; Unreadable, a sentence for people, if there are none."""
    if len(data) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("The file is empty.")
    _refuse_foreign(data)
    match PurePath(name).suffix.casefold():
        case ".xlsx" if not data.startswith(_ZIP):
            raise Unreadable(f"The name says Excel, but this is no Excel workbook. {_SAVE_AS}")
        case ".xlsx":
            sheet = workbook_rows(data)
            return _table(sheet.rows, sheet.name, sheet.left_out)
        case ".csv" if data.startswith(_ZIP):
            raise Unreadable(
                "The name says CSV, but this is a workbook or an archive. If it opens in Excel, let "
                "its name end in .xlsx."
            )
        case ".csv":
            return _table(delimited_rows(data))
        case ".xls" | ".ods" | ".xlsm" | ".numbers" | ".tsv" | ".txt":
            raise Unreadable(f"Only .xlsx and .csv files are read. {_SAVE_AS}")
    raise Unreadable("Only spreadsheets are read: files whose names end in .xlsx or .csv.")


def _refuse_foreign(data: bytes) -> None:
    if data.startswith(_OLD_EXCEL):
        raise Unreadable(
            "This is a workbook of an old kind (.xls), or one that is protected by a password. "
            f"{_SAVE_AS}"
        )
    for beginning, what in _FOREIGN.items():
        if data.startswith(beginning):
            raise Unreadable(f"This is {what}, not a spreadsheet. {_SAVE_AS}")


def _table(
    found: Iterable[list[str]], worksheet: str = "", left_out: tuple[str, ...] = ()
) -> Table:
    rows = list(_filled(found))
    if not rows:
        where = f"The first sheet, “{worksheet}”, is empty." if worksheet else "The file is empty."
        raise Unreadable(f"{where} The answers have to stand on the first sheet.")
    place = _place_of_headings(rows)
    headings, answers = rows[place], rows[place + 1 :]
    if any(_ADDRESS.fullmatch(cell.strip()) for cell in headings.cells):
        raise Unreadable(
            f"Row {headings.number} holds an e-mail address, so it seems to be an answer and no "
            "row of headings. Add a first row that says what stands in each column."
        )
    if not answers:
        raise Unreadable("Below the headings there is no row of answers.")
    used = [
        column
        for column in range(max(len(row.cells) for row in rows[place:]))
        if any(len(row.cells) > column and row.cells[column] for row in rows[place:])
    ]
    if len(used) > MOST_COLUMNS:
        raise Unreadable(f"It has more than {MOST_COLUMNS} columns. Delete what is not needed.")
    return Table(
        headings=[" ".join(cell.split()) for cell in _chosen(headings.cells, used)],
        rows=[Row(row.number, _chosen(row.cells, used)) for row in answers],
        columns=used,
        worksheet=worksheet,
        left_out=left_out,
    )


def _filled(found: Iterable[list[str]]) -> Iterator[Row]:
    """The rows with something in them, cleaned and numbered from 1; Unreadable if too many."""
    count = characters = 0
    for number, cells in enumerate(found, start=1):
        cleaned = [_CONTROLS.sub("", cell).strip() for cell in cells]
        if not any(cleaned):
            continue
        count += 1
        characters += sum(map(len, cleaned))
        if count > MOST_ROWS + _HEADINGS_WITHIN:
            raise Unreadable(_too_many_rows())
        if characters > MOST_CHARACTERS:
            raise Unreadable(f"It holds more than {MOST_CHARACTERS:,} characters of text.")
        yield Row(number, cleaned)


def _place_of_headings(rows: list[Row]) -> int:
    """The first row with two cells filled, or else the first of all."""
    for place, row in enumerate(rows[:_HEADINGS_WITHIN]):
        if sum(map(bool, row.cells)) > 1:
            if len(rows) - place - 1 > MOST_ROWS:
                raise Unreadable(_too_many_rows())
            return place
    return 0


def _chosen(cells: list[str], columns: list[int]) -> list[str]:
    return [cells[column] if column < len(cells) else "" for column in columns]


def _too_many_rows() -> str:
    return f"It has more than {MOST_ROWS:,} rows of answers. Split it into several files."
