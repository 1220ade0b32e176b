"""Reading of spreadsheets: unreadable, hostile and huge files are refused with a sentence."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from xlsxwriter import Workbook as ExcelWorkbook

from apps.imports.models import Sheet
from apps.imports.sheets.checking import Checker, SheetChoices
from apps.imports.sheets.columns import guess_columns
from apps.imports.sheets.reading import MAX_FILE_BYTES, SheetRow, Table, Unreadable, read_table
from apps.imports.sheets.row_form import RowForm
from apps.interest.exports import write_xlsx
from apps.interest.models import Expression
from tests.factories import make_call, make_edition, make_question, make_topic
from tests.imports.sheets import (
    SHEETS,
    address,
    bring_in,
    choose_answers,
    choose_columns,
    confirm,
    csv_bytes,
    google_file,
    microsoft_file,
    microsoft_row,
    upload,
    xlsx,
)

HEADINGS = ["Name", "Email", "Title", "Format"]
ADA = ["Ada Example", "ada@example.org", "Smaller", "poster"]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def edition(db):
    edition = make_edition(slug="2026", is_current=True)
    make_call(edition)
    make_topic(edition, heading="Small models")
    make_question(edition, label="Lunch?", kind="yes_no")
    return edition


def _changed(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The workbook with some of its parts replaced, or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name) or old.read(name), zipfile.ZIP_DEFLATED)
        for name in set(parts) - set(old.namelist()):
            new.writestr(name, parts[name], zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def _refusal(name: str, data: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read_table(name, data)
    return str(refused.value)


VALID = xlsx(HEADINGS, ADA)
SHEET = "xl/worksheets/sheet1.xml"
BOOK = "xl/workbook.xml"
STYLES = "xl/styles.xml"
SHEET_BEGIN = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"", "The file is empty."),
        ("a.csv", b"\0\0\r\n  ", "The file is empty."),
        ("a.csv", b"\xef\xbb\xbf", "The file is empty."),
        ("a.xlsx", xlsx(), "The first sheet, “Form1”, is empty."),
        ("a.csv", b",,\r\n;;;", "There is no row of answers below"),
        ("a.csv", csv_bytes(HEADINGS), "There is no row of answers below the headings."),
        ("a.csv", csv_bytes(ADA, ADA), "Row 1 contains an email address"),
        ("a.xls", VALID, "Choose a file that ends in .xlsx or .csv."),
        ("a", VALID, "Choose a file that ends in .xlsx or .csv."),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "protected by a password"),
        ("a.xlsx", csv_bytes(HEADINGS, ADA), "This is not an Excel workbook"),
        ("a.csv", VALID, "the file cannot be read as text"),
        ("a.csv", bytes(range(256)) * 40, "the file cannot be read as text"),
        ("a.xlsx", b"PK\x03\x04nonsense", "This is not an Excel workbook"),
        ("a.xlsx", VALID[:-40], "This is not an Excel workbook"),
        ("a.csv", b"a,b\n" + b"x" * MAX_FILE_BYTES, "The file is larger than 5 MB."),
        ("a.csv", csv_bytes(HEADINGS, *[ADA] * 5_001), "It has more than 5,000 rows of answers."),
        ("a.csv", csv_bytes(*[[f"h{n}" for n in range(101)]] * 2), "It has more than 100 columns."),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_an_unreadable_file_is_refused_with_a_reason(name, data, words):
    assert words in _refusal(name, data)


def test_a_workbook_of_charts_alone_is_refused():
    book = Workbook()
    book.create_chartsheet("Chart")
    book.remove(book.worksheets[0])
    file = io.BytesIO()
    book.save(file)

    assert "This is not an Excel workbook" in _refusal("a.xlsx", file.getvalue())


def _sheet_of(rows: bytes) -> bytes:
    return _changed(VALID, {SHEET: SHEET_BEGIN + rows + b"</sheetData></worksheet>"})


MB = 1024 * 1024
CELL = b"<c><v>1</v></c>"
WORST: dict[str, Callable[[], tuple[str, bytes]]] = {
    "a picture of zeros": lambda: ("a.xlsx", _changed(VALID, {"xl/media/i.png": bytes(45 * MB)})),
    "39 MB in a row": lambda: ("a.xlsx", _sheet_of(b"<row>" + CELL * (39 * MB // 15))),
    "14 MB in a row": lambda: ("a.xlsx", _sheet_of(b"<row>" + CELL * (14 * MB // 15))),
    "14 MB of rows": lambda: (
        "a.xlsx",
        _sheet_of((b"<row>" + CELL * 499 + b"</row>") * (14 * MB // (499 * 15))),
    ),
    "empty rows": lambda: ("a.xlsx", _sheet_of(b"<row/>" * (14 * MB // 6))),
    "a row far below": lambda: (
        "a.xlsx",
        _sheet_of(b'<row r="99999999"><c r="A99999999"><v>1</v></c></row>'),
    ),
    "wide rows": lambda: (
        "a.xlsx",
        _sheet_of(b"".join(b'<row r="%d"><c r="ZZZ%d"/></row>' % (n, n) for n in range(3, 3000))),
    ),
    "deep XML": lambda: ("a.xlsx", _changed(VALID, {SHEET: b"<a>" * (14 * MB // 3)})),
    "flat XML": lambda: ("a.xlsx", _changed(VALID, {STYLES: b"<a>" + b"<b/>" * (14 * MB // 4)})),
    "an endless tag": lambda: (
        "a.xlsx",
        _changed(VALID, {SHEET: b"<a " + b" ".join(b'a%d=""' % n for n in range(500_000))}),
    ),
    "one long cell": lambda: (
        "a.xlsx",
        _sheet_of(b'<row><c t="inlineStr"><is><t>' + b"x" * (14 * MB) + b"</t></is></c></row>"),
    ),
    "line ends": lambda: ("a.csv", b"a,b\n" + b"\n" * (5 * MB - 10)),
    "commas": lambda: ("a.csv", b"a,b\n" + b"," * (5 * MB - 10)),
    "short rows": lambda: ("a.csv", b"a,b\n" + b"x\n" * (5 * MB // 2 - 10)),
}


@pytest.mark.parametrize("build", WORST.values(), ids=WORST.keys())
def test_the_worst_files_are_refused_early(build):
    name, data = build()
    begin = time.process_time()

    message = _refusal(name, data)

    assert time.process_time() - begin < 2
    assert message.startswith(("The workbook unpacks to more", "It has more", "It contains more"))


def test_a_refused_workbook_costs_little_memory():
    data = _sheet_of(b"<row/>" * (14 * MB // 6))
    read_table("a.xlsx", VALID)  # imports openpyxl
    tracemalloc.start()

    _refusal("a.xlsx", data)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * MB


@pytest.mark.parametrize(
    "cell",
    ["a" * MB, "," * MB, ";" * MB, "1/1/2026" + " " * MB + "x", "a" + "\u0301\u0316" * 300_000],
)
def test_no_cell_takes_long_to_understand(cell, edition):
    form = RowForm(edition)
    keys = list(form.fields)
    table = Table(keys, [SheetRow(2, [cell] * len(keys))], list(range(len(keys))))
    begin = time.process_time()

    guess_columns(table, form)
    checker = Checker(edition, table, SheetChoices(columns=keys, zone="UTC", order="day"))
    checker.unknown()
    preview = checker.preview({})

    assert time.process_time() - begin < 5
    assert preview.wrong[0].faults


def test_a_bomb_that_lies_about_its_size_is_refused():
    bomb = bytearray(_changed(VALID, {"xl/media/image1.png": b"\0" * 45_000_000}))
    size = (45_000_000).to_bytes(4, "little")
    place = bomb.find(size)
    while place >= 0:
        bomb[place : place + 4] = (1000).to_bytes(4, "little")
        place = bomb.find(size)

    assert "This is not an Excel workbook" in _refusal("a.xlsx", bytes(bomb))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_that_grow_are_refused(encoding):
    grown = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY e0 "lol">{grown}]>'
        "<x>&e9;</x>"
    )
    bomb = _changed(VALID, {BOOK: text.encode(encoding)})

    assert "This is not an Excel workbook" in _refusal("a.xlsx", bomb)


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="99999999999"><c r="A99999999999" t="inlineStr"><is><t>x</t></is></c></row>',
        b'<row r="2000000"><c r="A2000000"><v>1</v></c></row>',
        b'<row r="x"/>',
        b'<row r="2"><c r="A2" t="s"><v>999999</v></c></row>',
        b'<row r="2"><c r="A2" t="n"><v>many</v></c></row>',
        b'<row r="2"><c r="ZZZZZ2"><v>1</v></c></row>',
        b'<row r="2"><c r="A2" s="999"><v>1</v></c></row></sheetData><sheetData>',
        b"<row" * 1000,
    ],
)
def test_malformed_rows_are_read_or_refused(rows):
    sheet = _part(VALID, SHEET).replace(b"</sheetData>", rows + b"</sheetData>")

    table = _read("a.xlsx", _changed(VALID, {SHEET: sheet}))

    assert table is None or table.rows[0].cells == ADA


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_whatever_program_wrote_it(encoding, separator):
    row = ["Zoë Ünal", "zoe@example.org", "Small; smaller, “smallest”\nof all", "poster"]

    table = read_table("a.CSV", csv_bytes(HEADINGS, row, separator=separator, encoding=encoding))

    assert (table.headings, table.rows) == (HEADINGS, [SheetRow(2, row)])


def test_rows_have_the_numbers_a_spreadsheet_shows():
    rows: tuple[list[str], ...] = (["Answers of 2026"], [], HEADINGS, [], ADA, [], [], ADA)

    for name, data in (("a.csv", csv_bytes(*rows)), ("a.xlsx", xlsx(*rows))):
        table = read_table(name, data)

        assert (table.headings, [row.number for row in table.rows]) == (HEADINGS, [5, 8]), name


def test_merged_cells_above_the_headings_are_no_headings():
    book = load_workbook(io.BytesIO(xlsx(["Responses"], HEADINGS, ADA)))
    book.worksheets[0].merge_cells("A1:D1")
    file = io.BytesIO()
    book.save(file)

    assert read_table("a.xlsx", file.getvalue()).headings == HEADINGS


def test_a_sheet_that_names_a_wrong_size_is_read_whole():
    sheet = _part(VALID, SHEET).replace(b'<dimension ref="A1:D2"', b'<dimension ref="A1:A1"')

    assert read_table("a.xlsx", _changed(VALID, {SHEET: sheet})).rows == [SheetRow(2, ADA)]


def test_cells_are_text_whatever_they_hold():
    row = [True, 3.0, 2.5, 1_000_000, "line_x000D_\nline", "nul\x01"[:3], "=1+1", "#N/A"]
    data = xlsx([f"H{n}" for n in range(8)], row, ["", "", "", "", "", "", "x"])
    cached = (
        _part(data, SHEET)
        .replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
        .replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    )

    cells = read_table("a.xlsx", _changed(data, {SHEET: cached})).rows[0].cells

    assert cells == ["TRUE", "3", "2.5", "1000000", "line\r\nline", "nul", "2", "#N/A"]


@pytest.mark.parametrize(
    "text",
    [
        *("_x000D_", "_x005F_", "x005F_", "_x0041_", "a_x005f_b", "__x0041__"),
        *("two\nlines", "tab\there", "😀 _xD83D_", "_x12_ and _xyzw_", "x005F_x005F_"),
    ],
)
def test_text_that_looks_like_an_escape_survives_our_own_export(text):
    file = io.BytesIO()
    write_xlsx(file, [["Title", "Abstract"], [text, "Words"]])

    assert read_table("answers.xlsx", file.getvalue()).rows[0].cells[0] == text


def test_escapes_of_excel_are_read():
    shared = _with_shared_strings(
        "one_x000D_\ntwo", "caf_x00e9_", "_xD83D__xDE00_", "_x005F_x005F_", "a_x0007_b"
    )

    cells = read_table("answers.xlsx", shared).rows[0].cells

    assert cells == ["one\r\ntwo", "café", "😀", "_x005F_", "ab"]


def _with_shared_strings(*texts: str) -> bytes:
    """A workbook as Excel writes it, whose second row has these strings in its XML."""
    file = io.BytesIO()
    with ExcelWorkbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for column in range(len(texts)):
            sheet.write_string(0, column, f"Heading {column}")
            sheet.write_string(1, column, f"cell-{column}-")
    copy = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(copy, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            for column, text in enumerate(texts):
                content = content.replace(f"cell-{column}-".encode(), text.encode())
            target.writestr(part, content)
    return copy.getvalue()


def test_control_characters_are_removed():
    data = csv_bytes(HEADINGS, ["A\0da\x07", *ADA[1:]])

    assert read_table("a.csv", data).rows == [SheetRow(2, ["Ada", *ADA[1:]])]


def test_columns_of_one_heading_stay_apart_and_empty_ones_are_left_out():
    table = read_table("a.csv", csv_bytes(["Name", "", "Name", ""], ["a", "", "b", "c"]))

    assert (table.headings, table.columns) == (["Name", "Name", ""], [0, 2, 3])
    assert table.rows == [SheetRow(2, ["a", "b", "c"])]


@given(data=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.xlsx"]))
def test_any_bytes_are_read_or_refused(data, name):
    _read(name, data)


@given(places=st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), max_size=20))
def test_any_damaged_workbook_is_read_or_refused(places):
    data = bytearray(VALID)
    for place, byte in places:
        data[place] = byte

    _read("a.xlsx", bytes(data))


_XML = _part(VALID, SHEET)


@given(place=st.integers(0, len(_XML)), inserted=st.text(max_size=30))
def test_any_changed_sheet_is_read_or_refused(place, inserted):
    part = _XML[:place] + inserted.encode("utf-8", "surrogatepass") + _XML[place:]

    _read("a.xlsx", _changed(VALID, {SHEET: part}))


def _read(name: str, data: bytes) -> Table | None:
    """The table, or None if the file was refused; anything else is a fault of ours."""
    try:
        table = read_table(name, data)
    except Unreadable:
        return None
    assert {len(row.cells) for row in table.rows} == {len(table.headings)}
    return table


# Rows


@given(data=st.data())
def test_every_row_is_a_valid_expression_or_has_reasons(edition, data):
    form = RowForm(edition)
    keys = list(form.fields)
    cell = st.one_of(
        st.text(max_size=60),
        st.sampled_from(["a@example.org", "talk", "Poster;", "x" * 30_000, "01/02/2026", "Yes"]),
    )
    cells = data.draw(st.lists(cell, min_size=len(keys), max_size=len(keys)))
    table = Table(keys, [SheetRow(2, cells)], list(range(len(keys))))

    choices = SheetChoices(columns=keys, zone="UTC", order="day")
    preview = Checker(edition, table, choices).preview({})

    assert all(row.faults and all(row.faults) for row in preview.wrong)
    for row in preview.new:
        row.expression.clean_fields(
            exclude=["university", "abstract", "submitted_at", "changed_at"]
        )
        row.expression.validate_constraints()
        assert "\0" not in str(row.data)


def test_markup_in_cells_is_escaped_on_every_page(as_chair, edition):
    changes = {"name": HOSTILE, "title": HOSTILE, "university": HOSTILE, "abstract": HOSTILE}
    rows = [
        microsoft_row(1, **changes, coauthors=HOSTILE, topics=HOSTILE),
        microsoft_row(2, email=HOSTILE, formats=HOSTILE),
    ]
    data = microsoft_file(*rows, [None] * 14 + [HOSTILE])
    book = load_workbook(io.BytesIO(data))
    book.worksheets[0]["O1"] = HOSTILE
    book.worksheets[0].title = "<b>sheet"
    file = io.BytesIO()
    book.save(file)
    sheet = bring_in(as_chair, edition, file.getvalue(), f"{HOSTILE}.xlsx".replace("/", "_"))
    base = address(sheet)[: -len("/change/")]
    pages = [f"{base}/{page}/" for page in ("columns", "answers", "change")]
    pages += [f"{base}/change/?show={show}" for show in ("new", "wrong", "noted", "duplicates")]
    pages += [SHEETS]

    shown = [as_chair.get(path).content.decode() for path in pages]
    choose_answers(as_chair, sheet, **{"formats-0": "-"})
    shown += [as_chair.get(path).content.decode() for path in pages]
    confirm(as_chair, sheet)
    shown += [as_chair.get(path).content.decode() for path in (f"{base}/change/", pages[-1])]

    assert Expression.objects.count() == 1
    for page in shown:
        assert "<script>alert" not in page
        assert "<b>sheet" not in page
    assert sum("&lt;script&gt;alert" in page for page in shown) >= 12


def test_a_cell_of_a_megabyte_is_reported_shortly(as_chair, edition):
    data = csv_bytes(HEADINGS, ADA, ["Bo", "bo@example.org", "T" * 1_000_000, "talk"])
    sheet = bring_in(as_chair, edition, data, "a.csv")

    response = as_chair.get(address(sheet))

    assert [(row.number, row.faults) for row in response.context["page"]] == [
        (3, [f"Title “{'T' * 59}…”: This has 1000000 characters; the limit is 200."])
    ]
    assert len(response.content) < 50_000


def test_a_wrong_upload_is_reported_on_the_page_and_not_stored(as_chair, edition):
    path = f"{SHEETS}add/"

    refused = upload(as_chair, edition, b"%PDF", "a.xlsx").content.decode()
    without = as_chair.post(path, {"edition": edition.pk}).content.decode()
    wrong = as_chair.post(path, {"edition": "9" * 40, "file": "words"}).content.decode()

    assert "This is not an Excel workbook" in refused
    assert "Choose the file to import." in without
    assert "Choose an edition from the list." in wrong
    assert Sheet.objects.count() == 0


@pytest.mark.parametrize("page", ["-1", "0", "99999", "x", "9" * 40])
def test_any_page_number_is_accepted(as_chair, edition, page):
    sheet = bring_in(as_chair, edition, google_file(), "a.csv")
    base = address(sheet)

    assert as_chair.get(f"{base}?page={page}&show={page}").status_code == 200
    confirm(as_chair, sheet)
    assert as_chair.get(f"{base}?page={page}").status_code == 200


def test_without_choices_the_later_pages_lead_to_the_columns(as_chair, edition):
    upload(as_chair, edition, microsoft_file())
    sheet = Sheet.objects.get()
    columns = address(sheet, "columns")

    for page in ("answers", "change"):
        chain = as_chair.get(address(sheet, page), follow=True).redirect_chain

        assert chain[-1] == (columns, 302)
    choose_columns(as_chair, sheet)
    answers = as_chair.get(address(sheet, "answers"))
    assert answers["Location"] == address(sheet)
