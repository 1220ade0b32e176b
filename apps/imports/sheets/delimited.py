"""Rows of a CSV file, whatever program and country wrote it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from apps.imports.sheets.faults import Unreadable

_SEPARATORS = ",;\t"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")
_SAMPLE = 100_000  # characters in which the separator is looked for
# Excel writes which separator follows as a first line of its own.
_ANNOUNCED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
# A cell may be as long as the file; the file itself is limited before.
_LONGEST_CELL = 64 * 1024 * 1024


def delimited_rows(data: bytes) -> Iterator[list[str]]:
    """Each row's cells, in order, empty rows too; Unreadable if `data` is no text in rows."""
    text = _decoded(data)
    if announced := _ANNOUNCED.match(text):
        # No row to whoever opens the file in Excel, so the numbers do not count it.
        text = text[announced.end() :]
    separator = announced[1] if announced else _separator(text)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except (csv.Error, ValueError, TypeError):
        raise Unreadable(
            "This is no CSV file that can be read. Save it anew as “CSV UTF-8”."
        ) from None


def _decoded(data: bytes) -> str:
    """The text: UTF-8 or UTF-16, else what Windows writes in western Europe."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(_decode(data[len(mark) :], encoding))
    head = data[:2000]
    if len(head) > 3 and head[1::2].count(0) > len(head) // 4:
        return _checked(_decode(data, "utf-16-le"))
    if len(head) > 3 and head[::2].count(0) > len(head) // 4:
        return _checked(_decode(data, "utf-16-be"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _decode(data, "cp1252")
    return _checked(text)


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable(_NO_TEXT) from None


def _checked(text: str) -> str:
    """`text`, if it is any: what is no text is full of control characters."""
    head = text[:_SAMPLE]
    if len(_CONTROLS.findall(head)) * 20 > len(head):
        raise Unreadable(_NO_TEXT)
    return text


_NO_TEXT = (
    "The name says CSV, but this is no text that can be read. Open it in the program it comes from "
    "and save it as “CSV UTF-8”."
)


def _separator(text: str) -> str:
    """The sign that parts the first rows into most cells, and into equally many of them."""
    sample = text[:_SAMPLE]

    def cells(separator: str) -> tuple[int, int]:
        widths = []
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
                widths += [len(row)] * bool(row)
                if len(widths) == 10:
                    break
        except csv.Error:
            return (0, 0)
        most = max(widths, default=0)
        return (widths.count(most) if most > 1 else 0, most)

    return max(_SEPARATORS, key=cells)
