"""Exports of the list as CSV and Excel: complete, safe, and limited by permissions."""

import csv
import gzip
import io
import zipfile
from xml.etree import ElementTree

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.interest.exports import defuse, export_rows
from apps.interest.models import Consent, Expression, Question
from apps.interest.permissions import permissions_for
from tests.factories import (
    make_current_edition,
    make_edition,
    make_expression,
    make_question,
    make_reviewer,
    make_topic,
    make_user,
    put_in_state,
)
from tests.many import make_many_expressions
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


LIST = "/admin/interest/expression/"
_XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _csv(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def read_xlsx(who, query: str = "") -> list[list[str]]:
    """Cells of the only sheet of the Excel file; fails unless every cell is a text."""
    response = who.post(f"{LIST}export/xlsx/{query}")
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    file = io.BytesIO(b"".join(response.streaming_content))
    with zipfile.ZipFile(file) as archive:
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))  # noqa: S314 – our own
    assert list(sheet.iter(f"{_XML}f")) == []
    cells = []
    for row in sheet.iter(f"{_XML}row"):
        assert {cell.get("t", "inlineStr") for cell in row} <= {"inlineStr"}
        cells.append(["".join(cell.itertext()) for cell in row])
    return cells


@pytest.fixture
def chair_permissions(db):
    permissions = permissions_for(make_user("Chair"))
    assert permissions
    return permissions


@pytest.fixture
def ada():
    edition = make_current_edition(slug="2024", time_zone="Europe/London")
    early = make_question(edition, label="Which year?")
    late = make_question(edition, label="Which bed?", asked_at=Question.AskedAt.ACCEPTANCE)
    expression = make_expression(
        edition,
        name="Ada Example",
        email="ada.secret@example.net",
        title="Graphs, “by hand”",
        abstract="One line\nand another.",
        wants_poster=True,
        preference="either",
        topics=[make_topic(edition, heading="Graphs"), make_topic(edition, heading="Hands")],
        coauthors=[("Bo Helper", "Institute of Help"), ("Cy Alone", "")],
        answers={early: "the second", late: "by the window"},
    )
    put_in_state(expression, "confirmed")
    moments = {"submitted_at": "2024-06-01T12:00:00Z", "changed_at": "2024-12-01T12:00:00Z"}
    Expression.objects.filter(pk=expression.pk).update(
        reference="R7K2QD",
        university="University of Examples",
        decided_at="2024-07-01T00:00:00Z",
        reply_by_on="2024-07-11",
        can_attend=True,
        access_needs="a ramp",
        technical_needs="sound",
        diet="no nuts",
        **moments,
    )
    Consent.objects.create(
        expression=expression,
        about="photo",
        wording="I may be photographed.",
        is_given=False,
        said_at=moments["changed_at"],
    )
    return expression


def test_a_chair_exports_every_column(as_chair, ada):
    response = as_chair.post(f"{LIST}export/csv/")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="expressions-')
    assert _csv(response) == [
        {
            "Reference": "R7K-2QD",
            "Edition": "2024",
            "State": "Confirmed",
            "Name": "Ada Example",
            "Email address": "ada.secret@example.net",
            "University": "University of Examples",
            "Career stage": "",
            "Supervisor": "",
            "School or lab": "",
            "Link": "",
            "Asked for": "Lightning talk or poster",
            "Preference": "No preference",
            "Title": "Graphs, “by hand”",
            "Abstract": "One line\nand another.",
            "Topics": "Graphs\nHands",
            "Co-authors": "Bo Helper (Institute of Help)\nCy Alone",
            "Answers": "Which year? the second",
            "PDF": "no",
            "Late": "no",
            "Submitted": "2024-06-01T13:00:00+01:00",
            "Last changed": "2024-12-01T12:00:00+00:00",
            "Decided": "2024-07-01T01:00:00+01:00",
            "Offer": "Lightning talk",
            "Reply by": "2024-07-11",
            "Confirmed": "Lightning talk",
            "Can attend": "yes",
            "Technical needs": "sound",
            "Access needs": "a ramp",
            "Diet": "no nuts",
            "Consents": "I may be photographed.: no",
            "Answers at acceptance": "Which bed? by the window",
            "Notes": "",
        }
    ]


