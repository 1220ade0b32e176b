"""Any spreadsheet goes through the pages of its import without a server error or invalid row."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.imports.models import Sheet
from apps.interest.models import Expression
from tests.factories import make_call, make_edition, make_question, make_topic
from tests.imports.sheets import (
    GOOGLE,
    MICROSOFT,
    address,
    choose_answers,
    choose_columns,
    confirm,
    csv_bytes,
    google_row,
    microsoft_row,
    preview,
    upload,
    xlsx,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MARKUP = "'\"><xss onxss=1>{{ 7|add:7 }}{% now %}</script>&lt;"
# Parts of MARKUP that are on a page only if it was not escaped.
MARKS = ("<xss", '" onxss=', "' onxss=")
ODD = [MARKUP, "", "=1+1", "x" * 300, "word " * 2_000, "\u202etxt.exe", "名前", "\u0301" * 300]
ODD += ["0001-01-01 00:00", "9999-12-31 23:59", "31/12/9999", "2026/05/03 12:05:12 AM GMT+99"]
ODD += ["ada@example.org, bo@example.org", "ada@xn--a.example", '"a b"@example.org', "9" * 400]
ODD += ["Lightning talk", "Poster;", "Neither", "both", "Yes", "Small models", ";;,,;", "1e999"]
ODD += [
    "a (b (c)",
    "Bo (Help; Cy (Other)",
    "1/2",
    "١٢/٠٣/٢٠٢٦",
    "#REF!",
    "_x0000_",
    "-",
    "@x",
    "+1",
]
# Characters that a workbook cannot hold; a text file can.
_NOT_IN_A_CELL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
cells = st.one_of(
    st.sampled_from(ODD),
    st.sampled_from(ODD),
    st.text(max_size=80),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(min_value=date(1900, 1, 1)),
    st.datetimes(min_value=datetime(1900, 1, 1)),
    st.times(),
)


@st.composite
def sheets(draw: st.DrawFn) -> tuple[str, bytes]:
    """The name and contents of a file: an export with changed headings and cells."""
    headings, make_row = draw(st.sampled_from([(MICROSOFT, microsoft_row), (GOOGLE, google_row)]))
    rows = [[*headings], *(list(make_row(n)) for n in range(1, draw(st.integers(2, 4))))]
    for _ in range(draw(st.integers(0, 5))):
        row = rows[draw(st.integers(0, len(rows) - 1))]
        row[draw(st.integers(0, len(row) - 1))] = draw(cells)
    if draw(st.booleans()):
        rows.append(draw(st.lists(cells, max_size=16)))
    if draw(st.booleans()):
        rows = [[_in_a_cell(cell) for cell in row] for row in rows]
        return "answers.xlsx", xlsx(*rows)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    text = [[str(cell).encode(errors="replace").decode() for cell in row] for row in rows]
    return "answers.csv", csv_bytes(
        *text, separator=draw(st.sampled_from(",;\t")), encoding=encoding
    )


def _in_a_cell(cell: Any) -> Any:
    return _NOT_IN_A_CELL.sub("", cell) if isinstance(cell, str) else cell


@pytest.fixture
def edition(db):
    edition = make_edition(slug="2026", is_current=True)
    make_call(edition)
    make_topic(edition, heading="Small models")
    make_question(edition, label="Lunch?", kind="yes_no")
    make_question(edition, label="Day?", kind="choice", choices="One\nTwo")
    return edition


def _check(response) -> None:
    assert response.status_code in {200, 302}, response.request["PATH_INFO"]
    html = response.content.decode()
    assert [mark for mark in MARKS if mark in html] == [], response.request["PATH_INFO"]


def _bring_in(client, sheet: Sheet, data) -> None:
    """Answer each page with what it proposes or, where it proposes nothing, with a random choice."""
    form = client.get(address(sheet, "columns")).context["form"]
    chosen = {
        name: data.draw(st.sampled_from([str(value) for value, _ in _flat(field.choices)]))
        for name, field in form.fields.items()
        if hasattr(field, "choices") and not form[name].value() and data.draw(st.booleans())
    }
    _check(choose_columns(client, sheet, **chosen))
    page = client.get(address(sheet, "answers"))
    _check(page)
    if page.status_code == 200:
        fields = page.context["form"].fields
        options = {
            name: [str(value) for value, _ in _flat(field.choices)]
            for name, field in fields.items()
        }
        answers = {name: data.draw(st.sampled_from(each)) for name, each in options.items()}
        _check(choose_answers(client, sheet, **answers))
    page = preview(client, sheet)
    _check(page)
    if page.status_code == 200:
        _check(preview(client, sheet, data.draw(st.sampled_from(["wrong", "noted", "duplicates"]))))
        _check(confirm(client, sheet))
        _check(client.get(address(sheet)))


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    """The options of a select, without its groups."""
    return [
        option
        for value, label in choices
        for option in (label if isinstance(label, list | tuple) else [(value, label)])
    ]


def test_any_spreadsheet_is_imported_or_refused(as_chair, edition):
    imported = []

    @given(sheet=sheets(), data=st.data())
    def send(sheet: tuple[str, bytes], data: Any) -> None:
        name, contents = sheet
        with transaction.atomic():
            response = upload(as_chair, edition, contents, name)
            _check(response)
            if response.status_code == 302:
                _bring_in(as_chair, Sheet.objects.get(), data)
            for expression in Expression.objects.all():
                imported.append(expression.pk)
                expression.full_clean(exclude=["university", "abstract"])
                for each in (*expression.coauthors.all(), *expression.answers.all()):
                    each.full_clean()
                _check(as_chair.get(f"/admin/interest/expression/{expression.pk}/change/"))
            transaction.set_rollback(True)

    send()

    assert len(imported) > hypothesis_settings().max_examples / 5, "hardly any was imported"
