"""Import of a spreadsheet: columns, answers, preview, import, and taking it back."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.addresses import EMAIL_FORM
from apps.core.periodic_tasks import periodic_tasks
from apps.imports.models import Sheet, SheetEntry, SheetMemory
from apps.imports.sheets.services import delete_expired_sheets
from apps.interest.models import Event, Expression
from apps.interest.services import correct_expression, move, resend_link
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from apps.privacy.models import Erasure
from apps.review.models import Review
from tests.factories import make_call, make_edition, make_expression, make_question, make_topic
from tests.imports.sheets import (
    GOOGLE,
    SHEETS,
    address,
    bring_in,
    choose_answers,
    choose_columns,
    confirm,
    csv_bytes,
    google_file,
    google_row,
    microsoft_file,
    microsoft_row,
    preview,
    upload,
    xlsx,
)

pytestmark = pytest.mark.django_db
HEADINGS = ["Name", "Email", "Title", "Format"]


@pytest.fixture
def edition():
    edition = make_edition(slug="2026", time_zone="Europe/London", is_current=True)
    make_call(edition, opens_on="2026-01-01", closes_on="2026-06-01")
    make_topic(edition, heading="Small models")
    make_topic(edition, heading="Pruning, quantisation and distillation")
    return edition


def counts(response) -> dict[str, int]:
    return {key: number for key, _, number in response.context["tabs"]}


def faults(response) -> dict[int, list[str]]:
    return {row.number: row.faults for row in response.context["page"]}


# Two kinds of export


def test_an_export_of_microsoft_forms_becomes_expressions_with_their_times(
    as_chair, chair, edition
):
    sheet = bring_in(as_chair, edition, microsoft_file(microsoft_row(1), microsoft_row(2)))
    preview(as_chair, sheet)
    before = (Expression.objects.count(), Event.objects.count(), LogEntry.objects.count())

    response = confirm(as_chair, sheet)

    assert before == (0, 0, 0)
    assert response["Location"] == address(sheet)
    first, second = Expression.objects.order_by("submitted_at")
    assert (first.name, first.email, first.university) == (
        *("Sam Student 1", "student1@example.net", "University of Examples"),
    )
    assert (first.title, first.abstract) == ("Work number 1", "We make it small.")
    assert (first.wants_talk, first.wants_poster, first.preference) == (True, True, "either")
    assert first.submitted_at == datetime(2026, 3, 1, 10, 3, 3, tzinfo=UTC)
    assert first.changed_at == first.submitted_at
    assert second.submitted_at == first.submitted_at + timedelta(minutes=1)
    assert (first.state, first.is_late, first.is_test) == ("submitted", False, False)
    assert [topic.heading for topic in first.topics.all()] == ["Small models"]
    assert [str(author) for author in first.coauthors.all()] == [
        "Bo Helper (Institute of Help)",
        "Cy Other",
    ]
    event = first.events.get()
    assert (event.what, event.to_state, event.by) == ("Imported from a sheet", "submitted", chair)
    assert Letter.objects.count() == 0
    assert [entry.object_repr for entry in LogEntry.objects.all()] == [
        f"2 expressions imported from spreadsheet {Sheet.objects.get().pk}"
    ]


def test_an_export_of_google_forms_becomes_expressions_with_their_times(as_chair, edition):
    confirm(as_chair, bring_in(as_chair, edition, google_file(), "answers.csv"))

    expression = Expression.objects.get()
    assert (expression.name, expression.formats) == ("Sam Student 1", "Lightning talk or poster")
    assert expression.submitted_at == datetime(2026, 3, 1, 9, 2, 3, tzinfo=UTC)
    assert [topic.heading for topic in expression.topics.all()] == [
        "Small models",
        "Pruning, quantisation and distillation",
    ]


def test_our_own_export_can_be_imported(as_chair, edition):
    make_expression(
        edition,
        name="Zoë Ünal",
        title="=Smaller",
        abstract="Two\n\nparagraphs.",
        wants_poster=True,
        preference="poster",
        career_stage="phd",
        supervisor="Prof. Example",
        topics=list(edition.topics.all()),
        coauthors=[("Bo Helper", "Institute, of Help"), ("Cy Other", "")],
    )
    export = f"/admin/interest/expression/export/csv/?edition__id__exact={edition.pk}"
    file = b"".join(as_chair.post(export))
    next_year = make_edition()
    for topic in edition.topics.all():
        make_topic(next_year, heading=topic.heading)

    confirm(as_chair, bring_in(as_chair, next_year, file, "expressions.csv"))

    before, after = (Expression.objects.get(edition=each) for each in (edition, next_year))
    same = ("name", "email", "university", "formats", "preference", "abstract", "career_stage")
    for name in (*same, "supervisor"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.title == "'=Smaller"  # no formula in a spreadsheet
    assert after.submitted_at == before.submitted_at.replace(microsecond=0)
    for related in ("topics", "coauthors"):
        both = [[str(row) for row in getattr(each, related).all()] for each in (before, after)]
        assert both[0] == both[1]


# Columns and answers


def test_the_targets_of_columns_are_remembered(as_chair, edition):
    headings = ["Who", "Reach me at", "Headline", "Kind"]
    row = ["Ada", "ada@example.org", "Smaller", "poster"]
    chosen = {"column_0": "name", "column_1": "email", "column_2": "title", "column_3": "formats"}
    bring_in(as_chair, edition, xlsx(headings, row), **chosen)

    upload(as_chair, make_edition(), xlsx([heading.upper() for heading in headings], row))
    form = as_chair.get(address(Sheet.objects.latest("pk"), "columns")).context["form"]

    assert [form[f"column_{n}"].value() for n in range(4)] == list(chosen.values())


def test_a_guess_that_nobody_changed_is_not_remembered(as_chair, edition):
    anonymous = microsoft_row(1)
    signed_in = [*microsoft_row(2)]
    signed_in[3:5] = ["ada@account.example.org", "Ada Account"]
    bring_in(as_chair, edition, microsoft_file(anonymous))

    sheet = bring_in(as_chair, edition, microsoft_file(signed_in, anonymous))
    form = as_chair.get(address(sheet, "columns")).context["form"]

    assert SheetMemory.objects.count() == 0
    assert [form[f"column_{number}"].value() for number in (3, 4)] == ["email", "name"]


def test_a_choice_that_is_taken_back_is_forgotten(as_chair, edition):
    data = xlsx([*HEADINGS, "Headline"], ["Ada", "ada@example.org", "Smaller", "poster", "Larger"])
    bring_in(as_chair, edition, data, column_2="", column_4="title")
    assert SheetMemory.objects.count() == 2

    sheet = bring_in(as_chair, edition, data, column_2="title", column_4="")

    assert SheetMemory.objects.count() == 0
    confirm(as_chair, sheet)
    assert Expression.objects.get().title == "Smaller"


def test_an_address_asked_for_is_taken_before_that_of_the_account_in_each_row(as_chair, edition):
    rows = [[*microsoft_row(number)] for number in range(1, 5)]
    rows[0][3:5] = ["ada@account.example.org", "Ada Account"]  # signed in, and answered otherwise
    rows[1][3:5] = ["bo@account.example.org", "Bo Account"]  # signed in, and left both empty
    rows[1][6:8] = ["", ""]
    rows[3][7] = ""  # not signed in, and gave no address

    sheet = bring_in(as_chair, edition, microsoft_file(*rows))
    response = preview(as_chair, sheet)
    confirm(as_chair, sheet)

    assert faults(response) == {5: ["Email address: This is missing."]}
    people = Expression.objects.order_by("submitted_at").values_list("name", "email")
    assert [*people] == [
        ("Sam Student 1", "student1@example.net"),
        ("Bo Account", "bo@account.example.org"),
        ("Sam Student 3", "student3@example.net"),
    ]


def test_a_second_address_that_is_not_the_account_s_is_refused(as_chair, edition):
    headings = ["Email", *HEADINGS[1:], "Supervisor's email", "Name"]
    row = ["ada@example.org", "b@example.org", "Smaller", "poster", "c@example.org", "Ada"]
    upload(as_chair, edition, xlsx(headings, row))

    response = choose_columns(as_chair, Sheet.objects.get(), column_4="email")

    assert response.status_code == 200
    assert "is “Email address” already" in html.unescape(response.content.decode())


def test_a_column_is_remembered_as_the_same_question_of_another_edition(as_chair, edition):
    next_year = make_edition()
    asked = [make_question(each, label="Have you a poster tube?") for each in (edition, next_year)]
    data = xlsx([*HEADINGS, "Tube"], ["Ada", "ada@example.org", "Smaller", "poster", "Yes, red"])
    sheet = bring_in(as_chair, edition, data, column_4=f"question_{asked[0].pk}")
    confirm(as_chair, sheet)

    upload(as_chair, next_year, data)
    form = as_chair.get(address(Sheet.objects.latest("pk"), "columns")).context["form"]

    assert [answer.text for answer in Expression.objects.get().answers.all()] == ["Yes, red"]
    assert form["column_4"].value() == f"question_{asked[1].pk}"


def test_unknown_answers_are_asked_about_once(as_chair, edition):
    question = make_question(edition, label="Lunch?", kind="choice", choices="Meat\nPlants")
    data = xlsx(
        [*HEADINGS, "Topics", "Career stage", "Lunch?"],
        ["Ada", "ada@example.org", "One", "Oral", "Efficiency; Small Models", "Doctoral", "vegan"],
        ["Bo", "bo@example.org", "Two", "oral", "efficiency", "phd student", "Meat"],
    )
    sheet = bring_in(as_chair, edition, data)
    form = as_chair.get(address(sheet, "answers")).context["form"]
    asked = {
        group["label"]: [(line["text"], line["times"]) for line in group["lines"]]
        for group in form.groups()
    }

    refused = as_chair.post(address(sheet, "answers"), {})
    chosen = {
        "formats-0": "talk",
        "topics-0": str(edition.topics.all()[0].pk),
        "career_stage-0": "phd",
    }
    done = choose_answers(as_chair, sheet, **chosen, **{f"question_{question.pk}-0": "Plants"})
    confirm(as_chair, sheet)
    again = bring_in(as_chair, edition, data, takes_duplicates="on")

    assert asked == {
        "Lightning talk or poster": [("Oral", 2)],
        "Career stage": [("Doctoral", 1)],
        "Topics": [("Efficiency", 2)],
        "Lunch?": [("vegan", 1)],
    }
    assert "Say what “Oral” stands for, or leave it out." in refused.content.decode()
    assert done["Location"] == address(sheet)
    ada, bo = Expression.objects.order_by("name")
    assert (ada.formats, ada.career_stage, bo.career_stage) == ("Lightning talk", "phd", "phd")
    assert [topic.heading for topic in ada.topics.all()] == ["Small models"]
    assert [answer.text for answer in ada.answers.all()] == ["Plants"]
    assert counts(preview(as_chair, again))["new"] == 2, "remembered, so not asked again"


def test_a_topic_that_nobody_chose_to_leave_out_is_not_remembered(as_chair, edition):
    topic = edition.topics.all()[0]
    rows = ["Ada", "ada@example.org", "One", "poster", "Efficiency"]
    data = xlsx([*HEADINGS, "Topics"], rows)
    sheet = bring_in(as_chair, edition, data)

    for _ in range(2):  # the second time, the stored choice is sent back unchanged
        choose_answers(as_chair, sheet)
    as_guessed = SheetMemory.objects.count()
    choose_answers(as_chair, sheet, **{"topics-0": str(topic.pk)})
    as_chosen = [row.stands_for for row in SheetMemory.objects.all()]
    choose_answers(as_chair, sheet, **{"topics-0": "-"})

    assert as_guessed == 0
    assert as_chosen == [str(topic)]
    assert [row.stands_for for row in SheetMemory.objects.all()] == [""], "a correction"


def test_choices_about_answers_can_be_corrected_before_the_import(as_chair, edition):
    data = xlsx(HEADINGS, ["Ada", "ada@example.org", "One", "I am Xylophone"])
    sheet = bring_in(as_chair, edition, data)
    choose_answers(as_chair, sheet, **{"formats-0": "-"})
    wrong = counts(preview(as_chair, sheet))["wrong"]

    choose_answers(as_chair, sheet, **{"formats-0": "poster"})
    confirm(as_chair, sheet)

    assert wrong == 1
    assert Expression.objects.get().formats == "Poster"
    assert "xylophone" not in str(list(SheetMemory.objects.values())).casefold(), "hashes alone"


def test_a_column_of_free_text_is_refused_as_one_of_choices(as_chair, edition):
    rows = [[f"N{n}", f"n{n}@example.org", f"T{n}", f"my own way {n}"] for n in range(120)]
    upload(as_chair, edition, xlsx(HEADINGS, *rows))

    page = choose_columns(as_chair, Sheet.objects.get()).content.decode()

    assert "This column holds 120 different answers, too many to be" in page


def test_faults_on_the_page_of_columns_are_shown_there(as_chair, edition):
    upload(as_chair, edition, microsoft_file())
    sheet = Sheet.objects.get()
    wrong = {"column_6": "", "column_7": "title", "column_9": "", "column_8": "nonsense"}

    page = choose_columns(as_chair, sheet, **wrong, zone="Nowhere/Land").content.decode()

    for message in (
        "Choose the column for this: Full name.",
        "Choose the column for this: Email address.",
        "Column H is “Title” already. Choose another answer here.",
        "Choose the column with the format, or one format for all rows.",
        "Choose one of the answers shown.",
        "Choose a time zone.",
        "<title>Error: ",
    ):
        assert message in page, message
    sheet.refresh_from_db()
    assert sheet.choices == {}


def test_the_format_can_be_chosen_for_all_rows(as_chair, edition):
    data = xlsx(HEADINGS[:3], ["Ada", "ada@example.org", "Smaller"])

    confirm(as_chair, bring_in(as_chair, edition, data, formats="poster"))

    expression = Expression.objects.get()
    assert (expression.formats, expression.preference) == ("Poster", "")


# Rows


def test_each_wrong_row_is_shown_with_its_number_and_reason(as_chair, edition):
    data = microsoft_file(
        microsoft_row(1),
        microsoft_row(2, email="nobody at home"),
        microsoft_row(3, title=""),
        microsoft_row(4, title="T" * 201, name=""),
        microsoft_row(5, coauthors="; ".join(f"A{n}" for n in range(12))),
        microsoft_row(6, sent="the 13th of May"),
        microsoft_row(7, sent=datetime(2099, 1, 1)),
        microsoft_row(8, abstract="x" * 20_001),
        microsoft_row(9, formats=""),
        microsoft_row(10, coauthors="," * 10_001),
    )
    sheet = bring_in(as_chair, edition, data)
    response = preview(as_chair, sheet)

    confirm(as_chair, sheet)

    assert faults(response) == {
        3: [f"Email address “nobody at home”: {EMAIL_FORM}"],
        4: ["Title: This is missing."],
        5: [
            "Full name: This is missing.",
            f"Title “{'T' * 59}…”: This has 201 characters; the limit is 200.",
        ],
        6: [
            "Co-authors “A0; A1; A2; A3; A4; A5; A6; A7; A8; A9; A10; A11”: "
            "These are 12 people; the limit is 10."
        ],
        7: ["When it was sent “the 13th of May”: This is not a date and time."],
        8: ["When it was sent “2099-01-01 00:00:00”: This is in the future."],
        9: [f"Abstract “{'x' * 59}…”: This has 20001 characters; the limit is 20000."],
        10: ["Lightning talk or poster: This is missing."],
        11: [f"Co-authors “{',' * 59}…”: This has 10001 characters; the limit is 10000."],
    }
    assert counts(response) == {"new": 1, "wrong": 9, "duplicates": 0, "noted": 0}
    assert [entry.row for entry in SheetEntry.objects.all()] == [2]


@pytest.mark.parametrize("error", ["#REF!", "#NAME?", "#N/A", "#BEZUG!", "Err:502"])
def test_an_error_in_a_cell_is_a_fault_of_its_row(as_chair, edition, error):
    data = microsoft_file(
        microsoft_row(1, title=error),
        microsoft_row(2, topics=error),
        microsoft_row(3, formats=f"{error}"),
        microsoft_row(4, title=f"How we mended {error}"),
        [error, *microsoft_row(5)[1:]],  # in a column that is left out
    )

    sheet = bring_in(as_chair, edition, data)
    response = preview(as_chair, sheet)

    message = "The spreadsheet shows an error here. Correct the cell, then upload the file again."
    assert faults(response) == {
        2: [f"Title “{error}”: {message}"],
        3: [f"Topics “{error}”: {message}"],
        4: [f"Lightning talk or poster “{error}”: {message}"],
    }
    assert counts(response)["new"] == 2


def test_a_row_that_another_form_accepted_is_imported_whole_with_a_note(as_chair, edition):
    abstract = "word " * 300
    data = microsoft_file(microsoft_row(1, abstract=abstract, sent="", university=""))
    sheet = bring_in(as_chair, edition, data)
    (row,) = preview(as_chair, sheet, "noted").context["page"]

    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC), tick=False):
        confirm(as_chair, sheet)

    assert row.notes == [
        "The abstract has 300 words, the call asks for 250: it is imported whole.",
        "The time of submission is missing. The time of the import is used.",
    ]
    expression = Expression.objects.get()
    assert (expression.abstract, expression.university) == (abstract.strip(), "")
    assert expression.submitted_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert not expression.is_late


def test_an_invalid_link_is_left_out_with_a_note(as_chair, edition):
    headings = [*HEADINGS, "Website", "Supervisor", "Lab"]
    one = ["Ada", "ada@example.org", "One", "talk", "n/a", "Prof. Example", "Lab of Examples"]
    two = ["Bo", "bo@example.org", "Two", "talk", "bo.example.org", "", ""]
    sheet = bring_in(as_chair, edition, xlsx(headings, one, two))
    noted = preview(as_chair, sheet, "noted").context["page"]
    confirm(as_chair, sheet)

    ada, bo = Expression.objects.order_by("name")
    assert noted[0].notes[0] == "Link “n/a”: This is not a web address, so it is left out."
    assert (ada.link, ada.supervisor, ada.school) == ("", "Prof. Example", "Lab of Examples")
    assert bo.link == "https://bo.example.org"


def test_rows_sent_after_the_call_had_closed_are_late(as_chair, edition):
    sent = [datetime(2026, 6, 1, 23, 58), datetime(2026, 6, 2, 0, 0)]
    rows = [microsoft_row(n, sent=moment) for n, moment in enumerate(sent)]

    confirm(as_chair, bring_in(as_chair, edition, microsoft_file(*rows)))

    assert [each.is_late for each in Expression.objects.order_by("submitted_at")] == [False, True]


# Dates


def dated(*sent: str) -> bytes:
    rows = [google_row(number, sent=each) for number, each in enumerate(sent)]
    return csv_bytes(GOOGLE, *rows)


def test_times_are_in_the_chosen_time_zone(as_chair, edition):
    rows = microsoft_file(microsoft_row(1, sent=datetime(2026, 7, 1, 10, 0)))

    confirm(as_chair, bring_in(as_chair, edition, rows, zone="America/New_York"))

    assert Expression.objects.get().submitted_at == datetime(2026, 7, 1, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "month"),
    [(["05/03/2026 10:00", "13/03/2026 10:00"], 3), (["05/03/2026", "05/13/2026"], 5)],
)
def test_the_dates_of_a_file_tell_their_own_order(as_chair, edition, sent, month):
    confirm(as_chair, bring_in(as_chair, edition, dated(*sent), "answers.csv"))

    assert {each.submitted_at.month for each in Expression.objects.all()} == {month}


@pytest.mark.parametrize(("order", "month"), [("day", 3), ("month", 5)])
def test_ambiguous_dates_are_asked_about(as_chair, edition, order, month):
    upload(as_chair, edition, dated("05/03/2026 10:00"), "answers.csv")
    sheet = Sheet.objects.get()

    asked = choose_columns(as_chair, sheet).content.decode()
    choose_columns(as_chair, sheet, order=order)
    confirm(as_chair, sheet)

    assert "Choose whether the day or the month comes first in 05/03/2026 10:00." in asked
    assert Expression.objects.get().submitted_at.month == month


def test_contradictory_dates_are_asked_about_and_named(as_chair, edition):
    data = dated("13/05/2026", "05/14/2026")
    sheet = bring_in(as_chair, edition, data, "answers.csv", order="day")

    assert faults(preview(as_chair, sheet)) == {
        3: ["When it was sent “05/14/2026”: This is not a date and time."]
    }


# Duplicates


def test_of_two_rows_with_one_address_and_title_the_later_is_new(as_chair, edition):
    data = microsoft_file(
        microsoft_row(1, abstract="First."),
        microsoft_row(2, email="STUDENT1@example.net", title=" work  number 1", abstract="Second."),
    )
    sheet = bring_in(as_chair, edition, data)
    (row,) = preview(as_chair, sheet, "duplicates").context["page"]

    confirm(as_chair, sheet)

    assert (row.number, row.same_as) == (2, "row 3, which was sent later")
    assert Expression.objects.get().abstract == "Second."


def test_existing_expressions_are_left_out_unless_duplicates_are_wanted(as_chair, edition):
    existing = make_expression(edition, email="Student1@example.net", title="WORK number 1")
    make_expression(edition, email="student2@example.net", title="Work number 2", is_test=True)
    sheet = bring_in(as_chair, edition, microsoft_file(microsoft_row(1), microsoft_row(2)))
    response = preview(as_chair, sheet, "duplicates")
    (row,) = response.context["page"]

    choose_columns(as_chair, sheet, takes_duplicates="on")

    assert (row.number, row.same_as) == (2, f"{existing.display_reference}, which exists already")
    assert counts(response) == {"new": 1, "wrong": 0, "duplicates": 1, "noted": 0}
    assert counts(preview(as_chair, sheet))["new"] == 2


def test_the_same_file_again_has_nothing_to_import(as_chair, edition):
    confirm(as_chair, bring_in(as_chair, edition, microsoft_file()))
    again = bring_in(as_chair, edition, microsoft_file())

    page = preview(as_chair, again)
    confirm(as_chair, again)

    assert counts(page) == {"new": 0, "wrong": 0, "duplicates": 1, "noted": 0}
    assert "There is nothing to import." in page.content.decode()
    again.refresh_from_db()
    assert not again.is_imported


# The import


def test_a_second_press_imports_nothing_twice(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    token = preview(as_chair, sheet).context["token"]
    confirm(as_chair, sheet)

    second = as_chair.post(address(sheet, "import"), {"token": token}, follow=True)
    discarded = as_chair.post(address(sheet, "discard"), follow=True)

    assert Expression.objects.count() == 1
    assert "This spreadsheet was imported already. Nothing was imported twice." in (
        second.content.decode()
    )
    assert "It has been imported" in discarded.content.decode()
    assert Sheet.objects.count() == 1


def test_an_expression_submitted_meanwhile_stops_the_import(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file(microsoft_row(1), microsoft_row(2)))
    token = preview(as_chair, sheet).context["token"]
    make_expression(edition, email="student1@example.net", title="Work number 1")

    response = as_chair.post(address(sheet, "import"), {"token": token}, follow=True)

    assert "Nothing was imported, because something changed meanwhile." in response.content.decode()
    assert counts(response)["new"] == 1
    assert Expression.objects.count() == 1


def test_a_change_of_the_edition_s_form_stops_the_import(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    token = preview(as_chair, sheet).context["token"]
    edition.topics.all().delete()

    response = as_chair.post(address(sheet, "import"), {"token": token}, follow=True)

    assert Expression.objects.count() == 0
    assert response.redirect_chain[-1] == (address(sheet, "columns"), 302)
    assert "The form of the edition has changed since." in html.unescape(response.content.decode())


def test_a_discarded_sheet_cannot_be_imported(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    as_chair.post(address(sheet, "discard"))

    assert as_chair.post(address(sheet, "import")).status_code == 404
    assert (Sheet.objects.count(), Expression.objects.count()) == (0, 0)


def test_the_import_deletes_the_contents_of_the_file(as_chair, chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file(), "Expressions 2026.xlsx")

    confirm(as_chair, sheet)

    sheet.refresh_from_db()
    assert (sheet.contents, sheet.choices) == ({}, {})
    assert (sheet.file_name, sheet.imported_by, sheet.imported_count) == (
        *("Expressions 2026.xlsx", chair, 1),
    )


def test_sheets_that_are_not_imported_are_deleted_after_a_day(as_chair, edition):
    confirm(as_chair, bring_in(as_chair, edition, microsoft_file()))
    bring_in(as_chair, edition, microsoft_file(microsoft_row(2)))

    young = delete_expired_sheets()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        old = delete_expired_sheets()

    assert (young, old) == (0, 1)
    assert [sheet.is_imported for sheet in Sheet.objects.all()] == [True]
    assert "expired spreadsheets" in {task.name for task in periodic_tasks()}


# Taking it back


def test_untouched_expressions_are_taken_back_and_the_others_stay(as_chair, chair, edition):
    data = microsoft_file(*[microsoft_row(number) for number in range(6)])
    sheet = bring_in(as_chair, edition, data)
    confirm(as_chair, sheet)
    moved, corrected, reviewed, written_to, *_ = Expression.objects.order_by("submitted_at")
    move(expression=moved, action=Action.BEGIN_REVIEW, actor=Actor.CHAIR, by=chair)
    correct_expression(
        expression=corrected,
        version=1,
        fields={"title": "Better"},
        topics=[],
        coauthors=[],
        answers={},
    )
    Review.objects.create(expression=reviewed, reviewer=chair, score=4)
    resend_link(expression=written_to, by=chair)
    own = make_expression(edition)

    asked = as_chair.get(address(sheet, "take-back"))
    as_chair.post(address(sheet, "take-back"), {"count": asked.context["count"]})

    assert asked.context["count"] == 2
    assert set(Expression.objects.all()) == {moved, corrected, reviewed, written_to, own}
    assert Sheet.objects.get().imported_count == 6
    assert LogEntry.objects.latest("pk").object_repr == f"2 expressions of spreadsheet {sheet.pk}"
    assert Erasure.objects.count() == asked.context["count"]  # for a restore


def test_taking_back_another_number_than_shown_is_refused(as_chair, chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file(microsoft_row(1), microsoft_row(2)))
    confirm(as_chair, sheet)
    first = Expression.objects.all()[0]
    move(expression=first, action=Action.BEGIN_REVIEW, actor=Actor.CHAIR, by=chair)

    for count in ("2", "", "²", "9" * 50):
        response = as_chair.post(address(sheet, "take-back"), {"count": count}, follow=True)

        assert (
            "Nothing was erased, because the entries changed meanwhile. Check them again."
            in response.content.decode()
        )
    assert Expression.objects.count() == 2


def test_a_second_press_takes_back_nothing(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    confirm(as_chair, sheet)

    as_chair.post(address(sheet, "take-back"), {"count": "1"})
    again = as_chair.post(address(sheet, "take-back"), {"count": "1"}, follow=True)

    assert "No entry of this import can be erased." in again.content.decode()
    assert Expression.objects.count() == 0


# Permissions and cost


def test_only_chairs_import(
    client, as_stranger, as_reviewer, as_helpdesk, as_editor, as_chair, edition
):
    sheet = bring_in(as_chair, edition, microsoft_file())
    token = preview(as_chair, sheet).context["token"]
    pages = [SHEETS, f"{SHEETS}add/"]
    pages += [
        address(sheet, page) for page in ("change", "columns", "answers", "take-back", "history")
    ]
    actions = [
        address(sheet, page) for page in ("import", "discard", "take-back", "columns", "answers")
    ]
    expressions = "/admin/interest/expression/"

    for who, status in (
        (client, 302),
        (as_stranger, 302),
        (as_reviewer, 403),
        (as_helpdesk, 403),
        (as_editor, 403),
    ):
        assert {who.get(path).status_code for path in pages} == {status}
        assert {who.post(path, {"token": token}).status_code for path in actions} == {status}
        assert upload(who, edition, microsoft_file()).status_code == status
        assert "Import a spreadsheet" not in who.get(expressions).content.decode()

    assert (Sheet.objects.count(), Expression.objects.count()) == (1, 0)
    assert "Import a spreadsheet" in as_chair.get(expressions).content.decode()
    page = as_chair.get(f"/admin/editions/edition/{edition.pk}/call/").content.decode()
    assert f"{SHEETS}add/?edition={edition.pk}" in page


def test_a_get_neither_imports_nor_writes_anything(as_chair, edition):
    upload(as_chair, edition, microsoft_file())
    sheet = Sheet.objects.get()

    for page in ("columns", "answers", "change", "take-back", "history"):
        as_chair.get(address(sheet, page), follow=True)
    statuses = {as_chair.get(address(sheet, page)).status_code for page in ("import", "discard")}

    assert statuses == {405}
    sheet.refresh_from_db()
    assert (sheet.choices, SheetMemory.objects.count()) == ({}, 0)


def test_the_upload_begins_with_the_edition_whose_page_leads_to_it(as_chair, edition):
    other = make_edition()

    for asked, initial in (
        (other.pk, other.pk),
        ("", edition.pk),
        ("x", edition.pk),
        (0, edition.pk),
    ):
        form = as_chair.get(f"{SHEETS}add/?edition={asked}").context["form"]

        assert form["edition"].value() == initial


def test_the_pages_cost_the_same_number_of_queries_with_one_row_and_with_three(as_chair, edition):
    def queries_of(path: str, data: dict | None = None) -> int:
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connection) as queries:
            as_chair.get(path) if data is None else as_chair.post(path, data)
        return len(queries)

    def query_counts(rows: int) -> list[int]:
        # Unknown formats, so that there is a page of answers.
        numbers = range(10 * rows, 11 * rows)
        data = microsoft_file(*[microsoft_row(n, formats=f"Oral {rows}") for n in numbers])
        sheet = bring_in(as_chair, edition, data)
        found = [queries_of(address(sheet, page)) for page in ("columns", "answers")]
        choose_answers(as_chair, sheet, **{"formats-0": "talk"})
        found.append(queries_of(address(sheet)))
        token = preview(as_chair, sheet).context["token"]
        found.append(queries_of(address(sheet, "import"), {"token": token}))
        preview(as_chair, sheet)  # shows the message of the import
        return [*found, queries_of(address(sheet)), queries_of(SHEETS)]

    one, three = query_counts(1), query_counts(3)

    assert one == three
    assert max(one[:3] + one[4:]) <= 12
    assert one[3] <= 32