def test_the_csv_file_is_compressed_for_browsers_that_accept_gzip(as_chair, ada):
    plain = as_chair.post(f"{LIST}export/csv/")
    compressed = as_chair.post(f"{LIST}export/csv/", headers={"accept-encoding": "gzip, br"})

    assert compressed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in compressed["Vary"]
    assert gzip.decompress(compressed.getvalue()) == plain.getvalue()


def test_the_excel_file_has_the_same_content_as_the_csv_file(as_chair, ada):
    as_csv = _csv(as_chair.post(f"{LIST}export/csv/"))
    headings, row = read_xlsx(as_chair)

    full = {name: text for name, text in as_csv[0].items() if text}
    assert headings == list(as_csv[0])
    assert [text for text in row if text] == list(full.values())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_reviewer_exports_neither_addresses_nor_needs(as_reviewer, reviewer, ada, kind):
    make_reviewer(ada.edition, reviewer)

    if kind == "csv":
        (row,) = _csv(as_reviewer.post(f"{LIST}export/csv/"))
        headings, cells = list(row), list(row.values())
    else:
        headings, cells = read_xlsx(as_reviewer)
    private = {"Email address", "Can attend", "Technical needs", "Access needs", "Diet"}
    assert set(headings) & {*private, "Consents", "Answers at acceptance"} == set()
    text = "\n".join(cells)
    hidden = ["ada.secret", "a ramp", "sound", "no nuts", "photographed", "by the window"]
    assert [value for value in hidden if value in text] == []
    assert "Graphs, “by hand”" in text


def test_hidden_columns_are_not_queried(ada):
    permissions = permissions_for(make_reviewer(ada.edition))
    assert permissions

    with CaptureQueriesContext(connection) as queries:
        list(export_rows(Expression.objects.all(), permissions))

    sql = "\n".join(query["sql"] for query in queries.captured_queries)
    hidden = ('expression"."email', "access_needs", "diet", "technical_needs", "interest_consent")
    assert [column for column in hidden if column in sql] == []


def test_only_chairs_and_reviewers_export_and_only_by_post(
    client, as_stranger, as_editor, as_helpdesk, as_chair, ada
):
    for kind in ("csv", "xlsx"):
        path = f"{LIST}export/{kind}/"
        cast = (client, as_stranger, as_editor, as_helpdesk)
        assert [who.post(path).status_code for who in cast] == [302, 302, 403, 403]
        assert as_chair.get(path).status_code == 405
    assert as_chair.post(f"{LIST}export/pdf/").status_code == 404
    assert LogEntry.objects.count() == 0


def test_the_filtered_list_is_exported_without_rehearsals_and_logged(as_chair, chair, ada):
    make_expression(ada.edition, name="Bo", university="Elsewhere")
    make_expression(ada.edition, name="Rehearsal", is_test=True)
    make_expression(make_edition(), name="Di")
    edition_filter = f"edition__id__exact={ada.edition_id}"

    names = [
        [row["Name"] for row in _csv(as_chair.post(f"{LIST}export/csv/?{query}"))]
        for query in (f"{edition_filter}&o=2", "q=ada&state__exact=confirmed", "is_test__exact=1")
    ]

    assert names == [["Ada Example", "Bo"], ["Ada Example"], []]
    entries = LogEntry.objects.order_by("pk").values_list("user", "object_repr", "change_message")
    assert list(entries) == [
        (chair.pk, "2 entries exported as CSV", f"Filter: {edition_filter}"),
        (chair.pk, "1 entries exported as CSV", "Filter: state__exact=confirmed, a search"),
        (
            chair.pk,
            "0 entries exported as CSV",
            f"Filter: is_test__exact=1, {edition_filter}",
        ),
    ]


