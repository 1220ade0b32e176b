from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.template import Context, Template

from apps.editions.models import Edition
from tests.factories import make_current_edition, make_edition

pytestmark = pytest.mark.django_db


def test_only_one_edition_stands_at_the_root():
    make_current_edition()

    with pytest.raises(IntegrityError):
        make_current_edition()


def test_a_draft_cannot_stand_at_the_root():
    with pytest.raises(IntegrityError):
        make_edition(state="draft", is_current=True)


@pytest.mark.parametrize("first", [None, date(2024, 6, 28)])
def test_it_ends_after_it_starts_by_form_and_by_constraint(first):
    edition = make_edition()
    edition.starts_on, edition.ends_on = first, date(2024, 6, 27)

    with pytest.raises(ValidationError, match="must not come before the first"):
        edition.full_clean()
    with pytest.raises(IntegrityError):
        edition.save()


@pytest.mark.parametrize("hue", [-5, 7, 360])
def test_the_colour_is_one_of_the_stylesheets(hue):
    edition = make_edition()
    edition.hue = hue

    with pytest.raises(ValidationError):
        edition.full_clean()


@pytest.mark.parametrize(
    "word", ["admin", "accounts", "privacy", "accessibility", "media", "static", "invitations"]
)
def test_an_edition_cannot_take_a_routed_word(word):
    edition = Edition(slug=word, year=2024, title="Taken")

    with pytest.raises(ValidationError, match="is an address of the site itself"):
        edition.full_clean()


@pytest.mark.parametrize("word", ["2024", "spring-2025", "adminton"])
def test_any_other_word_is_free(word):
    Edition(slug=word, year=2024, title="Free").full_clean()


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({}, "To be announced"),
        ({"date_note": "Dec 12 or 13"}, "Dec 12 or 13"),
        (
            {"starts_on": date(2024, 6, 27)},
            '<time datetime="2024-06-27">Thursday 27 June 2024</time>',
        ),
        (
            {"starts_on": date(2024, 6, 27), "ends_on": date(2024, 6, 28)},
            '<time datetime="2024-06-27">Thursday 27 June</time> to '
            '<time datetime="2024-06-28">Friday 28 June 2024</time>',
        ),
        (
            {"starts_on": date(2024, 12, 31), "ends_on": date(2025, 1, 1)},
            '<time datetime="2024-12-31">Tuesday 31 December 2024</time> to '
            '<time datetime="2025-01-01">Wednesday 1 January 2025</time>',
        ),
    ],
)
def test_dates_are_told_as_far_as_they_are_known(dates, words):
    edition = Edition(**dates)

    shown = Template("{% load editions %}{% edition_dates edition %}").render(
        Context({"edition": edition})
    )

    assert shown == words


@pytest.mark.parametrize(
    ("now", "zone", "is_past"),
    [
        ("2024-06-28T22:59:00Z", "Europe/London", False),
        ("2024-06-28T23:01:00Z", "Europe/London", True),
        ("2024-06-29T09:59:00Z", "Pacific/Honolulu", False),
        ("2024-06-28T14:01:00Z", "Australia/Sydney", True),
    ],
)
def test_an_edition_is_past_when_its_last_day_is_over_where_it_is_held(
    time_machine, now, zone, is_past
):
    time_machine.move_to(now, tick=False)
    edition = Edition(starts_on=date(2024, 6, 27), ends_on=date(2024, 6, 28), time_zone=zone)

    assert edition.is_past is is_past


@pytest.mark.parametrize(
    ("now", "zone", "has_begun"),
    [
        ("2024-06-26T22:30:00Z", "Europe/London", False),
        ("2024-06-26T23:30:00Z", "Europe/London", True),
        ("2024-06-27T11:00:00Z", "Pacific/Honolulu", True),
        ("2024-06-27T09:00:00Z", "Pacific/Honolulu", False),
    ],
)
def test_an_edition_has_begun_when_its_first_day_has_come_where_it_is_held(
    time_machine, now, zone, has_begun
):
    time_machine.move_to(now, tick=False)
    edition = Edition(starts_on=date(2024, 6, 27), ends_on=date(2024, 6, 28), time_zone=zone)

    assert edition.has_begun is has_begun


def test_an_undated_edition_begins_when_it_is_archived():
    assert Edition(year=1999).has_begun is False
    assert Edition(year=1999, state=Edition.State.ARCHIVED).has_begun is True


def test_an_undated_edition_is_never_inferred_past():
    assert Edition(year=1999).is_past is False
    assert Edition(year=1999, state=Edition.State.ARCHIVED).is_past is True


@pytest.mark.parametrize(
    ("fields", "is_open"),
    [
        ({}, False),
        ({"registration_url": "https://example.org"}, True),
        (
            {
                "registration_url": "https://example.org",
                "registration_closes_on": date(2024, 6, 1),
            },
            True,
        ),
        (
            {
                "registration_url": "https://example.org",
                "registration_closes_on": date(2024, 5, 31),
            },
            False,
        ),
        ({"registration_url": "https://example.org", "is_cancelled": True}, False),
    ],
)
def test_registration_is_open_until_the_end_of_its_last_day(time_machine, fields, is_open):
    time_machine.move_to("2024-06-01T22:30:00Z", tick=False)

    assert Edition(**fields).is_registration_open is is_open


@pytest.mark.parametrize("year", [0, 1899, 3000, 32767])
def test_a_year_has_four_digits_by_form_and_by_constraint(year):
    edition = make_edition()
    edition.year = year

    with pytest.raises(ValidationError):
        edition.full_clean()
    with pytest.raises(IntegrityError):
        edition.save()


def test_a_text_longer_than_a_paper_is_refused():
    edition = make_edition()
    edition.code_of_conduct = "x" * 50_001

    with pytest.raises(ValidationError, match="50000"):
        edition.full_clean()


def test_who_lacks_the_second_factor_asked_of_them_sees_no_draft(settings, as_chair, chair):
    make_edition(slug="2025", state="draft")
    settings.SECOND_FACTOR = "chairs"

    assert as_chair.get("/2025/").status_code == 404


@pytest.mark.parametrize(
    ("title", "words"),
    [("Workshop", "Workshop, 2024"), ("Workshop at NeurIPS 2024", "Workshop at NeurIPS 2024")],
)
def test_the_year_is_said_once_beside_the_title(title, words):
    assert Edition(title=title, year=2024).title_with_year == words
