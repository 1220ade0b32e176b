"""Files of answers, as Microsoft Forms and Google Forms export them, read as rows of text.

Nothing about a file is trusted. The caps bound the time and memory of reading; the XML of a workbook
is counted before openpyxl sees it, as openpyxl builds a whole row before it gives it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from typing import IO
from xml.parsers import expat  # nosec B407 – it refuses the documents that openpyxl must not see

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 100
MAX_CHARACTERS = 10_000_000
# Numbers of the rows and cells in a row, with the empty ones.
_MAX_ROW_NUMBER = 50_000
_MAX_ROW_WIDTH = 500
# Of a workbook: bytes unpacked in a part and in all, parts, and the XML elements of a part.
_MAX_PART_BYTES = 15 * 1024 * 1024
_MAX_UNPACKED_BYTES = 30 * 1024 * 1024
_MAX_PARTS = 1_000
_MAX_ELEMENTS = 500_000
_MAX_DEPTH = 30
_CHUNK = 64 * 1024
# A title may stand above the headings, in merged cells.
_HEADINGS_WITHIN = 20

# Characters that no database stores and nobody sees: controls and halves of surrogate pairs.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
# The first bytes of files that people send by mistake.
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
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # also a workbook with a password
_ZIP = b"PK"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEPARATORS = ",;\t"
_MAX_SEPARATORS = 20_000  # in a line: also commas in a text count
_SAMPLE = 100_000  # characters in which the separator is looked for
# Excel may write the separator as a first line of its own.
_ANNOUNCED_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)

_SAVE_AS = "Open it in Excel and save it as “Excel Workbook (.xlsx)” or “CSV UTF-8”."
_TOO_MANY_ROWS = f"It has more than {MAX_ROWS:,} rows of answers. Split it into several files."
_TOO_MANY_COLUMNS = f"It has more than {MAX_COLUMNS} columns. Delete what is not needed."
_NO_WORKBOOK = (
    "This is no Excel workbook, whatever its name says, or it is damaged. Open it in Excel and save "
    "it anew as “Excel Workbook (.xlsx)”."
)
_TOO_LARGE = "The workbook unpacks to more than can be read. Delete sheets that are not needed."
_NO_TEXT = (
    "The name says CSV, but this is no text that can be read. Open it in the program it comes from "
    "and save it as “CSV UTF-8”."
)


class Unreadable(Exception):
    """The file cannot be read as rows of answers; the message says why and what to do."""


@dataclass(frozen=True)
class SheetRow:
    """A row of answers, with its number in a spreadsheet program."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """The headings and the rows below them; every row has as many cells as there are headings.

    Empty columns are left out: `columns` holds the number of each, from 0. `worksheet` is the sheet
    that was read and `left_out` the others of its workbook; a CSV file has neither.
    """

    headings: list[str]
    rows: list[SheetRow]
    columns: list[int]
    worksheet: str = ""
    left_out: tuple[str, ...] = ()


def read_table(name: str, data: bytes) -> Table:
    """Read the answers in the file `name`; raise Unreadable if there are none."""
    if len(data) > MAX_FILE_BYTES:
        raise Unreadable(f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB.")
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("The file is empty.")
    _refuse_foreign(data)
    match PurePath(name).suffix.casefold():
        case ".xlsx" if not data.startswith(_ZIP):
            raise Unreadable(f"The name says Excel, but this is no Excel workbook. {_SAVE_AS}")
        case ".xlsx":
            return _read_workbook(data)
        case ".csv" if data.startswith(_ZIP):
            raise Unreadable(
                "The name says CSV, but this is a workbook or an archive. If it opens in Excel, let "
                "its name end in .xlsx."
            )
        case ".csv":
            return _table(_delimited_rows(data))
        case ".xls" | ".ods" | ".xlsm" | ".numbers" | ".tsv" | ".txt":
            raise Unreadable(f"Only .xlsx and .csv files are read. {_SAVE_AS}")
    raise Unreadable("Only spreadsheets are read: files whose names end in .xlsx or .csv.")


def _refuse_foreign(data: bytes) -> None:
    if data.startswith(_OLD_EXCEL):
        raise Unreadable(
            "This is a workbook of an old kind (.xls), or one that is protected by a password. "
            f"{_SAVE_AS}"
        )
    for beginning, kind in _FOREIGN.items():
        if data.startswith(beginning):
            raise Unreadable(f"This is {kind}, not a spreadsheet. {_SAVE_AS}")


def _table(
    found: Iterable[list[str]], worksheet: str = "", left_out: tuple[str, ...] = ()
) -> Table:
    rows = list(_filled_rows(found))
    if not rows:
        where = f"The first sheet, “{worksheet}”, is empty." if worksheet else "The file is empty."
        raise Unreadable(f"{where} The answers have to stand on the first sheet.")
    # The headings are the first row with two filled cells, or else the first of all.
    wide = (n for n, row in enumerate(rows[:_HEADINGS_WITHIN]) if sum(map(bool, row.cells)) > 1)
    place = next(wide, 0)
    headings, answers = rows[place], rows[place + 1 :]
    if any(_ADDRESS.fullmatch(cell) for cell in headings.cells):
        raise Unreadable(
            f"Row {headings.number} holds an e-mail address, so it seems to be an answer and no "
            "row of headings. Add a first row that says what stands in each column."
        )
    if not answers:
        raise Unreadable("Below the headings there is no row of answers.")
    if len(answers) > MAX_ROWS:
        raise Unreadable(_TOO_MANY_ROWS)
    used = sorted({n for row in rows[place:] for n, cell in enumerate(row.cells) if cell})
    if len(used) > MAX_COLUMNS:
        raise Unreadable(_TOO_MANY_COLUMNS)

    def used_cells(cells: list[str]) -> list[str]:
        return [cells[column] if column < len(cells) else "" for column in used]

    return Table(
        headings=[" ".join(cell.split()) for cell in used_cells(headings.cells)],
        rows=[SheetRow(row.number, used_cells(row.cells)) for row in answers],
        columns=used,
        worksheet=worksheet,
        left_out=left_out,
    )


def _filled_rows(found: Iterable[list[str]]) -> Iterator[SheetRow]:
    """The rows that are not empty, without control characters, numbered from 1."""
    rows = characters = 0
    for number, cells in enumerate(found, start=1):
        if number > _MAX_ROW_NUMBER:
            raise Unreadable(_TOO_MANY_ROWS)
        if len(cells) > _MAX_ROW_WIDTH:
            raise Unreadable(_TOO_MANY_COLUMNS)
        cleaned = [_CONTROLS.sub("", cell).strip() for cell in cells]
        if not any(cleaned):
            continue
        rows += 1
        characters += sum(map(len, cleaned))
        if rows > MAX_ROWS + _HEADINGS_WITHIN:
            raise Unreadable(_TOO_MANY_ROWS)
        if characters > MAX_CHARACTERS:
            raise Unreadable(f"It holds more than {MAX_CHARACTERS:,} characters of text.")
        yield SheetRow(number, cleaned)


# Workbooks


def _read_workbook(data: bytes) -> Table:
    """Read the first sheet. Formulas have the values that Excel last computed."""
    # It takes 10 MB of memory and 0.15 s, for one page of the desk.
    from openpyxl import load_workbook

    try:
        _check_parts(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about drawings and styles that are not read
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            with closing(book):
                sheets = book.worksheets
                if not sheets:
                    raise Unreadable("There is no sheet with rows in this workbook.")
                # Some programs write a wrong size, beyond which openpyxl would not look.
                sheets[0].reset_dimensions()
                values = sheets[0].iter_rows(values_only=True)
                rows = ([_cell_text(value) for value in row] for row in values)
                return _table(rows, sheets[0].title, tuple(sheet.title for sheet in sheets[1:]))
    except Unreadable:
        raise
    except Exception:  # damaged workbooks make openpyxl raise all kinds of exceptions
        raise Unreadable(_NO_WORKBOOK) from None


def _check_parts(data: bytes) -> None:
    """Refuse workbooks by the sizes they claim, before anything is unpacked, then by their XML."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        sizes = [part.file_size for part in parts]
        if (
            len(parts) > _MAX_PARTS
            or sum(sizes) > _MAX_UNPACKED_BYTES
            or max(sizes, default=0) > _MAX_PART_BYTES
        ):
            raise Unreadable(_TOO_LARGE)
        for part in parts:
            with archive.open(part) as file:  # which gives no more than the size it claims
                _check_xml(file)


