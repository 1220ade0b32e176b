"""An Excel file of texts: whole for every program that reads it, and never more than texts."""

from __future__ import annotations

import openpyxl
import pytest

from apps.core.excel import write_sheet

NAME = "Ada & 'Bo'"
HEADINGS = [["Name"], ["Remark"]]


def _read(path) -> list[tuple]:
    """What openpyxl finds, as Excel would show it."""
    return list(openpyxl.load_workbook(path)[NAME].values)


def _write(path, *batches) -> list[int]:
    return list(write_sheet(path, NAME, [HEADINGS, *batches]))


def test_rows_come_back_as_they_were_and_are_counted_as_they_are_written(tmp_path):
    path = tmp_path / "list.xlsx"

    written = _write(path, [["Ada", "Bo"], ["", "two\nlines"]], [["Cy"], [" a <b> & ]]> "]])

    assert written == [1, 3, 4]
    assert _read(path) == [
        ("Name", "Remark"),
        ("Ada", None),
        ("Bo", "two\nlines"),
        ("Cy", " a <b> & ]]> "),
    ]


def test_the_headings_are_bold_and_stay_in_view(tmp_path):
    _write(tmp_path / "list.xlsx", [["Ada"], [""]])

    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx")[NAME]
    assert [cell.font.b for (cell,) in sheet["A1:A2"]] == [True, False]
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize(
    "words", ["=1+1", "1", "true", "#N/A", "https://example.org", "2030-01-01"]
)
def test_nothing_is_more_than_its_words(tmp_path, words):
    _write(tmp_path / "list.xlsx", [[words], [words]])

    cells = openpyxl.load_workbook(tmp_path / "list.xlsx")[NAME][2]
    assert [(cell.value, cell.hyperlink) for cell in cells] == [(words, None)] * 2


def test_returns_and_words_that_look_like_the_sign_for_one_are_told_apart(tmp_path):
    _write(tmp_path / "list.xlsx", [["a\r\nb"], ["a_x000D_b _x_ _xyz0_"]])

    # openpyxl leaves these signs as they stand; Excel and LibreOffice read "a\r\nb" and the words.
    assert _read(tmp_path / "list.xlsx")[1] == ("a_x000D_\nb", "a_x005F_x000D_b _x_ _xyz0_")


@pytest.mark.parametrize(("sign", "units"), [("x", 1), ("😀", 2)])
def test_a_text_is_cut_where_excel_would_refuse_it(tmp_path, sign, units):
    fits, too_long = sign * (32_767 // units), sign * 40_000

    _write(tmp_path / "list.xlsx", [[fits], [too_long]])

    short = sign * (32_766 // units)
    assert _read(tmp_path / "list.xlsx")[1] == (fits, f"{short}…")


def test_more_columns_than_letters(tmp_path):
    columns = [[f"column {number}"] for number in range(60)]

    list(write_sheet(tmp_path / "list.xlsx", NAME, [columns]))

    (row,) = _read(tmp_path / "list.xlsx")
    assert list(row) == [text for (text,) in columns]
