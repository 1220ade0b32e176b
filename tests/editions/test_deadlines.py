"""Deadlines: date and time in a zone, and extensions."""

from datetime import date, time

import pytest
from django.db import IntegrityError
from django.template import Context, Template

from apps.editions.admin import DeadlineForm
from tests.factories import make_deadline, make_edition

pytestmark = pytest.mark.django_db

FIRST, LATER = date(2024, 5, 3), date(2024, 5, 10)


def _render(deadline) -> str:
    return Template("{% load editions %}{% date_and_time deadline.due_at %}").render(
        Context({"deadline": deadline})
    )


@pytest.mark.parametrize(
    ("zone", "on", "html"),
    [
        ("Europe/London", FIRST, '"2024-05-03T16:00:00Z">17:00 BST, Friday 3 May 2024</time>'),
        ("Europe/London", date(2024, 12, 3), '"2024-12-03T17:00:00Z">17:00 GMT,'),
        ("Australia/Sydney", date(2024, 1, 3), '"2024-01-03T06:00:00Z">17:00 AEDT,'),
        ("Pacific/Honolulu", date(2024, 1, 3), '"2024-01-04T03:00:00Z">17:00 HST,'),
    ],
)
def test_a_deadline_is_in_the_editions_time_zone(zone, on, html):
    deadline = make_deadline(make_edition(time_zone=zone), due_on=on, due_time=time(17))

    assert _render(deadline).startswith(f"<time datetime={html}")


def test_anywhere_on_earth_is_twelve_hours_behind():
    edition = make_edition(time_zone="Asia/Tokyo")
    deadline = make_deadline(edition, due_on=FIRST, is_anywhere_on_earth=True)

    assert _render(deadline) == (
        '<time datetime="2024-05-04T11:59:00Z">'
        "23:59 anywhere on Earth (UTC−12), Friday 3 May 2024</time>"
    )


@pytest.mark.parametrize(
    ("now", "is_over"), [("2024-05-03T16:00:59Z", False), ("2024-05-03T16:01:00Z", True)]
)
def test_a_deadline_lasts_until_the_end_of_its_minute(time_machine, now, is_over):
    deadline = make_deadline(make_edition(), due_on=FIRST, due_time=time(17))
    time_machine.move_to(now, tick=False)

    assert deadline.is_over is is_over


def _edit(deadline, **changes) -> DeadlineForm:
    names = ("title", "due_on", "due_time", "is_anywhere_on_earth", "extended_from_on")
    old = {name: getattr(deadline, name) or "" for name in names}
    return DeadlineForm(old | changes, instance=deadline)


@pytest.mark.parametrize(
    ("due_on", "extended_from", "changes", "result"),
    [
        (FIRST, None, {"due_on": LATER}, FIRST),
        (LATER, FIRST, {"due_on": date(2024, 5, 17)}, FIRST),
        (LATER, None, {"due_on": FIRST}, None),
        (LATER, FIRST, {"due_on": FIRST}, None),
        (LATER, FIRST, {"extended_from_on": ""}, None),
    ],
    ids=["later", "later again", "earlier", "back to the first date", "cleared"],
)
def test_a_deadline_moved_to_a_later_day_keeps_its_first_date(
    due_on, extended_from, changes, result
):
    deadline = make_deadline(make_edition(), due_on=due_on, extended_from_on=extended_from)

    _edit(deadline, **changes).save()

    deadline.refresh_from_db()
    assert deadline.extended_from_on == result
    assert deadline.due_on == changes.get("due_on", due_on)


def test_an_extension_goes_forward_by_form_and_by_constraint():
    edition = make_edition()
    form = _edit(make_deadline(edition, due_on=FIRST), extended_from_on=date(2024, 6, 1))

    assert "A deadline can only be extended to a later day." in str(form.errors)
    with pytest.raises(IntegrityError):
        make_deadline(edition, due_on=FIRST, extended_from_on=date(2024, 6, 1))
