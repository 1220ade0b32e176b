"""Figures of an edition: charts for chairs, with their numbers as tables and CSV."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from apps.interest.models import Expression
from apps.privacy.figures import count_figures
from apps.privacy.models import EditionFigures
from apps.privacy.retention import erase_what_is_due
from apps.registration.models import AttendanceKind, Registration, RegistrationPeriod
from apps.review.models import Assignment, Review, Reviewer
from tests.factories import (
    make_call,
    make_edition,
    make_expression,
    make_reviewer,
    make_topic,
    put_in_state,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

PAGES = ("entries", "selection", "attendance")


def url(edition, page: str, slug: str = "") -> str:
    return f"/admin/editions/edition/{edition.pk}/figures/{page}/" + (f"{slug}.csv" if slug else "")


def charts(client, edition, page: str) -> dict:
    return {chart.slug: chart for chart in client.get(url(edition, page)).context["charts"]}


def sent_on(edition, *days: date, **fields) -> list[Expression]:
    entries = [make_expression(edition, **fields) for _ in days]
    for entry, day in zip(entries, days, strict=True):
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        Expression.objects.filter(pk=entry.pk).update(submitted_at=moment)
    return entries


def test_entries_are_compared_with_the_earlier_edition_at_the_same_time(as_chair):
    earlier, edition = make_edition(year=2025), make_edition(year=2026)
    make_call(earlier, opens_on="2025-01-01", closes_on="2025-03-10")
    make_call(edition, opens_on="2026-01-01", closes_on="2026-03-20")
    sent_on(earlier, date(2025, 3, 8), date(2025, 3, 10), date(2025, 3, 10))
    sent_on(edition, date(2026, 3, 18), date(2026, 3, 20))
    make_expression(edition, is_test=True)

    chart = charts(as_chair, edition, "entries")["over-time"]

    assert chart.sentence == "2 entries; 2025 had 3."
    assert chart.columns == ["Day", "2026", "2025"]
    assert chart.rows == [["2026-03-18", 1, 1], ["2026-03-20", 2, 3]]
    assert chart.drawing.deadline.text == "Deadline 20 Mar"


def test_spellings_of_an_affiliation_count_once_and_small_ones_are_summed_in_the_chart(as_chair):
    edition = make_edition()
    for name in ("Universität Rosenau", "universitat  rosenau", "UNIVERSITÄT ROSENAU"):
        make_expression(edition, university=name)
    for number in range(20):
        make_expression(edition, university=f"University {number:02}")

    chart = charts(as_chair, edition, "entries")["affiliations"]

    assert chart.sentence.startswith("23 entries, 21 affiliations. Most: ")
    assert [chart.drawing.bars[0].words, chart.drawing.bars[-1].label] == ["3", "6 others"]
    assert len(chart.drawing.bars) == 16
    assert len(chart.rows) == 21


def test_reviews_are_counted_against_those_asked_for(as_chair):
    edition = make_edition()
    entries = [make_expression(edition) for _ in range(3)]
    user = make_reviewer(edition)
    reviewer = Reviewer.objects.get(user=user)
    for entry in entries:
        Assignment.objects.create(expression=entry, reviewer=reviewer)
    Review.objects.create(expression=entries[0], reviewer=user, score=3)

    chart = charts(as_chair, edition, "selection")["reviews"]

    assert chart.sentence == "1 of 3 reviews written (33%)."
    assert chart.drawing.limit.text == "3 asked for"


def test_accepted_entries_are_shown_by_format_and_topic(as_chair):
    edition = make_edition()
    topic = make_topic(edition, heading="Small models")
    make_expression(edition, state="accepted", topics=[topic])
    make_expression(edition, state="declined", topics=[topic])
    make_expression(edition, wants_talk=False, wants_poster=True)

    found = charts(as_chair, edition, "selection")

    assert found["accepted-by-format"].sentence == "1 of 3 entries accepted (33%); 1 not decided."
    assert ["Lightning talk", 2, 1, 0, "50%"] in found["accepted-by-format"].rows
    assert ["Small models", 2, 1, 0, "50%"] in found["accepted-by-topic"].rows


def make_registration(edition, **fields) -> Registration:
    return Registration.objects.create(edition=edition, **{"name": "Ada Example"} | fields)


def test_registrations_are_counted_against_the_places(as_chair):
    edition = make_edition()
    RegistrationPeriod.objects.create(edition=edition, capacity=4)
    online = AttendanceKind.objects.create(edition=edition, name="Online", takes_place=False)
    make_registration(edition, created_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    make_registration(edition, created_at=datetime(2026, 3, 3, 12, tzinfo=UTC))
    make_registration(edition, created_at=datetime(2026, 3, 3, 12, tzinfo=UTC), kind=online)
    make_registration(edition, status="cancelled")
    make_registration(edition, status="waiting", waiting_since=timezone.now())

    chart = charts(as_chair, edition, "attendance")["registrations"]

    assert chart.sentence == (
        "3 people registered; 2 of 4 places taken (50%); 1 on the waiting list."
    )
    assert chart.rows == [["2026-03-01", 1, 1], ["2026-03-03", 3, 2]]
    assert chart.drawing.limit.text == "4 places"
    assert len(chart.drawing.lines) == 2


def test_check_ins_are_counted_by_half_hour_of_the_edition_with_empty_ones_between(as_chair):
    edition = make_edition(time_zone="Europe/Berlin")
    for hour, minute in ((7, 5), (7, 29), (8, 30)):
        make_registration(edition, checked_in_at=datetime(2026, 1, 5, hour, minute, tzinfo=UTC))
    make_registration(edition)

    chart = charts(as_chair, edition, "attendance")["check-ins"]

    assert chart.sentence == "3 of 4 registered people came (75%)."
    assert chart.rows == [
        ["2026-01-05 08:00", 2],
        ["2026-01-05 08:30", 0],
        ["2026-01-05 09:00", 0],
        ["2026-01-05 09:30", 1],
    ]


def test_figures_stay_when_the_entries_are_erased_and_small_groups_lose_their_name(as_chair):
    edition = make_edition(starts_on=timezone.localdate() - timedelta(days=400))
    for _ in range(5):
        make_expression(edition, state="declined", university="Large University")
    make_expression(edition, state="declined", university="Only One Institute")
    before = charts(as_chair, edition, "entries")["over-time"]

    erase_what_is_due()

    after = charts(as_chair, edition, "entries")
    assert not edition.expressions.exists()
    assert after["over-time"] == before
    assert after["affiliations"].rows == [["Large University", 5, 0, 0], ["Others", 1, 0, 0]]
    page = as_chair.get(url(edition, "entries")).content.decode()
    assert "counted before the first personal data was erased" in page
    assert "Only One" not in page


def test_figures_that_an_earlier_version_stored_say_what_is_missing(as_chair):
    edition = make_edition()
    tables = count_figures(edition)
    tables["All entries"][0].update({"label": "All", "applied": 9, "accepted": 4, "confirmed": 0})
    del tables["By format"], tables["By affiliation"]
    EditionFigures.objects.create(edition=edition, figures=tables)

    found = charts(as_chair, edition, "entries") | charts(as_chair, edition, "selection")

    for slug in ("over-time", "affiliations", "reviews", "accepted-by-format"):
        assert found[slug].hints[0].text.startswith("This was not counted")
    assert as_chair.get(url(edition, "attendance")).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_an_edition_without_anything_says_what_to_do(as_chair, page):
    edition = make_edition()

    response = as_chair.get(url(edition, page))

    assert response.status_code == 200
    assert all(chart.hints and not chart.rows for chart in response.context["charts"])
    assert as_chair.get(url(edition, page, "over-time")).status_code == 404


def test_the_table_is_downloaded_as_csv_that_no_spreadsheet_runs(as_chair):
    edition = make_edition(slug="2031")
    make_expression(edition, university="=cmd|' /C calc'!A0")

    response = as_chair.get(url(edition, "entries", "affiliations"))

    assert response["Content-Disposition"] == 'attachment; filename="2031-affiliations.csv"'
    assert response.content.decode().splitlines() == [
        "\ufeffAffiliation,Applied,Accepted,Confirmed",
        "'=cmd|' /C calc'!A0,1,0,0",
    ]


def test_only_chairs_see_figures(as_chair, as_editor, as_reviewer, as_helpdesk):
    edition = make_edition()
    make_expression(edition)

    overview = f"/admin/editions/edition/{edition.pk}/overview/"
    assert url(edition, "entries") in as_chair.get(overview).content.decode()
    assert url(edition, "entries") not in as_editor.get(overview).content.decode()
    for client in (as_editor, as_reviewer, as_helpdesk):
        assert client.get(url(edition, "entries")).status_code == 403
        assert client.get(url(edition, "entries", "over-time")).status_code == 403
    assert as_chair.post(url(edition, "entries")).status_code == 405
    assert as_chair.get(url(edition, "nothing")).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_charts_need_as_many_queries_with_many_entries_as_with_one(as_chair, page):
    earlier, edition = make_edition(year=2025), make_edition(year=2026)
    make_call(earlier, closes_on="2025-03-10")
    make_call(edition, closes_on="2026-03-10")

    def fill() -> None:
        entry = make_expression(edition, topics=[make_topic(edition)])
        Review.objects.create(expression=entry, reviewer=make_reviewer(edition), score=3)
        put_in_state(entry, "accepted")
        make_expression(earlier)
        make_registration(edition, checked_in_at=timezone.now())

    fill()
    with_one = count_queries(lambda: as_chair.get(url(edition, page)))
    fill()
    fill()
    with_three = count_queries(lambda: as_chair.get(url(edition, page)))

    assert with_three == with_one <= 24
