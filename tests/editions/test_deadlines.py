"""Deadlines: date and time in a zone, and extensions."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError
from django.template import Context, Template
from django.utils.html import strip_tags

from apps.editions.admin.deadlines import DeadlineForm
from tests.factories import make_call, make_deadline, make_edition, make_section

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
    deadline = make_deadline(
        edition, due_on=FIRST, due_time=time(23, 59), is_anywhere_on_earth=True
    )

    assert _render(deadline) == (
        '<time datetime="2024-05-04T11:59:00Z">'
        "23:59 anywhere on Earth (UTC−12), Friday 3 May 2024</time>"
    )


@pytest.mark.parametrize(
    ("is_anywhere", "text", "over_at"),
    [
        (False, "Friday 3 May 2024", "2024-05-03T23:00:00Z"),
        (True, "Friday 3 May 2024 anywhere on Earth (UTC−12)", "2024-05-04T12:00:00Z"),
    ],
)
def test_a_deadline_without_a_time_shows_the_day_and_lasts_until_its_end(
    client, time_machine, is_anywhere, text, over_at
):
    edition = make_edition(slug="2024")
    deadline = make_deadline(edition, due_on=FIRST, is_anywhere_on_earth=is_anywhere)
    make_section(edition, shows="deadlines")
    over = datetime.fromisoformat(over_at)

    time_machine.move_to(over - timedelta(seconds=1), tick=False)
    page = client.get("/2024/").content.decode()

    assert text in strip_tags(page)
    assert "23:59" not in page
    assert not deadline.is_over
    time_machine.move_to(over, tick=False)
    assert deadline.is_over


def test_a_deadline_needs_no_time_in_the_form():
    form = _edit(make_deadline(make_edition(), due_on=FIRST, due_time=time(17)), due_time="")

    assert form.save().due_time is None


@pytest.mark.parametrize("due_time", [time(23, 59), None])
def test_a_deadline_at_the_end_of_the_call_is_shown_once(client, time_machine, due_time):
    edition = make_edition(slug="2024")
    make_call(edition, opens_on=date(2024, 4, 1), closes_on=FIRST)
    make_deadline(
        edition,
        title="Abstracts",
        due_on=FIRST,
        due_time=due_time,
        extended_from_on=date(2024, 4, 26),
    )
    later = make_deadline(edition, title="Posters", due_on=LATER)
    time_machine.move_to("2024-04-20T12:00Z")

    facts = _facts(client)

    assert "Abstracts" not in facts
    assert "Open until Extended. It was Friday 26 April 2024" in facts
    assert facts.count("Friday 3 May 2024") == 1
    time_machine.move_to("2024-05-05T12:00Z")
    assert later.title in _facts(client)


def test_the_next_deadline_is_shown_beside_another_end_of_the_call(client, time_machine):
    edition = make_edition(slug="2024")
    make_call(edition, opens_on=date(2024, 4, 1), closes_on=LATER)
    make_deadline(edition, title="Travel", due_on=FIRST)
    time_machine.move_to("2024-04-20T12:00Z")

    facts = _facts(client)

    assert "Travel Friday 3 May 2024" in facts
    assert "Open until 23:59 BST, Friday 10 May 2024" in facts


def _facts(client) -> str:
    """The facts at the top of the home page."""
    page = client.get("/2024/").content.decode()
    facts = page.split('<dl class="facts">')[1].split("</dl>")[0]
    return " ".join(strip_tags(facts.replace("<dd>", " ")).split())


@pytest.mark.parametrize(
    ("now", "is_over"), [("2024-05-03T16:00:59Z", False), ("2024-05-03T16:01:00Z", True)]
)
def test_a_deadline_lasts_until_the_end_of_its_minute(time_machine, now, is_over):
    deadline = make_deadline(make_edition(), due_on=FIRST, due_time=time(17))
    time_machine.move_to(now, tick=False)

    assert deadline.is_over is is_over


def _edit(deadline, **changes) -> DeadlineForm:
    names = ("group", "title", "due_on", "due_time", "is_anywhere_on_earth", "extended_from_on")
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


def test_deadlines_are_shown_by_group_those_without_one_first(client, time_machine):
    edition = make_edition(slug="2024")
    for group, title, on in [
        ("Shared <task>", "Submission", LATER),
        ("Workshop papers", "Submission", FIRST),
        ("Shared <task>", "Data", date(2024, 4, 1)),
        ("", "Registration", date(2024, 5, 20)),
    ]:
        make_deadline(edition, group=group, title=title, due_on=on)
    make_section(edition, slug="dates", heading="Dates", shows="deadlines")
    time_machine.move_to("2024-04-20T12:00Z")

    page = client.get("/2024/").content.decode()

    dates = page.split('id="dates-heading"')[1].split("</section>")[0]
    terms = re.findall(r"<(h3|dt)[^>]*>([^<]*)", dates)
    assert [(tag, text.strip()) for tag, text in terms] == [
        ("dt", "Registration"),
        ("h3", "Shared &lt;task&gt;"),
        ("dt", "Data"),
        ("dt", "Submission"),
        ("h3", "Workshop papers"),
        ("dt", "Submission"),
    ]
    assert "Workshop papers: Submission Friday 3 May 2024" in _facts(client)


def test_a_title_may_be_in_two_groups_but_once_in_each(as_editor):
    edition = make_edition()
    make_deadline(edition, group="Papers", title="Submission")
    make_deadline(edition, group="Task", title="Submission")

    answer = as_editor.post(
        "/admin/editions/deadline/add/",
        {"edition": edition.pk, "group": " Task ", "title": "Submission", "due_on": "2030-05-03"},
    )

    assert "This edition already has a deadline with this title in this group." in (
        answer.content.decode()
    )
    assert edition.deadlines.count() == 2