def _check_xml(file: IO[bytes]) -> None:
    """Refuse XML with a document type (its entities may grow), too many elements, or too deep."""
    elements = depth = rows = width = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal elements, depth, rows, width
        elements, depth = elements + 1, depth + 1
        if name == "row":
            rows, width = rows + 1, 0
        elif name == "c":
            width += 1
        if (
            elements > _MAX_ELEMENTS
            or depth > _MAX_DEPTH
            or rows > _MAX_ROW_NUMBER
            or width > _MAX_ROW_WIDTH
        ):
            raise Unreadable(_TOO_LARGE)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*args: object) -> None:
        raise Unreadable(_NO_WORKBOOK)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.StartDoctypeDeclHandler = refuse
    try:
        given = 0
        while chunk := file.read(_CHUNK):
            parser.Parse(chunk)
            given += len(chunk)
            # A tag that does not end would be parsed again with every chunk.
            if given - parser.CurrentByteIndex > 2 * _CHUNK:
                raise Unreadable(_TOO_LARGE)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError):
        return  # a picture, or damage: openpyxl stops at the same byte


def _cell_text(value: object) -> str:
    """The text of a cell; dates and times in ISO 8601, whatever format the sheet has."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            return value.replace(microsecond=0).isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case float() if value.is_integer():
            return str(int(value))
        case str():
            # Excel's line end within a cell (ECMA-376, ST_Xstring).
            return value.replace("_x000D_", "\r")
    return str(value)


# CSV


def _delimited_rows(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    if announced := _ANNOUNCED_SEPARATOR.match(text):
        # Excel does not show this row, so that it has no number.
        text = text[announced.end() :]
    separator = announced[1] if announced else _separator(text)
    csv.field_size_limit(MAX_FILE_BYTES)
    try:
        yield from csv.reader(_lines(text, separator), delimiter=separator)
    except (csv.Error, ValueError, TypeError):
        raise Unreadable(
            "This is no CSV file that can be read. Save it anew as “CSV UTF-8”."
        ) from None


def _lines(text: str, separator: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if line.count(separator) > _MAX_SEPARATORS:
            raise Unreadable(_TOO_MANY_COLUMNS)
        yield line


def _decoded(data: bytes) -> str:
    """The text of UTF-8, UTF-16 or, failing these, of Windows in western Europe."""
    head = data[:2000]
    mark, encoding = next(
        (pair for pair in _BYTE_ORDER_MARKS if data.startswith(pair[0])), (b"", "")
    )
    if not encoding and len(head) > 3 and head[1::2].count(0) > len(head) // 4:
        encoding = "utf-16-le"
    elif not encoding and len(head) > 3 and head[::2].count(0) > len(head) // 4:
        encoding = "utf-16-be"
    try:
        text = data[len(mark) :].decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding:
            raise Unreadable(_NO_TEXT) from None
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise Unreadable(_NO_TEXT) from None
    sample = text[:_SAMPLE]
    if len(_CONTROLS.findall(sample)) * 20 > len(sample):
        raise Unreadable(_NO_TEXT)
    return text


def _separator(text: str) -> str:
    """The character that splits the first rows into most cells, and into equally many of them.

    The standard library's Sniffer takes letters of prose for separators.
    """
    sample = text[:_SAMPLE]

    def rank(separator: str) -> tuple[int, int]:
        widths: list[int] = []
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
                widths += [len(row)] * bool(row)
                if len(widths) == 10:
                    break
        except csv.Error:
            return (0, 0)
        most = max(widths, default=0)
        return (widths.count(most) if most > 1 else 0, most)

    return max(_SEPARATORS, key=rank)
