"""Rows of an Excel workbook: its first sheet, read without trusting a byte of it."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from xml.parsers import expat  # nosec B407 – it is what refuses the documents openpyxl must not see

from apps.imports.sheets.faults import Unreadable

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_UNPACKED = 40 * 1024 * 1024
_MOST_PARTS = 1_000
_MOST_CELLS = 2_000_000
_MOST_LINES = 1_048_576  # as many rows as a sheet of Excel has

_NO_WORKBOOK = (
    "This is no Excel workbook, whatever its name says, or it is damaged. Open it in Excel and save "
    "it anew as “Excel Workbook (.xlsx)”."
)
_TOO_LARGE = "The workbook unpacks to more than can be read. Delete sheets that are not needed."


@dataclass(frozen=True)
class WorkbookSheet:
    """The first sheet of a workbook; `left_out` are the names of the others."""

    name: str
    rows: list[list[str]]
    left_out: tuple[str, ...]


def workbook_rows(data: bytes) -> WorkbookSheet:
    """The cells of the first sheet as text, row by row, empty rows too; Unreadable if there is none.

    Of a formula the value is taken that Excel last saw; nothing is computed.
    """
    # Ten megabytes of every worker, and a seventh of a second at its start, for a page of the desk.
    from openpyxl import load_workbook

    try:
        _refuse_bombs(data)
        with warnings.catch_warnings():
            # What openpyxl cannot draw or keep is no matter here.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            with closing(book):
                return _first_sheet(book)
    except Unreadable:
        raise
    except Exception:  # a damaged workbook makes openpyxl fail in every way there is
        raise Unreadable(_NO_WORKBOOK) from None


def _refuse_bombs(data: bytes) -> None:
    """Before anything is unpacked: its size. Before anything is parsed: what could grow in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise Unreadable(_TOO_LARGE)
        for part in parts:
            # No more than the size it claims is unpacked, so the sum above holds.
            _refuse_document_type(archive.read(part))


def _refuse_document_type(part: bytes) -> None:
    """No part of a workbook has a document type; one that has wants its entities to grow."""

    def refuse(*args: object) -> None:
        raise Unreadable(_NO_WORKBOOK)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError, LookupError):
        return  # a picture, or damage: openpyxl stops at the same byte


def _first_sheet(book: Workbook) -> WorkbookSheet:
    sheets = book.worksheets
    if not sheets:
        raise Unreadable("There is no sheet with rows in this workbook.")
    first, *others = sheets
    return WorkbookSheet(
        name=first.title,
        rows=list(_rows(first)),
        left_out=tuple(sheet.title for sheet in others),
    )


def _rows(sheet: Any) -> Iterator[list[str]]:
    # Some programs write a wrong size, beyond which openpyxl would not look.
    sheet.reset_dimensions()
    cells = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells += len(row)
        if cells > _MOST_CELLS or number > _MOST_LINES:
            raise Unreadable(_TOO_LARGE)
        yield [_text(value) for value in row]


def _text(value: object) -> str:
    """A cell as it is read aloud; a moment as ISO 8601 writes it, whatever the sheet shows."""
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
            # How Excel writes the end of a line within a cell (ECMA-376, ST_Xstring).
            return value.replace("_x000D_", "\r")
    return str(value)
