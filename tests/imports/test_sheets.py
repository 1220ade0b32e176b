"""A spreadsheet on its way in: columns, words, preview, import, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.periodic_tasks import periodic_tasks
from apps.imports.models import Sheet, SheetEntry, SheetMemory
from apps.imports.sheets.services import delete_expired_sheets
from apps.interest.models import Event, Expression
from apps.interest.services import correct_expression, move, resend_link
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from apps.review.models import Review
from tests.factories import make_call, make_edition, make_expression, make_question, make_topic
from tests.imports.sheets import (
    GOOGLE,
    bring_in,
    confirm,
    csv_bytes,
    google_file,
    google_row,
    microsoft_file,
    microsoft_row,
    say_answers,
    say_columns,
    upload,
    xlsx,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    edition = make_edition(slug="2026", time_zone="Europe/London", is_current=True)
    make_call(edition, opens_on="2026-01-01", closes_on="2026-06-01")
    make_topic(edition, heading="Small models")
    make_topic(edition, heading="Pruning, quantisation and distillation")
    return edition


def _preview(client, sheet):
    return client.get(f"/admin/imports/sheet/{sheet.pk}/change/")


def _counts(response) -> dict[str, int]:
    return {key: number for key, _, number in response.context["tabs"]}


def test_an_export_of_microsoft_forms_becomes_expressions_with_their_times(
    as_chair, chair, edition
):
    sheet = bring_in(as_chair, edition, microsoft_file(microsoft_row(1), microsoft_row(2)))

    response = confirm(as_chair, sheet)

    assert response["Location"] == f"/admin/imports/sheet/{sheet.pk}/change/"
    first, second = Expression.objects.order_by("submitted_at")
    assert (first.name, first.email, first.university) == (
        "Sam Student 1",
        "student1@example.net",
        "University of Examples",
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


def test_an_export_of_google_forms_becomes_expressions_with_their_times(as_chair, edition):
    sheet = bring_in(as_chair, edition, google_file(), "answers.csv")

    confirm(as_chair, sheet)

    expression = Expression.objects.get()
    assert (expression.name, expression.formats) == ("Sam Student 1", "Lightning talk or poster")
    assert expression.submitted_at == datetime(2026, 3, 1, 9, 2, 3, tzinfo=UTC)
    assert [topic.heading for topic in expression.topics.all()] == [
        "Small models",
        "Pruning, quantisation and distillation",
    ]


def test_nothing_is_written_before_it_is_confirmed_and_nobody_is_written_to(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    _preview(as_chair, sheet)

    before = (Expression.objects.count(), Event.objects.count(), LogEntry.objects.count())
    confirm(as_chair, sheet)

    assert before == (0, 0, 0)
    assert (Expression.objects.count(), Letter.objects.count()) == (1, 0)
    assert [entry.object_repr for entry in LogEntry.objects.all()] == [
        "1 expressions imported from answers.xlsx"
    ]


def test_what_a_column_stands_for_is_said_once(as_chair, edition):
    headings = ["Who", "Reach me at", "Headline", "Kind"]
    row = ["Ada", "ada@example.org", "Smaller", "poster"]
    said = {"column_0": "name", "column_1": "email", "column_2": "title", "column_3": "formats"}
    first = bring_in(as_chair, edition, xlsx(headings, row), **said)

    upload(as_chair, make_edition(), xlsx([h.upper() for h in headings], row))
    form = as_chair.get(f"/admin/imports/sheet/{first.pk + 1}/columns/").context["form"]

    assert form.columns == ["name", "email", "title", "formats"]


def test_a_column_is_remembered_as_the_same_question_of_another_year(as_chair, edition):
    next_year = make_edition()
    asked = [make_question(each, words="Have you a poster tube?") for each in (edition, next_year)]
    headings = ["Name", "Email", "Title", "Format", "Tube"]
    data = xlsx(headings, ["Ada", "ada@example.org", "Smaller", "poster", "Yes, a red one"])
    sheet = bring_in(as_chair, edition, data, column_4=f"question_{asked[0].pk}")
    confirm(as_chair, sheet)

    upload(as_chair, next_year, data)
    form = as_chair.get(f"/admin/imports/sheet/{Sheet.objects.latest('pk').pk}/columns/").context[
        "form"
    ]

    assert [answer.words for answer in Expression.objects.get().answers.all()] == ["Yes, a red one"]
    assert form.columns[4] == f"question_{asked[1].pk}"


def test_words_our_form_does_not_know_are_asked_about_once(as_chair, edition):
    question = make_question(edition, words="Lunch?", kind="choice", choices="Meat\nPlants")
    data = xlsx(
        ["Name", "Email", "Title", "Format", "Topics", "Career stage", "Lunch?"],
        ["Ada", "ada@example.org", "One", "Oral", "Efficiency; Small Models", "Doctoral", "vegan"],
        ["Bo", "bo@example.org", "Two", "oral", "efficiency", "phd student", "Meat"],
    )
    sheet = bring_in(as_chair, edition, data)
    path = f"/admin/imports/sheet/{sheet.pk}/answers/"
    form = as_chair.get(path).context["form"]
    asked = {
        group["label"]: [(line["text"], line["times"]) for line in group["lines"]]
        for group in form.groups()
    }

    refused = as_chair.post(path, {})
    said = {
        "formats-0": "talk",
        "topics-0": "Small models",
        "career_stage-0": "phd",
        f"question_{question.pk}-0": "Plants",
    }
    done = as_chair.post(path, said)
    confirm(as_chair, sheet)
    again = bring_in(as_chair, edition, data, takes_duplicates="on")

    assert asked == {
        "Lightning talk or poster": [("Oral", 2)],
        "Career stage": [("Doctoral", 1)],
        "Topics": [("Efficiency", 2)],
        "Answer to “Lunch?”": [("vegan", 1)],
    }
    assert refused.status_code == 200
    assert "Say what “Oral” stands for, or leave it out." in refused.content.decode()
    assert done["Location"] == f"/admin/imports/sheet/{sheet.pk}/change/"
    ada, bo = Expression.objects.order_by("name")
    assert (ada.formats, ada.career_stage, bo.career_stage) == ("Lightning talk", "phd", "phd")
    assert [topic.heading for topic in ada.topics.all()] == ["Small models"]
    assert [answer.words for answer in ada.answers.all()] == ["Plants"]
    # The second time nothing is asked.
    assert _counts(_preview(as_chair, again))["new"] == 2


def test_what_was_said_of_words_can_be_mended_before_the_import(as_chair, edition):
    headings, row = ["Name", "Email", "Title", "Format"], ["Ada", "ada@example.org", "One", "Oral"]
    sheet = bring_in(as_chair, edition, xlsx(headings, row))
    say_answers(as_chair, sheet, **{"formats-0": "-"})
    wrong = _counts(_preview(as_chair, sheet))["wrong"]

    say_answers(as_chair, sheet, **{"formats-0": "poster"})
    confirm(as_chair, sheet)

    assert wrong == 1
    assert Expression.objects.get().formats == "Poster"


def test_words_of_students_are_remembered_as_hashes_alone(as_chair, edition):
    sheet = bring_in(
        as_chair,
        edition,
        xlsx(["Name", "Email", "Title", "Format"], ["A", "a@example.org", "T", "I am Xylophone"]),
    )
    say_answers(as_chair, sheet, **{"formats-0": "talk"})

    assert "xylophone" not in str(list(SheetMemory.objects.values())).casefold()


def test_hundreds_of_different_answers_are_no_answers_to_choose_from(as_chair, edition):
    rows = [[f"N{n}", f"n{n}@example.org", f"T{n}", f"my own way {n}"] for n in range(120)]
    upload(as_chair, edition, xlsx(["Name", "Email", "Title", "Format"], *rows))
    sheet = Sheet.objects.get()

    page = say_columns(as_chair, sheet).content.decode()

    assert "This column holds 120 different answers, too many to be" in page


def test_each_wrong_row_is_named_with_its_number_and_reason(as_chair, edition):
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
    )
    response = _preview(as_chair, bring_in(as_chair, edition, data))

    assert {row.number: row.faults for row in response.context["rows"]} == {
        3: ["“nobody at home” is no e-mail address."],
        4: ["There is no title."],
        5: ["There is no name.", "The title has 201 characters; there is room for 200."],
        6: ["There are 12 co-authors; there is room for 10."],
        7: ["“the 13th of May” is no date and time."],
        8: ["It was sent at “2099-01-01 00:00:00”, which is still to come."],
        9: ["The abstract has 20001 characters; there is room for 20000."],
        10: ["It does not say whether a lightning talk or a poster is meant."],
    }
    assert _counts(response) == {"new": 1, "wrong": 8, "duplicates": 0, "noted": 0}


def test_wrong_rows_stay_out_and_the_others_come_in(as_chair, edition):
    sheet = bring_in(
        as_chair, edition, microsoft_file(microsoft_row(1, title=""), microsoft_row(2))
    )

    confirm(as_chair, sheet)

    assert [entry.row for entry in SheetEntry.objects.all()] == [3]


def test_what_was_accepted_elsewhere_is_imported_whole_with_a_note(as_chair, edition):
    words = "word " * 300
    data = microsoft_file(microsoft_row(1, abstract=words, sent="", university=""))
    sheet = bring_in(as_chair, edition, data)
    notes = (
        as_chair.get(f"/admin/imports/sheet/{sheet.pk}/change/?show=noted").context["rows"][0].notes
    )

    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC), tick=False):
        confirm(as_chair, sheet)

    assert notes == [
        "The abstract has 300 words, the call asks for 250: it stays whole.",
        "It does not say when it was sent: the moment of the import is taken.",
    ]
    expression = Expression.objects.get()
    assert (expression.abstract, expression.university) == (words.strip(), "")
    assert expression.submitted_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert not expression.is_late


def test_a_link_that_is_none_is_left_out_with_a_note(as_chair, edition):
    headings = ["Name", "Email", "Title", "Format", "Website", "Supervisor", "Lab"]
    one = ["Ada", "ada@example.org", "One", "talk", "n/a", "Prof. Example", "Lab of Examples"]
    two = ["Bo", "bo@example.org", "Two", "talk", "bo.example.org", "", ""]
    sheet = bring_in(as_chair, edition, xlsx(headings, one, two))
    noted = as_chair.get(f"/admin/imports/sheet/{sheet.pk}/change/?show=noted").context["rows"]
    confirm(as_chair, sheet)

    ada, bo = Expression.objects.order_by("name")
    assert noted[0].notes[0] == "“n/a” is no web address: the link is left out."
    assert (ada.link, ada.supervisor, ada.school) == ("", "Prof. Example", "Lab of Examples")
    assert bo.link == "https://bo.example.org"


def test_late_is_what_was_sent_after_the_call_had_closed(as_chair, edition):
    sent = [datetime(2026, 6, 1, 23, 58), datetime(2026, 6, 2, 0, 0)]
    rows = [microsoft_row(n, sent=moment) for n, moment in enumerate(sent)]

    confirm(as_chair, bring_in(as_chair, edition, microsoft_file(*rows)))

    assert [each.is_late for each in Expression.objects.order_by("submitted_at")] == [False, True]


def test_times_are_read_in_the_zone_that_was_said(as_chair, edition):
    rows = microsoft_file(microsoft_row(1, sent=datetime(2026, 7, 1, 10, 0)))
    sheet = bring_in(as_chair, edition, rows, zone="America/New_York")

    confirm(as_chair, sheet)

    assert Expression.objects.get().submitted_at == datetime(2026, 7, 1, 14, tzinfo=UTC)


def _dated(*sent: str) -> bytes:
    rows = [google_row(number, sent=each) for number, each in enumerate(sent)]
    return csv_bytes(GOOGLE, *rows)


@pytest.mark.parametrize(
    ("sent", "month"),
    [(["05/03/2026 10:00", "13/03/2026 10:00"], 3), (["05/03/2026", "05/13/2026"], 5)],
)
def test_the_dates_of_a_file_tell_their_own_order(as_chair, edition, sent, month):
    sheet = bring_in(as_chair, edition, _dated(*sent), "answers.csv")

    confirm(as_chair, sheet)

    assert {each.submitted_at.month for each in Expression.objects.all()} == {month}


@pytest.mark.parametrize(("order", "month"), [("day", 3), ("month", 5)])
def test_dates_that_may_be_read_two_ways_are_asked_about(as_chair, edition, order, month):
    upload(as_chair, edition, _dated("05/03/2026 10:00"), "answers.csv")
    sheet = Sheet.objects.get()
    asked = say_columns(as_chair, sheet)
    early = _preview(as_chair, sheet).context["rows"][0].faults

    say_answers(as_chair, sheet, order=order)
    confirm(as_chair, sheet)

    assert asked["Location"] == f"/admin/imports/sheet/{sheet.pk}/answers/"
    assert early == ["Nobody said whether the day or the month comes first in “05/03/2026 10:00”."]
    assert Expression.objects.get().submitted_at.month == month


def test_dates_that_contradict_each_other_are_asked_about_and_named(as_chair, edition):
    sheet = bring_in(as_chair, edition, _dated("13/05/2026", "05/14/2026"), "answers.csv")
    say_answers(as_chair, sheet, order="day")

    assert [row.faults for row in _preview(as_chair, sheet).context["rows"]] == [
        ["“05/14/2026” is no date and time."]
    ]


# Duplicates


def test_of_two_rows_of_one_address_and_title_the_one_sent_later_is_new(as_chair, edition):
    data = microsoft_file(
        microsoft_row(1, abstract="First."),
        microsoft_row(2, email="STUDENT1@example.net", title=" work  number 1", abstract="Second."),
    )
    sheet = bring_in(as_chair, edition, data)
    response = as_chair.get(f"/admin/imports/sheet/{sheet.pk}/change/?show=duplicates")

    confirm(as_chair, sheet)

    assert [(row.number, other) for row, other in response.context["rows"]] == [
        (2, "row 3, which was sent later")
    ]
    assert Expression.objects.get().abstract == "Second."


def test_what_is_there_already_is_left_out_unless_it_is_wanted(as_chair, edition):
    there = make_expression(edition, email="Student1@example.net", title="WORK number 1")
    make_expression(edition, email="student2@example.net", title="Work number 2", is_test=True)
    data = microsoft_file(microsoft_row(1), microsoft_row(2))
    sheet = bring_in(as_chair, edition, data)
    rows = as_chair.get(f"/admin/imports/sheet/{sheet.pk}/change/?show=duplicates").context["rows"]
    counts = _counts(_preview(as_chair, sheet))

    say_columns(as_chair, sheet, takes_duplicates="on")

    assert [(row.number, other) for row, other in rows] == [
        (2, f"{there.display_reference}, which is there already")
    ]
    assert counts == {"new": 1, "wrong": 0, "duplicates": 1, "noted": 0}
    assert _counts(_preview(as_chair, sheet))["new"] == 2


def test_the_same_file_twice_brings_in_nothing_twice(as_chair, edition):
    confirm(as_chair, bring_in(as_chair, edition, microsoft_file()))
    again = bring_in(as_chair, edition, microsoft_file())

    page = _preview(as_chair, again)

    assert _counts(page) == {"new": 0, "wrong": 0, "duplicates": 1, "noted": 0}
    assert "There is nothing to import." in page.content.decode()
    confirm(as_chair, again)
    again.refresh_from_db()
    assert not again.is_imported


# The press


def test_pressing_twice_imports_once(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    token = _preview(as_chair, sheet).context["token"]
    path = f"/admin/imports/sheet/{sheet.pk}/import/"

    as_chair.post(path, {"token": token})
    second = as_chair.post(path, {"token": token}, follow=True)

    assert Expression.objects.count() == 1
    assert "This spreadsheet was imported already. Nothing was imported twice." in (
        second.content.decode()
    )


def test_what_came_in_meanwhile_is_looked_at_again(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file(microsoft_row(1), microsoft_row(2)))
    token = _preview(as_chair, sheet).context["token"]
    make_expression(edition, email="student1@example.net", title="Work number 1")

    response = as_chair.post(
        f"/admin/imports/sheet/{sheet.pk}/import/", {"token": token}, follow=True
    )

    assert "Nothing was imported: something changed meanwhile." in response.content.decode()
    assert _counts(response)["new"] == 1
    assert Expression.objects.count() == 1


def test_a_form_that_was_changed_meanwhile_is_looked_at_again(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    token = _preview(as_chair, sheet).context["token"]
    edition.topics.all().delete()

    response = as_chair.post(
        f"/admin/imports/sheet/{sheet.pk}/import/", {"token": token}, follow=True
    )

    assert Expression.objects.count() == 0
    assert response.redirect_chain[-1] == (f"/admin/imports/sheet/{sheet.pk}/columns/", 302)
    assert "The edition's form was changed since." in response.content.decode().replace(
        "&#x27;", "'"
    )


def test_one_that_was_discarded_meanwhile_cannot_be_imported(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    as_chair.post(f"/admin/imports/sheet/{sheet.pk}/discard/")

    assert as_chair.post(f"/admin/imports/sheet/{sheet.pk}/import/").status_code == 404
    assert (Sheet.objects.count(), Expression.objects.count()) == (0, 0)


def test_one_that_was_imported_is_not_discarded(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    confirm(as_chair, sheet)

    response = as_chair.post(f"/admin/imports/sheet/{sheet.pk}/discard/", follow=True)

    assert "It was imported already" in response.content.decode()
    assert Sheet.objects.count() == 1


def test_what_stood_in_the_file_is_erased_by_the_import(as_chair, chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file(), "Expressions 2026.xlsx")

    confirm(as_chair, sheet)

    sheet.refresh_from_db()
    assert (sheet.contents, sheet.choices, sheet.checked) == ({}, {}, {})
    assert (sheet.file_name, sheet.imported_by, sheet.imported_count) == (
        "Expressions 2026.xlsx",
        chair,
        1,
    )


def test_what_nobody_imported_is_erased_after_a_day(as_chair, edition):
    confirm(as_chair, bring_in(as_chair, edition, microsoft_file()))
    bring_in(as_chair, edition, microsoft_file(microsoft_row(2)))

    young = delete_expired_sheets()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        old = delete_expired_sheets()

    assert (young, old) == (0, 1)
    assert [sheet.is_imported for sheet in Sheet.objects.all()] == [True]
    assert "spreadsheets nobody imported" in {task.name for task in periodic_tasks()}


# The way back


def test_what_nobody_touched_is_taken_back_and_the_rest_stays(as_chair, chair, edition):
    data = microsoft_file(*[microsoft_row(number) for number in range(6)])
    sheet = bring_in(as_chair, edition, data)
    confirm(as_chair, sheet)
    moved, corrected, reviewed, told, *_ = Expression.objects.order_by("submitted_at")
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
    resend_link(expression=told, by=chair)
    own = make_expression(edition)
    path = f"/admin/imports/sheet/{sheet.pk}/take-back/"

    asked = as_chair.get(path)
    before = Expression.objects.count()
    as_chair.post(path, {"count": asked.context["count"]})

    assert (asked.context["count"], before) == (2, 7)
    assert set(Expression.objects.all()) == {moved, corrected, reviewed, told, own}
    assert Sheet.objects.get().imported_count == 6
    assert LogEntry.objects.latest("pk").object_repr == "2 expressions of answers.xlsx"


def test_taking_back_is_refused_if_there_are_others_by_now(as_chair, chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file(microsoft_row(1), microsoft_row(2)))
    confirm(as_chair, sheet)
    first = Expression.objects.all()[0]
    move(expression=first, action=Action.BEGIN_REVIEW, actor=Actor.CHAIR, by=chair)

    for count in ("2", "", "²", "9" * 50):
        response = as_chair.post(
            f"/admin/imports/sheet/{sheet.pk}/take-back/", {"count": count}, follow=True
        )

        assert "Nothing was erased: meanwhile there are others." in response.content.decode()
    assert Expression.objects.count() == 2


def test_taking_back_twice_takes_back_once(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    confirm(as_chair, sheet)
    path = f"/admin/imports/sheet/{sheet.pk}/take-back/"

    as_chair.post(path, {"count": "1"})
    again = as_chair.post(path, {"count": "1"}, follow=True)

    assert "There is nothing of it that could be erased." in again.content.decode()
    assert Expression.objects.count() == 0


# Who, and at what cost


def test_only_chairs_bring_anything_in(
    client, as_stranger, as_reviewer, as_helpdesk, as_editor, as_chair, edition
):
    sheet = bring_in(as_chair, edition, microsoft_file())
    token = _preview(as_chair, sheet).context["token"]
    base = f"/admin/imports/sheet/{sheet.pk}"
    pages = ["/admin/imports/sheet/", "/admin/imports/sheet/add/"]
    pages += [
        f"{base}/{page}/" for page in ("change", "columns", "answers", "take-back", "history")
    ]
    presses = [
        f"{base}/{press}/" for press in ("import", "discard", "take-back", "columns", "answers")
    ]

    for who, status in (
        (client, 302),
        (as_stranger, 302),
        (as_reviewer, 403),
        (as_helpdesk, 403),
        (as_editor, 403),
    ):
        assert {who.get(path).status_code for path in pages} == {status}
        assert {who.post(path, {"token": token}).status_code for path in presses} == {status}
        assert upload(who, edition, microsoft_file()).status_code == status
        assert (
            "Bring in a spreadsheet" not in who.get("/admin/interest/expression/").content.decode()
        )

    assert (Sheet.objects.count(), Expression.objects.count()) == (1, 0)
    assert "Bring in a spreadsheet" in as_chair.get("/admin/interest/expression/").content.decode()
    assert f"/admin/imports/sheet/add/?edition={edition.pk}" in (
        as_chair.get(f"/admin/editions/edition/{edition.pk}/change/").content.decode()
    )


def test_a_press_is_a_post(as_chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())

    for press in ("import", "discard"):
        assert as_chair.get(f"/admin/imports/sheet/{sheet.pk}/{press}/").status_code == 405
    assert Sheet.objects.count() == 1


def test_looking_writes_nothing(as_chair, edition):
    upload(as_chair, edition, microsoft_file())
    sheet = Sheet.objects.get()
    pages = ["columns", "answers", "change", "take-back", "history"]

    for page in pages:
        as_chair.get(f"/admin/imports/sheet/{sheet.pk}/{page}/", follow=True)

    sheet.refresh_from_db()
    assert (sheet.choices, sheet.checked, SheetMemory.objects.count()) == ({}, {}, 0)


def test_the_page_of_an_edition_begins_with_that_edition(as_chair, edition):
    other = make_edition()

    for asked, begun in (
        (other.pk, other.pk),
        ("", edition.pk),
        ("x", edition.pk),
        (0, edition.pk),
    ):
        form = as_chair.get(f"/admin/imports/sheet/add/?edition={asked}").context["form"]

        assert form["edition"].value() == begun


def test_the_pages_cost_the_same_number_of_queries_with_one_row_and_with_three(as_chair, edition):
    def queries_of(path: str, data: dict | None = None) -> int:
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connection) as queries:
            as_chair.get(path) if data is None else as_chair.post(path, data)
        return len(queries)

    def counts(rows: int) -> list[int]:
        # Unknown formats, so that there is a page of answers; nobody's row is a duplicate.
        numbers = range(10 * rows, 11 * rows)
        data = microsoft_file(*[microsoft_row(n, formats=f"Oral {rows}") for n in numbers])
        sheet = bring_in(as_chair, edition, data)
        base = f"/admin/imports/sheet/{sheet.pk}"
        found = [queries_of(f"{base}/{page}/") for page in ("columns", "answers")]
        say_answers(as_chair, sheet, **{"formats-0": "talk"})
        found.append(queries_of(f"{base}/change/"))
        token = as_chair.get(f"{base}/change/").context["token"]
        found.append(queries_of(f"{base}/import/", {"token": token}))
        as_chair.get(f"{base}/change/")  # shows the message of the import
        return [*found, queries_of(f"{base}/change/"), queries_of("/admin/imports/sheet/")]

    one, three = counts(1), counts(3)

    assert one == three
    assert max(one[:3] + one[4:]) <= 12
    assert one[3] <= 32


def test_what_is_wrong_on_the_page_of_columns_is_said_there(as_chair, edition):
    upload(as_chair, edition, microsoft_file())
    sheet = Sheet.objects.get()

    page = say_columns(
        as_chair,
        sheet,
        column_6="",
        column_7="title",
        column_9="",
        column_8="nonsense",
        zone="Nowhere/Land",
    ).content.decode()

    for words in (
        "Say which column holds the full name.",
        "Say which column holds the e-mail address.",
        "Column H is “Title” already. Choose another answer here.",
        "Say which column tells the format, or what all rows ask for.",
        "Choose one of the answers shown.",
        "Choose a time zone.",
    ):
        assert words in page, words
    assert "<title>Error: " in page
    sheet.refresh_from_db()
    assert sheet.choices == {}


def test_what_all_rows_ask_for_can_be_said_at_once(as_chair, edition):
    data = xlsx(["Name", "Email", "Title"], ["Ada", "ada@example.org", "Smaller"])
    sheet = bring_in(as_chair, edition, data, formats="poster")

    confirm(as_chair, sheet)

    expression = Expression.objects.get()
    assert (expression.formats, expression.preference) == ("Poster", "")


def test_what_we_exported_ourselves_comes_back(as_chair, edition):
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
    file = b"".join(
        as_chair.post(
            "/admin/interest/expression/export/csv/?edition__id__exact=" + str(edition.pk)
        )
    )
    next_year = make_edition()
    for topic in edition.topics.all():
        make_topic(next_year, heading=topic.heading)

    confirm(as_chair, bring_in(as_chair, next_year, file, "expressions.csv"))

    before = Expression.objects.get(edition=edition)
    after = Expression.objects.get(edition=next_year)
    same = ("name", "email", "university", "formats", "preference", "abstract", "career_stage")
    for name in (*same, "supervisor"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.title == "'=Smaller"  # as it was made harmless for a spreadsheet
    assert after.submitted_at == before.submitted_at.replace(microsecond=0)
    assert [topic.heading for topic in after.topics.all()] == [
        topic.heading for topic in before.topics.all()
    ]
    assert [str(each) for each in after.coauthors.all()] == [
        str(each) for each in before.coauthors.all()
    ]
