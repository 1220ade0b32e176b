"""Files of answers, as Microsoft Forms and Google Forms export them, read as rows of text.

Nothing about a file is trusted. The caps bound the time and memory of reading; the XML of a workbook
is counted before openpyxl sees it, as openpyxl builds a whole row before it gives it.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import PurePath

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 100
MAX_CHARACTERS = 10_000_000
# Numbers of the rows and cells in a row, with the empty ones.
_MAX_ROW_NUMBER = 50_000
_MAX_ROW_WIDTH = 500
# Of a workbook: parts, bytes unpacked in all and in a part, its XML tags, bytes from tag to tag.
_MAX_PARTS = 1_000
_MAX_UNPACKED_BYTES = 30 * 1024 * 1024
_MAX_PART_BYTES = 15 * 1024 * 1024
_MAX_TAGS = 1_000_000
_MAX_BETWEEN_TAGS = 200_000
# An XML document type may define entities that grow.
_DOCUMENT_TYPES = ["<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
# A character as Office Open XML writes it where XML cannot, "_x000D_" (ECMA-376, ST_Xstring); a
# literal "_x000D_" is "_x005F_x000D_".
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
# openpyxl deletes every "x005F_" from shared strings, so another spelling of the same is given to it.
_UNDERSCORE = re.compile(b"_x005F_|x005F(?=_)")
# A title may stand above the headings, in merged cells.
_HEADINGS_WITHIN = 20

EMAIL_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
# Characters that are invisible and that no database stores: controls and halves of surrogate pairs.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SEPARATORS = ",;\t"
_SAMPLE = 100_000  # characters in which the separator is looked for

_SAVE_AS = "Open it in Excel and save it as “Excel Workbook (.xlsx)” or “CSV UTF-8”."
_TOO_MANY_ROWS = f"It has more than {MAX_ROWS:,} rows of answers. Split it into several files."
_TOO_MANY_COLUMNS = f"It has more than {MAX_COLUMNS} columns. Delete what is not needed."
_NO_WORKBOOK = (
    f"This is not an Excel workbook, or it is damaged or protected by a password. {_SAVE_AS}"
)
_TOO_LARGE = "The workbook unpacks to more than can be read. Delete sheets that are not needed."
_NO_TEXT = f"The name says CSV, but the file cannot be read as text. {_SAVE_AS}"


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
    left_out: Sequence[str] = ()


def read_table(name: str, data: bytes) -> Table:
    """Read the answers in the file `name`; raise Unreadable if there are none."""
    if len(data) > MAX_FILE_BYTES:
        raise Unreadable(f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB.")
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("The file is empty.")
    match PurePath(name).suffix.casefold():
        case ".xlsx":
            return _read_workbook(data)
        case ".csv":
            return _table(_csv_rows(data))
    raise Unreadable(f"Choose a file that ends in .xlsx or .csv. {_SAVE_AS}")


def _table(found: Iterable[list[str]], worksheet: str = "", left_out: Sequence[str] = ()) -> Table:
    rows = list(_filled_rows(found))
    if not rows:
        where = f"The first sheet, “{worksheet}”, is empty." if worksheet else "The file is empty."
        raise Unreadable(f"{where} The answers must be on the first sheet.")
    # The headings are the first row with two filled cells, or else the first of all.
    wide = (n for n, row in enumerate(rows[:_HEADINGS_WITHIN]) if sum(map(bool, row.cells)) > 1)
    place = next(wide, 0)
    headings, answers = rows[place], rows[place + 1 :]
    if any(map(EMAIL_ADDRESS.fullmatch, headings.cells)):
        raise Unreadable(
            f"Row {headings.number} contains an email address, so it seems to be an answer. "
            "Add a first row with a heading for each column."
        )
    if not answers:
        raise Unreadable("There is no row of answers below the headings.")
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
        if len(cells) > _MAX_ROW_WIDTH:
            raise Unreadable(_TOO_MANY_COLUMNS)
        cleaned = [_CONTROLS.sub("", cell).strip() for cell in cells]
        filled = any(cleaned)
        rows += filled
        characters += sum(map(len, cleaned))
        if number > _MAX_ROW_NUMBER or rows > MAX_ROWS + _HEADINGS_WITHIN:
            raise Unreadable(_TOO_MANY_ROWS)
        if characters > MAX_CHARACTERS:
            raise Unreadable(f"It contains more than {MAX_CHARACTERS:,} characters of text.")
        if filled:
            yield SheetRow(number, cleaned)


def _read_workbook(data: bytes) -> Table:
    """Read the first sheet. Formulas have the values that Excel last computed."""
    # It takes 10 MB of memory and 0.15 s, for one page of the desk.
    from openpyxl import load_workbook

    try:
        data = _checked_parts(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about drawings and styles that are not read
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            with closing(book):
                sheet, *others = book.worksheets
                # Some programs write a wrong size, beyond which openpyxl would not look.
                sheet.reset_dimensions()
                rows = (list(map(_cell_text, row)) for row in sheet.iter_rows(values_only=True))
                return _table(rows, sheet.title, [other.title for other in others])
    except Unreadable:
        raise
    except Exception:  # damaged workbooks make openpyxl raise all kinds of exceptions
        raise Unreadable(_NO_WORKBOOK) from None


def _checked_parts(data: bytes) -> bytes:
    """Refuse workbooks by the sizes they claim, before anything is unpacked, then by their XML.

    Return the workbook with all escapes of underscores in a form that openpyxl leaves alone.
    """
    changed = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = [part.file_size for part in archive.infolist()]
        if (
            len(sizes) > _MAX_PARTS
            or sum(sizes) > _MAX_UNPACKED_BYTES
            or max(sizes, default=0) > _MAX_PART_BYTES
        ):
            raise Unreadable(_TOO_LARGE)
        for part in archive.infolist():
            content = archive.read(part)  # no more than the size it claims
            if any(begin in content for begin in _DOCUMENT_TYPES):
                raise Unreadable(_NO_WORKBOOK)
            # openpyxl parses a tag that does not end again with every chunk.
            if content.count(b"<") > _MAX_TAGS or any(
                len(piece) > _MAX_BETWEEN_TAGS for piece in content.split(b"<")
            ):
                raise Unreadable(_TOO_LARGE)
            if b"x005F_" in content:
                changed[part.filename] = _UNDERSCORE.sub(
                    lambda match: b"_x005f_" if match[0][:1] == b"_" else b"_x0078_005F", content
                )
        if not changed:
            return data
        copy = io.BytesIO()
        with zipfile.ZipFile(copy, "w") as target:
            for part in archive.infolist():
                target.writestr(part, changed.get(part.filename) or archive.read(part))
    return copy.getvalue()


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
        case float() if value.is_integer():
            return str(int(value))
    text = str(value)
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    # An emoji is escaped as two halves; a half alone is no character.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    csv.field_size_limit(MAX_FILE_BYTES)
    try:
        separator = max(_SEPARATORS, key=lambda each: _evenness(text, each))
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error:
        raise Unreadable(_NO_TEXT) from None


def _decoded(data: bytes) -> str:
    """The text of UTF-8, UTF-16 with a byte order mark or, failing these, of Windows in Europe."""
    marked = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for encoding in (marked, "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(_CONTROLS.findall(text[:_SAMPLE])) * 20 <= len(text[:_SAMPLE]):
            return text
    raise Unreadable(_NO_TEXT)


def _evenness(text: str, separator: str) -> tuple[int, int]:
    """How many of the first rows a separator splits into equally many cells, and into how many.

    The standard library's Sniffer takes letters of prose for separators.
    """
    sample = csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=separator)
    widths = [len(row) for row in islice(filter(None, sample), 10)]
    most = max(widths, default=0)
    return (widths.count(most) if most > 1 else 0, most)
