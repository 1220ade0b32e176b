"""The registration at the desk: tab of the edition, list, actions, export."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.mail.models import Letter
from apps.registration.models import AttendeeNeeds, Registration
from tests.factories import (
    make_attendance_kind,
    make_contribution,
    make_edition,
    make_person,
    make_registration,
)
from tests.queries import count_queries
from tests.registration.guests import make_open_registration

pytestmark = pytest.mark.django_db
LIST = "/admin/registration/registration/"


@pytest.fixture
def edition(db):
    return make_open_registration(capacity=1).edition


def _listed(edition) -> str:
    return f"{LIST}?edition__id__exact={edition.pk}"


def _act(browser: Client, action: str, *registrations: Registration, **more):
    keys = [each.pk for each in registrations]
    return browser.post(LIST, {"action": action, "_selected_action": keys} | more, follow=True)


def test_chairs_alone_see_who_registered(edition, as_chair, as_editor, as_reviewer):
    guest = make_registration(edition, name="Ada Example")

    assert "Ada Example" in as_chair.get(_listed(edition)).content.decode()
    for browser in (as_editor, as_reviewer):
        assert browser.get(_listed(edition)).status_code == 403
        assert browser.get(f"{LIST}{guest.pk}/change/").status_code == 403
        assert browser.post(f"{LIST}export/csv/").status_code == 403
        assert browser.get(f"{LIST}known/{edition.pk}/").status_code == 403


def test_the_list_says_how_many_places_are_taken(edition, as_chair):
    dinner = make_attendance_kind(edition, name="Dinner", is_extra=True, capacity=9)
    make_registration(edition, extras=[dinner])
    make_registration(edition, status="waiting")

    page = as_chair.get(_listed(edition)).content.decode()

    code = Registration.objects.attending().get().display_code
    found = as_chair.get(f"{LIST}?q={code}").content.decode()
    assert "1 registration" in " ".join(found.split())
    assert "1 of 1 places taken, 1 waiting, 0 checked in." in page
    assert "Dinner: 1 of 9" in page


def test_the_queries_of_the_list_do_not_grow(edition, as_chair):
    kind = make_attendance_kind(edition)
    make_registration(edition, kind=kind)
    one = count_queries(lambda: as_chair.get(_listed(edition)))
    for _ in range(3):
        make_registration(edition, kind=kind)

    assert one == count_queries(lambda: as_chair.get(_listed(edition))) <= 25


def test_a_larger_capacity_on_the_tab_gives_a_place_to_the_first_who_waits(edition, as_chair):
    make_registration(edition)
    first = make_registration(edition, status="waiting")
    second = make_registration(edition, status="waiting")
    url = reverse("admin:editions_edition_registration", args=[edition.pk])
    form = as_chair.get(url).context["inline_admin_formsets"]
    data: dict[str, Any] = {}
    for formset in form:
        prefix = formset.formset.prefix
        data |= {
            f"{prefix}-{name}": formset.formset.management_form[name].value()
            for name in ("TOTAL_FORMS", "INITIAL_FORMS")
        }
    period = edition.registration_period
    data |= {
        "registration_period-0-id": period.pk,
        "registration_period-0-edition": edition.pk,
        "registration_period-0-is_public": "on",
        "registration_period-0-opens_on": "01/01/2001",
        "registration_period-0-opens_time": "09:00",
        "registration_period-0-closes_on": "01/01/2199",
        "registration_period-0-closes_time": "23:59",
        "registration_period-0-capacity": "2",
        "registration_period-0-has_waiting_list": "on",
        **{
            f"{each.formset.prefix}-0-{hidden.name}": hidden.value()
            for each in form
            for row in each.formset.initial_forms
            for hidden in row.hidden_fields()
            if hidden.value() is not None
        },
    }
    for each in form:
        for row in each.formset.forms:
            for hidden in row.hidden_fields():
                data[hidden.html_name] = "" if hidden.value() is None else hidden.value()

    response = as_chair.post(url, data)

    assert response.status_code == 302, response.context["errors"]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("registered", "waiting")
    assert Letter.objects.get().to_email == first.email


def test_people_are_promoted_and_cancelled_from_the_list(edition, as_chair):
    has_place = make_registration(edition)
    waits = make_registration(edition, status="waiting")
    waits_longer = make_registration(edition, status="waiting")

    _act(as_chair, "promote", waits_longer, has_place)
    asked = _act(as_chair, "cancel", has_place, waits_longer)
    before = [each.status for each in Registration.objects.order_by("pk")]
    answer = _act(as_chair, "cancel", has_place, waits_longer, confirmed="yes")
    again = _act(as_chair, "cancel", has_place, confirmed="yes")

    assert "Cancel these registrations?" in asked.content.decode()
    assert before == ["registered", "waiting", "registered"]
    assert "Cancelled: 2. People of the waiting list who got a place: 1." in answer.content.decode()
    assert "Cancelled: 0." in again.content.decode()
    waits.refresh_from_db()
    assert waits.is_attending
    kinds = Letter.objects.filter(to_email=has_place.email).values_list("kind", flat=True)
    assert [*kinds] == ["registration/cancelled"]


def test_the_list_is_exported_without_formulas(edition, as_chair):
    guest = make_registration(edition, name="=1+1", email="ada@example.org")
    AttendeeNeeds.objects.create(registration=guest, diet="vegan")
    make_registration(
        make_open_registration(edition=make_edition(slug="2031")).edition, name="Elsewhere"
    )

    response = as_chair.post(f"{LIST}export/csv/?edition__id__exact={edition.pk}")
    excel = as_chair.post(f"{LIST}export/xlsx/?edition__id__exact={edition.pk}")

    text = b"".join(response).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["Name"], row["Dietary needs"]) == ("'=1+1", "vegan")
    assert b"".join(excel).startswith(b"PK")


def test_speakers_are_registered_once_and_written_to(edition, as_chair):
    make_contribution(edition, make_person(name="Grace Speaker"))
    url = f"{LIST}known/{edition.pk}/"

    asked = as_chair.get(url).content.decode()
    first = as_chair.post(url, follow=True).content.decode()
    as_chair.post(url)

    assert "Grace Speaker, without an email address" in " ".join(asked.split())
    assert "1 person registered. 1 without an address got no email." in first
    assert Registration.objects.get().source == "speaker"


def test_registrations_are_erased_after_a_question(edition, as_chair):
    guest = make_registration(edition, email="")
    waits = make_registration(edition, status="waiting")

    asked = _act(as_chair, "erase", guest)
    assert Registration.objects.count() == 2
    _act(as_chair, "erase", guest, confirmed="yes")

    assert "Erase these registrations?" in asked.content.decode()
    assert [*Registration.objects.all()] == [waits]
    waits.refresh_from_db()
    assert waits.is_attending
