from datetime import date, time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.template import Context, Template

from apps.editions.admin import DeadlineForm
from tests.factories import make_deadline, make_edition

pytestmark = pytest.mark.django_db


def _shown(deadline) -> str:
    return Template("{% load editions %}{% moment deadline.due_at %}").render(
        Context({"deadline": deadline})
    )


@pytest.mark.parametrize(
    ("zone", "on", "shown"),
    [
        ("Europe/London", date(2024, 5, 3), '"2024-05-03T16:00:00Z">17:00 BST,'),
        ("Europe/London", date(2024, 12, 3), '"2024-12-03T17:00:00Z">17:00 GMT,'),
        ("Australia/Sydney", date(2024, 1, 3), '"2024-01-03T06:00:00Z">17:00 AEDT,'),
        ("Pacific/Honolulu", date(2024, 1, 3), '"2024-01-04T03:00:00Z">17:00 HST,'),
    ],
)
def test_a_deadline_is_a_moment_in_the_editions_zone(zone, on, shown):
    deadline = make_deadline(make_edition(time_zone=zone), due_on=on, due_time=time(17))

    assert shown in _shown(deadline)


def test_anywhere_on_earth_is_twelve_hours_behind():
    deadline = make_deadline(
        make_edition(time_zone="Asia/Tokyo"), due_on=date(2024, 5, 3), is_anywhere_on_earth=True
    )

    assert _shown(deadline) == (
        '<time datetime="2024-05-04T11:59:00Z">'
        "23:59 anywhere on Earth (UTC−12), Friday 3 May 2024</time>"
    )


def test_a_deadline_names_its_zone_and_its_day():
    deadline = make_deadline(make_edition(), due_on=date(2024, 5, 3), due_time=time(17))

    assert _shown(deadline) == (
        '<time datetime="2024-05-03T16:00:00Z">17:00 BST, Friday 3 May 2024</time>'
    )


@pytest.mark.parametrize(
    ("now", "is_over"), [("2024-05-03T15:59:59Z", False), ("2024-05-03T16:00:00Z", True)]
)
def test_a_deadline_is_over_at_its_moment(time_machine, now, is_over):
    deadline = make_deadline(make_edition(), due_on=date(2024, 5, 3), due_time=time(17))
    time_machine.move_to(now, tick=False)

    assert deadline.is_over is is_over


def _edit(deadline, **changes) -> DeadlineForm:
    old = {
        "title": deadline.title,
        "due_on": deadline.due_on,
        "due_time": deadline.due_time,
        "is_anywhere_on_earth": deadline.is_anywhere_on_earth,
        "extended_from_on": deadline.extended_from_on or "",
    }
    return DeadlineForm(old | changes, instance=deadline)


def test_moving_a_deadline_later_keeps_the_first_date_that_was_promised():
    deadline = make_deadline(make_edition(), due_on=date(2024, 5, 3))

    _edit(deadline, due_on=date(2024, 5, 10)).save()
    _edit(deadline, due_on=date(2024, 5, 17)).save()

    deadline.refresh_from_db()
    assert (deadline.extended_from_on, deadline.due_on) == (date(2024, 5, 3), date(2024, 5, 17))


def test_moving_a_deadline_earlier_strikes_nothing_through():
    deadline = make_deadline(make_edition(), due_on=date(2024, 5, 10))

    _edit(deadline, due_on=date(2024, 5, 3)).save()

    assert deadline.extended_from_on is None


def test_moving_it_back_to_the_first_date_is_no_extension_any_more():
    deadline = make_deadline(
        make_edition(), due_on=date(2024, 5, 10), extended_from_on=date(2024, 5, 3)
    )

    _edit(deadline, due_on=date(2024, 5, 3)).save()

    assert deadline.extended_from_on is None


def test_a_slip_can_be_cleared():
    deadline = make_deadline(
        make_edition(), due_on=date(2024, 5, 10), extended_from_on=date(2024, 5, 3)
    )

    _edit(deadline, extended_from_on="").save()

    assert deadline.extended_from_on is None


def test_an_extension_goes_forward_by_form_and_by_constraint():
    edition = make_edition()
    deadline = make_deadline(edition, due_on=date(2024, 5, 3))
    form = _edit(deadline, extended_from_on=date(2024, 6, 1))

    assert not form.is_valid()
    assert "A deadline can only be extended to a later day." in str(form.errors)
    with pytest.raises(IntegrityError):
        make_deadline(edition, due_on=date(2024, 5, 3), extended_from_on=date(2024, 6, 1))


def test_a_zone_that_does_not_exist_is_refused():
    edition = make_edition()
    edition.time_zone = "Europe/Edinburgh"

    with pytest.raises(ValidationError, match="is not a time zone"):
        edition.full_clean()
