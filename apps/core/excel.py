"""An Excel file of one sheet in which every cell is a text (ECMA-376-1, 18.3: inline strings).

Nothing in it is a formula, a link or a number, whatever its words look like. Whole columns of many
rows are made at a time, in a fraction of what writers need that are given cell after cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import product
from pathlib import Path
from string import ascii_uppercase
from zipfile import ZIP_DEFLATED, ZipFile

_MOST = 32_767  # UTF-16 units Excel takes in one cell
_LETTERS = [*ascii_uppercase, *map("".join, product(ascii_uppercase, repeat=2))]
_APART = "\x00"  # between the cells of a column while they are escaped; in no cell (XML 1.0, 2.2)
# What stands for a sign XML would change (ECMA-376-1, 22.9.2.19), and words that only look like it.
_SIGN = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_UNDERSCORE, _RETURN = "_x005F_", "_x000D_"

_DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_OFFICE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_OFFICE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_OFFICE}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
    "</Relationships>",
    # Two styles: plain, and bold for the headings.
    "xl/styles.xml": f'<styleSheet xmlns="{_SPREADSHEET}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>",
}
_SHEET_BEGINS = (
    f'<worksheet xmlns="{_SPREADSHEET}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews><sheetData>"
)
_SHEET_ENDS = "</sheetData></worksheet>"


def write_sheet(path: Path, name: str, batches: Iterable[Sequence[list[str]]]) -> Iterator[int]:
    """Writes the only sheet, `name`, of a new file; whole once there is no more to iterate over.

    Each of `batches` is some rows, column by column, of texts without control characters but tab
    and line ends; the first is the headings, which stay in view. A text longer than Excel takes
    ends in “…”. Yields how many rows are written after each; holds no more than one of them.
    """
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for part, content in {**_PARTS, "xl/workbook.xml": _workbook(name)}.items():
            archive.writestr(part, _DECLARED + content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write((_DECLARED + _SHEET_BEGINS).encode())
            written = 0
            for columns in batches:
                rows = range(written + 1, written + len(columns[0]) + 1)
                sheet.write(_rows(rows, columns, style="" if written else ' s="1"').encode())
                del columns  # before the next are made, for the sake of memory
                written += len(rows)
                yield written
            sheet.write(_SHEET_ENDS.encode())


def _workbook(name: str) -> str:
    return (
        f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_RELATIONS}">'
        "<bookViews><workbookView/></bookViews>"
        f'<sheets><sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _rows(numbers: range, columns: Sequence[list[str]], style: str) -> str:
    cells = [
        [
            text
            and f'<c r="{letter}{number}"{style} t="inlineStr">'
            f'<is><t xml:space="preserve">{text}</t></is></c>'
            for number, text in zip(numbers, _escaped(column), strict=True)
        ]
        for letter, column in zip(_LETTERS, columns, strict=False)
    ]
    rows = zip(numbers, zip(*cells, strict=True), strict=True)
    return "".join([f'<row r="{number}">{"".join(row)}</row>' for number, row in rows])


def _escaped(column: list[str]) -> list[str]:
    """The texts of a column as XML holds them, none longer than Excel takes."""
    if max(map(len, column)) > _MOST // 2:
        column = [_shortened(text) for text in column]
    text = _APART.join(column).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if "_x" in text:
        text = _SIGN.sub(_UNDERSCORE, text)
    return text.replace("\r", _RETURN).split(_APART)


def _shortened(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _MOST:
        return text
    return units[: 2 * (_MOST - 1)].decode("utf-16-le", "ignore") + "…"
