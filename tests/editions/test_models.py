"""Editions: constraints, dates, visibility of drafts."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.template import Context, Template

from apps.editions.models import Edition
from tests.factories import make_current_edition, make_edition

pytestmark = pytest.mark.django_db

DATES = {"starts_on": date(2024, 6, 27), "ends_on": date(2024, 6, 28)}


def test_only_one_published_edition_is_the_home_page():
    make_current_edition()
    draft = Edition(slug="x", year=2024, title="X", state="draft", is_current=True)

    with pytest.raises(ValidationError, match="is already the site's home page"):
        Edition(slug="x", year=2024, title="X", state="published", is_current=True).full_clean()
    with pytest.raises(ValidationError, match="A draft cannot be the site's home page"):
        draft.full_clean()
    with pytest.raises(IntegrityError):
        draft.save()


@pytest.mark.parametrize(
    ("fields", "message", "has_constraint"),
    [
        ({"starts_on": None, "ends_on": date(2024, 6, 27)}, "must not be before the first", True),
        (
            {"starts_on": date(2024, 6, 28), "ends_on": date(2024, 6, 27)},
            "must not be before the first",
            True,
        ),
        ({"year": 0}, "1900", True),
        ({"year": 1899}, "1900", True),
        ({"year": 3000}, "2999", True),
        ({"hue": 360}, "355", True),
        ({"hue": 7}, "5", False),
        ({"time_zone": "Europe/Edinburgh"}, "is not a time zone", False),
        ({"code_of_conduct": "x" * 50_001}, "50000", False),
    ],
)
def test_impossible_facts_are_refused_by_form_and_by_constraint(fields, message, has_constraint):
    edition = make_edition()
    for name, value in fields.items():
        setattr(edition, name, value)

    with pytest.raises(ValidationError, match=message):
        edition.full_clean()
    if has_constraint:
        with pytest.raises(IntegrityError):
            edition.save()


@pytest.mark.parametrize(
    "slug", ["admin", "accounts", "privacy", "accessibility", "media", "static", "invitations"]
)
def test_an_edition_cannot_have_a_reserved_slug(slug):
    with pytest.raises(ValidationError, match="is an address of the site itself"):
        Edition(slug=slug, year=2024, title="Taken").full_clean()


@pytest.mark.parametrize("slug", ["2024", "spring-2025", "adminton"])
def test_an_edition_can_have_any_other_slug(slug):
    Edition(slug=slug, year=2024, title="Free").full_clean()


@pytest.mark.parametrize(
    ("dates", "html"),
    [
        ({}, "To be announced"),
        ({"date_note": "Dec 12 or 13"}, "Dec 12 or 13"),
        (
            {"starts_on": date(2024, 6, 27)},
            '<time datetime="2024-06-27">Thursday 27 June 2024</time>',
        ),
        (
            DATES,
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
def test_known_and_unknown_dates_are_shown(dates, html):
    template = Template("{% load editions %}{% edition_dates edition %}")

    assert template.render(Context({"edition": Edition(**dates)})) == html


@pytest.mark.parametrize(
    ("now", "zone", "has_begun", "is_past"),
    [
        ("2024-06-26T22:30:00Z", "Europe/London", False, False),
        ("2024-06-26T23:30:00Z", "Europe/London", True, False),
        ("2024-06-27T09:00:00Z", "Pacific/Honolulu", False, False),
        ("2024-06-27T11:00:00Z", "Pacific/Honolulu", True, False),
        ("2024-06-28T22:59:00Z", "Europe/London", True, False),
        ("2024-06-28T23:01:00Z", "Europe/London", True, True),
        ("2024-06-29T09:59:00Z", "Pacific/Honolulu", True, False),
        ("2024-06-28T14:01:00Z", "Australia/Sydney", True, True),
    ],
)
def test_an_edition_begins_and_ends_with_its_days_in_its_zone(
    time_machine, now, zone, has_begun, is_past
):
    time_machine.move_to(now, tick=False)
    edition = Edition(**DATES, time_zone=zone)

    assert (edition.has_begun, edition.is_past) == (has_begun, is_past)


@pytest.mark.parametrize(("state", "expected"), [("published", False), ("archived", True)])
def test_an_undated_edition_is_past_once_it_is_archived(state, expected):
    edition = Edition(year=1999, state=state)

    assert (edition.has_begun, edition.is_past) == (expected, expected)


@pytest.mark.parametrize(
    ("fields", "is_open"),
    [
        ({"registration_url": ""}, False),
        ({}, True),
        ({"registration_closes_on": date(2024, 6, 1)}, True),
        ({"registration_closes_on": date(2024, 5, 31)}, False),
        ({"is_cancelled": True}, False),
    ],
)
def test_registration_is_open_until_the_end_of_its_last_day(time_machine, fields, is_open):
    time_machine.move_to("2024-06-01T22:30:00Z", tick=False)
    edition = Edition(**{"registration_url": "https://example.org"} | fields)

    assert edition.is_registration_open is is_open


def test_an_organiser_without_a_required_second_factor_sees_no_draft(settings, as_chair, chair):
    make_edition(slug="2025", state="draft")
    settings.SECOND_FACTOR = "chairs"

    assert as_chair.get("/2025/").status_code == 404


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Workshop", "Workshop, 2024"), ("Workshop at NeurIPS 2024", "Workshop at NeurIPS 2024")],
)
def test_the_title_with_year_contains_the_year_once(title, expected):
    assert Edition(title=title, year=2024).title_with_year == expected