def test_an_invalid_filter_exports_nothing(as_chair, ada):
    response = as_chair.post(f"{LIST}export/csv/?is_late__exact=perhaps", follow=True)

    assert "This filter does not exist" in response.content.decode()
    assert LogEntry.objects.count() == 0


FORMULAS = [
    *('=HYPERLINK("https://bad.example","x")', "+1+1", "-2+3", "@SUM(1)"),
    *("\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "＝1+1"),
]


def test_a_title_that_looks_like_rich_text_leaves_the_workbook_readable(as_chair):
    make_expression(make_current_edition(), title="<r>a & b</r>")

    _, row = read_xlsx(as_chair)

    assert "'<r>a & b</r>" in row


def test_formulas_are_exported_as_text(as_chair):
    edition = make_current_edition()
    for text in ["harmless", *FORMULAS]:
        topic = make_topic(edition, heading=text[:50])
        expression = make_expression(edition, topics=[topic], coauthors=[(text, "")])
        Expression.objects.filter(pk=expression.pk).update(
            name=text, title=text, university=text, abstract=text
        )

    rows = _csv(as_chair.post(f"{LIST}export/csv/"))
    _, *excel_rows = read_xlsx(as_chair)

    safe = sorted(["harmless", *[f"'{formula}" for formula in FORMULAS]])
    for name in ["Name", "University", "Title", "Abstract", "Topics", "Co-authors"]:
        assert sorted(row[name] for row in rows) == safe
    cells = [cell for row in excel_rows for cell in row]
    as_excel = [text.replace("\r", "_x000D_") for text in safe]
    assert [cells.count(text) for text in as_excel] == [6] * len(safe)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("", ""),
        ("Plain words", "Plain words"),
        ("a = b", "a = b"),
        ("Two\nlines", "Two\nlines"),
        ("bell\x07 and \ufffe", "bell and "),
        ("'quoted'", "'quoted'"),
        ("\x00=1+1", "'=1+1"),
    ],
)
def test_only_formulas_and_control_characters_are_changed(text, safe):
    assert defuse(text) == safe


def test_an_export_costs_the_same_queries_with_one_row_and_with_three(chair_permissions):
    edition = make_current_edition()
    question = make_question(edition)

    def cost_of_one_more() -> int:
        make_expression(
            edition,
            topics=[make_topic(edition), make_topic(edition)],
            coauthors=[("Bo", ""), ("Cy", "")],
            answers={question: "yes"},
        )
        return count_queries(lambda: list(export_rows(Expression.objects.all(), chair_permissions)))

    costs = [cost_of_one_more() for _ in range(3)]

    assert costs[0] == costs[2] <= 8


def test_rows_keep_the_order_of_the_list_without_those_erased_meanwhile(chair_permissions):
    edition = make_current_edition()
    make_many_expressions(edition, 1100, topics=[make_topic(edition)], decider=make_user("Chair"))
    expressions = Expression.objects.exclude_tests().order_by("reference")
    references = [expression.display_reference for expression in expressions]

    rows = export_rows(expressions, chair_permissions)
    exported = [next(rows)[0], next(rows)[0]]
    expressions.reverse()[0].delete()
    exported += [row[0] for row in rows]

    assert exported == ["Reference", *references[:-1]]


def test_long_texts_are_cut_to_the_limit_of_an_excel_cell(as_chair):
    expression = make_expression(make_current_edition())
    Expression.objects.filter(pk=expression.pk).update(abstract="𝒳" * 20_000)

    _, row = read_xlsx(as_chair)

    (abstract,) = [cell for cell in row if "𝒳" in cell]
    assert len(abstract.encode("utf-16-le")) / 2 <= 32_767
    assert abstract.endswith("𝒳…")
