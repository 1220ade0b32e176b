"""The public registration page: states, the form, its protection, places and the waiting list."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.mail.models import Letter
from apps.registration.models import (
    AttendeeNeeds,
    GivenConsent,
    Registration,
    RegistrationConsent,
    RegistrationQuestion,
)
from apps.registration.services import cancel
from tests.factories import make_attendance_kind, make_edition, make_registration
from tests.interest.calls import open_page
from tests.interest.students import heading, main
from tests.queries import count_queries
from tests.registration.guests import (
    HERE,
    guest_browser,
    make_open_registration,
    register_in,
    register_people,
    typed,
)

pytestmark = pytest.mark.django_db


def test_a_stranger_registers_and_gets_a_ticket_and_a_letter(client, settings):
    settings.HAS_MAIL = True
    edition = make_edition(
        slug="2030", title="Workshop 2030", starts_on=date(2199, 5, 3), venue="Hall 1"
    )
    make_open_registration(edition=edition)

    response = register_in(client, affiliation="University of Examples")

    registration = Registration.objects.get()
    assert response.status_code == 302
    page = client.get(response.url)
    assert heading(page) == "You are registered"
    assert '<svg role="img"' in main(page)
    assert registration.display_code in main(page)
    letter = Letter.objects.get()
    assert (letter.to_email, letter.subject) == (
        "ada@example.org",
        "You are registered – Workshop 2030",
    )
    assert Letter.PRIVATE_LINK in letter.body_text
    assert registration.display_code in letter.body_text
    assert "DTSTART;VALUE=DATE:21990503" in letter.calendar
    assert letter.qr_text.endswith(f"/2030/register/ticket/{registration.ticket_token}/")


def test_everything_that_is_asked_is_stored(client):
    period = make_open_registration()
    edition = period.edition
    kind = make_attendance_kind(edition, name="Student", price_note="€ 20")
    dinner = make_attendance_kind(edition, name="Dinner", is_extra=True)
    question = RegistrationQuestion.objects.create(edition=edition, label="Shirt?", kind="yes_no")
    photo = RegistrationConsent.objects.create(edition=edition, text="I may be photographed.")
    conduct = RegistrationConsent.objects.create(
        edition=edition, text="I will be kind.", is_required=True
    )
    answers = {
        "kind": kind.pk,
        "extras": [dinner.pk],
        "diet": "vegan",
        "access": "a ramp",
        f"question_{question.pk}": "yes",
        f"consent_{conduct.pk}": "on",
    }

    register_in(client, **answers)

    registration = Registration.objects.get()
    assert (registration.kind, [*registration.extras.all()]) == (kind, [dinner])
    assert (registration.needs.diet, registration.needs.access) == ("vegan", "a ramp")
    assert registration.answers.get().in_words == "Yes"
    assert [given.consent for given in GivenConsent.objects.all()] == [conduct]
    page = main(client.get(registration.get_absolute_url()))
    for words in ("Student", "Dinner", "vegan", "a ramp", "Shirt?", "I will be kind."):
        assert words in page
    assert str(photo) not in page


def test_the_form_says_that_needs_are_erased_first_and_when(client):
    make_open_registration()

    assert "erased before everything else, 30 days after the event" in main(client.get(HERE))


def test_what_is_required_is_asked_for_and_nothing_is_lost(client):
    edition = make_open_registration().edition
    make_attendance_kind(edition)
    consent = RegistrationConsent.objects.create(
        edition=edition, text="I will be kind.", is_required=True
    )

    page = main(register_in(client, name="", diet="no nuts"))

    for words in ("Enter your full name", "Tick “I will be kind.” to register"):
        assert words in page
    assert "no nuts" in page
    assert f'id="id_consent_{consent.pk}"' in page
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"opens_on": None}, "Registration: dates to be announced"),
        ({"opens_on": date(2198, 1, 1), "closes_on": date(2199, 1, 1)}, "Registration opens on"),
        ({"opens_on": date(2001, 1, 1), "closes_on": date(2001, 2, 1)}, "Registration is closed"),
    ],
)
def test_a_registration_that_is_not_open_takes_nothing(client, fields, expected):
    make_open_registration(**fields)

    page = client.get(HERE)
    answer = client.post(HERE, typed())

    assert expected in heading(page)
    assert 'name="email"' not in main(page)
    assert answer.status_code == 409
    assert not Registration.objects.exists()


def test_a_registration_that_is_not_public_is_seen_by_organisers_only(client, as_editor):
    make_open_registration(is_public=False)

    assert client.get(HERE).status_code == 404
    assert "Only organisers see this page." in main(as_editor.get(HERE))
    assert client.post(HERE, typed()).status_code == 404


# Sent twice, by machines, by somebody else


def test_a_form_sent_twice_is_one_registration(client):
    make_open_registration()
    data = typed() | {"token": open_page(client, HERE)}
    client.post(HERE, data)

    other_tab = Client()  # the answer did not arrive, so there is no cookie
    response = other_tab.post(HERE, data | {"affiliation": "Elsewhere"}, follow=True)

    registration = Registration.objects.get()
    assert registration.affiliation == "Elsewhere"
    assert heading(response) == "You are registered"
    assert Letter.objects.count() == 1


def test_another_browser_with_the_same_address_changes_and_sees_nothing(client):
    edition = make_open_registration().edition
    make_registration(edition, email="Ada@example.org", affiliation="Secret Institute")

    response = register_in(client, affiliation="Elsewhere")

    assert heading(response) == "Nothing new was stored"
    assert "Secret Institute" not in response.content.decode()
    registration = Registration.objects.get()
    assert registration.affiliation == "Secret Institute"
    assert Letter.objects.get().subject == "You are registered already – Workshop 2030"
    assert client.get(registration.get_absolute_url()).status_code == 403


def test_a_program_that_fills_in_every_field_is_refused(client):
    make_open_registration()

    response = register_in(client, comment="buy this")

    assert response.status_code == 403
    assert "Ada Example" in main(response)
    assert not Registration.objects.exists()


def test_too_many_registrations_from_a_network_are_slowed_down(client, settings):
    settings.SUBMISSION_LIMIT = 2
    edition = make_open_registration().edition
    register_people(edition, 2)

    response = register_in(client)

    assert response.status_code == 429
    assert Registration.objects.count() == 2


def test_a_forged_page_token_and_hostile_answers_store_nothing(client):
    edition = make_open_registration().edition
    other = make_attendance_kind(make_edition(), name="Free")
    make_attendance_kind(edition, name="Student")
    token = open_page(client, HERE)

    for changes in (
        {"token": "forged"},
        {"kind": other.pk},
        {"kind": "999999999999999999999999"},
        {"kind": ["1", "x"]},
        {"extras": [other.pk]},
        {"name": "Buy at www.example.org"},
        {"email": "ada@example.org\nBcc: b@example.org"},
        {"diet": "x" * 5000},
    ):
        response = client.post(HERE, typed() | {"token": token} | changes)
        assert response.status_code == 200, changes
    assert not Registration.objects.exists()


def test_a_mistyped_address_gets_a_hint(client):
    make_open_registration()

    response = register_in(client, email="ada@gmial.com")

    assert "Did you mean ada@gmail.com?" in main(client.get(response.url))


# Places


def test_the_page_says_how_many_places_are_left(client):
    edition = make_open_registration(capacity=3).edition
    make_attendance_kind(edition, name="Online", takes_place=False)
    make_attendance_kind(edition, name="Dinner", is_extra=True, capacity=1)
    make_registration(edition)

    page = main(client.get(HERE))

    assert "2 places left" in page
    assert "Dinner (1 place left)" in page
    assert "Online</" in " ".join(page.replace("</label>", "</").split())


def test_the_waiting_list_begins_when_the_places_are_taken(client):
    edition = make_open_registration(capacity=2).edition

    people = register_people(edition, 4)

    assert [each.status for each in people] == ["registered"] * 2 + ["waiting"] * 2
    subjects = Letter.objects.order_by("pk").values_list("subject", flat=True)
    assert subjects[3] == "You are on the waiting list – Workshop 2030"
    assert "You can join the waiting list." in main(client.get(HERE))
    last = Letter.objects.order_by("pk").last()
    assert last is not None
    assert (last.calendar, last.qr_text) == ("", "")


def test_a_cancelled_place_goes_to_the_first_who_waits_with_a_letter():
    edition = make_open_registration(capacity=1).edition
    first, second, third = register_people(edition, 3)

    guest_browser(first).post(f"{first.get_absolute_url()}cancel/")

    statuses = Registration.objects.order_by("pk").values_list("status", flat=True)
    assert [*statuses] == ["cancelled", "registered", "waiting"]
    letter = Letter.objects.filter(to_email=second.email).latest("pk")
    assert letter.subject == "You have a place – Workshop 2030"
    assert letter.qr_text
    assert not Letter.objects.filter(to_email=third.email, kind="registration/promoted").exists()


def test_without_a_waiting_list_a_full_registration_takes_nobody(client):
    edition = make_open_registration(capacity=1, has_waiting_list=False).edition
    token = open_page(client, HERE)
    register_people(edition, 1)

    late = client.post(HERE, typed(email="late@example.org") | {"token": token})

    assert late.status_code == 409
    assert "All places are taken." in main(late)
    assert "All places are taken." in main(client.get(HERE))
    assert 'name="email"' not in main(client.get(HERE))
    assert Registration.objects.count() == 1


def test_those_who_need_no_place_are_let_in_when_the_room_is_full(client):
    edition = make_open_registration(capacity=1).edition
    online = make_attendance_kind(edition, name="Online", takes_place=False)
    room = make_attendance_kind(edition, name="In person")
    make_registration(edition, kind=room)

    register_in(client, kind=online.pk)
    register_in(Client(), kind=room.pk, email="bo@example.org")

    statuses = dict(Registration.objects.values_list("email", "status"))
    assert statuses["ada@example.org"] == "registered"
    assert statuses["bo@example.org"] == "waiting"


def test_a_place_of_one_kind_does_not_go_to_somebody_who_waits_for_another():
    edition = make_open_registration().edition
    student = make_attendance_kind(edition, name="Student", capacity=1)
    staff = make_attendance_kind(edition, name="Staff", capacity=1)
    make_registration(edition, kind=student)
    has_staff_place = make_registration(edition, kind=staff)
    waits = make_registration(edition, kind=student, status="waiting")
    waits_for_staff = make_registration(edition, kind=staff, status="waiting")

    promoted = cancel(registration=has_staff_place)

    assert promoted == [waits_for_staff]
    waits.refresh_from_db()
    assert waits.is_waiting


def test_an_extra_that_is_full_is_not_offered_and_not_given(client):
    edition = make_open_registration().edition
    dinner = make_attendance_kind(edition, name="Dinner", is_extra=True, capacity=1)
    token = open_page(client, HERE)
    make_registration(edition, extras=[dinner])

    response = client.post(HERE, typed(extras=[dinner.pk]) | {"token": token})

    assert response.status_code == 302
    assert not Registration.objects.get(email="ada@example.org").extras.exists()
    assert "Dinner" not in main(client.get(HERE))


def test_the_queries_of_the_page_do_not_grow(client):
    edition = make_open_registration(capacity=10).edition
    make_attendance_kind(edition)
    make_registration(edition)
    client.get(HERE)
    one = count_queries(lambda: client.get(HERE))
    for _ in range(3):
        make_attendance_kind(edition, is_extra=True)
        make_registration(edition)
        RegistrationQuestion.objects.create(edition=edition, label="Why?")
        RegistrationConsent.objects.create(edition=edition, text="Yes.")

    assert one == count_queries(lambda: client.get(HERE)) <= 12


def test_needs_leave_no_empty_rows(client):
    make_open_registration()

    register_in(client)

    assert not AttendeeNeeds.objects.exists()
    assert Registration.objects.get().created_at <= timezone.now() + timedelta(seconds=1)


# Links to the registration


def _home(client) -> str:
    return main(client.get("/2030/"))


def test_the_home_page_and_the_header_lead_to_our_own_registration(client):
    edition = make_open_registration().edition
    edition.registration_url = "https://elsewhere.example/"
    edition.save()

    html = client.get("/2030/").content.decode()

    assert f'<a class="btn btn-primary" href="{HERE}">Register</a>' in " ".join(html.split())
    assert f'<a href="{HERE}" dir="auto">Registration</a>' in " ".join(html.split())
    assert "elsewhere.example" not in html


def test_the_external_registration_is_linked_until_ours_is_published(client):
    edition = make_open_registration(is_public=False).edition
    edition.registration_url = "https://elsewhere.example/"
    edition.save()

    html = client.get("/2030/").content.decode()

    assert "https://elsewhere.example/" in html
    assert HERE not in html


def test_the_home_page_says_when_the_registration_opens_and_closes(client):
    period = make_open_registration()
    assert "Registration closes" in _home(client)
    period.opens_on, period.closes_on = date(2198, 1, 1), date(2199, 1, 1)
    period.save()

    page = _home(client)

    assert "Opens " in page
    assert ">Register</a>" not in page


def test_a_full_workshop_says_how_people_can_still_take_part(client):
    edition = make_open_registration(capacity=1).edition
    make_registration(edition, kind=make_attendance_kind(edition, name="In person"))
    make_attendance_kind(edition, name="Online", takes_place=False)

    assert "All places are taken, except: Online." in main(client.get(HERE))
