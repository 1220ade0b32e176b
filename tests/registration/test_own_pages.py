"""Pages behind the private link, “I will come”, and letters about registrations."""

from datetime import date

import pytest
from django.test import Client

from apps.core.exceptions import NotAllowed
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.mail.smtp import compose
from apps.private_links.requests import answer_requests
from apps.registration.models import AttendeeNeeds, Registration, RegistrationConsent
from apps.registration.preregistration import list_unregistered, register_known
from apps.registration.services import (
    cancel,
    make_registration_link,
    promote,
    promote_waiting,
)
from tests.contributors.speakers import make_speaker, make_speaker_token, speaker_link_path
from tests.factories import (
    make_attendance_kind,
    make_contribution,
    make_edition,
    make_person,
    make_registration,
    make_sent_expression,
)
from tests.interest.students import browser_of, heading, main
from tests.registration.guests import guest_browser, make_open_registration, register_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(db):
    return make_open_registration().edition


@pytest.fixture
def guest(edition) -> Registration:
    return make_registration(
        edition, name="Ada Example", email="ada@example.org", confirmed_at="2030-01-01T00:00Z"
    )


def test_strangers_and_organisers_see_the_same_refusal(guest, as_chair):
    for browser in (Client(), as_chair):
        for page in ("", "change/", "cancel/", "data.json", "erase/", "address/"):
            response = browser.get(guest.get_absolute_url() + page)
            assert response.status_code == 403
            assert "Ada Example" not in response.content.decode()


def test_the_link_in_the_letter_opens_the_page(guest):
    path = make_registration_link(guest.pk, "ada@example.org").split("/", 3)[3]
    browser = Client()
    assert browser.get(f"/{path}").status_code == 200

    response = browser.post(f"/{path}", follow=True)

    assert heading(response) == "You are registered"


def test_no_link_goes_to_an_earlier_address(guest):
    with pytest.raises(NotAllowed):
        make_registration_link(guest.pk, "eve@example.org")


def test_answers_are_changed_until_the_registration_closes(edition, guest):
    kind = make_attendance_kind(edition)
    browser = guest_browser(guest)
    data = {"version": guest.version, "name": "Ada B", "kind": kind.pk, "diet": "vegan"}

    response = browser.post(f"{guest.get_absolute_url()}change/", data, follow=True)

    assert "Your changes are saved." in response.content.decode()
    guest.refresh_from_db()
    assert (guest.name, guest.kind, guest.needs.diet) == ("Ada B", kind, "vegan")
    period = edition.registration_period
    period.closes_on = period.opens_on
    period.save()
    response = browser.post(f"{guest.get_absolute_url()}change/", data, follow=True)
    assert "can no longer be changed here" in response.content.decode()


def test_two_tabs_do_not_overwrite_each_other(guest):
    browser = guest_browser(guest)
    url = f"{guest.get_absolute_url()}change/"
    browser.post(url, {"version": guest.version, "name": "First", "diet": "vegan"})

    response = browser.post(url, {"version": guest.version, "name": "Second"})

    assert response.status_code == 409
    assert "vegan" in main(response)
    guest.refresh_from_db()
    assert guest.name == "First"
    again = {"version": guest.version, "name": "Second"}
    browser.post(url, again)
    assert not AttendeeNeeds.objects.exists()


def test_a_consent_can_be_withdrawn_and_keeps_its_text_and_time(edition, guest):
    consent = RegistrationConsent.objects.create(edition=edition, text="Photos?")
    browser, url = guest_browser(guest), f"{guest.get_absolute_url()}change/"
    data = {"name": "Ada", f"consent_{consent.pk}": "on"}
    browser.post(url, data | {"version": 1})
    given = guest.consents.get()
    RegistrationConsent.objects.update(text="Photos and films?")

    browser.post(url, {"name": "Ada", "version": 2})

    assert given.text == "Photos?"
    assert not guest.consents.exists()


def test_a_kind_that_is_full_cannot_be_moved_to(edition, guest):
    full = make_attendance_kind(edition, capacity=1)
    other = make_attendance_kind(edition)
    Registration.objects.update(kind=other)
    make_registration(edition, kind=full)
    browser = guest_browser(guest)

    data = {"version": guest.version, "name": "Ada", "kind": full.pk}
    response = browser.post(f"{guest.get_absolute_url()}change/", data)

    assert "Select one of the answers shown" in main(response)
    guest.refresh_from_db()
    assert guest.kind == other


def test_cancelling_twice_writes_one_letter(guest):
    browser, url = guest_browser(guest), f"{guest.get_absolute_url()}cancel/"

    browser.post(url)
    response = browser.post(url, follow=True)

    assert heading(response) == "Your registration is cancelled"
    assert Letter.objects.filter(kind="registration/cancelled").count() == 1
    assert "<svg role" not in main(response)


def test_an_address_is_changed_with_letters_to_both(guest):
    browser = guest_browser(guest)
    other = guest_browser(guest)

    browser.post(f"{guest.get_absolute_url()}address/", {"email": "new@example.org"})

    assert {*Letter.objects.values_list("to_email", flat=True)} == {
        "ada@example.org",
        "new@example.org",
    }
    assert browser.get(guest.get_absolute_url()).status_code == 200
    assert other.get(guest.get_absolute_url()).status_code == 403


def test_an_address_of_another_registration_is_refused(edition, guest):
    make_registration(edition, email="bo@example.org")

    response = guest_browser(guest).post(
        f"{guest.get_absolute_url()}address/", {"email": "BO@example.org"}
    )

    assert "This address cannot be used" in main(response)


def test_a_new_link_is_sent_to_a_known_address_only(client, edition, guest):
    for email in ("ADA@example.org", "eve@example.org"):
        client.post("/2030/register/new-link/", {"email": email})

    answer_requests()

    kinds = dict(Letter.objects.values_list("to_email", "kind"))
    assert kinds["ada@example.org"] == "registration/link"
    assert kinds["eve@example.org"] == "private_links/unknown"


def test_data_is_downloaded_and_erased(edition, guest):
    AttendeeNeeds.objects.create(registration=guest, diet="vegan")
    waits = make_registration(edition, status="waiting")
    edition.registration_period.capacity = 1
    edition.registration_period.save()
    browser = guest_browser(guest)

    data = browser.get(f"{guest.get_absolute_url()}data.json").json()
    browser.post(f"{guest.get_absolute_url()}erase/")

    assert data["registration"]["email"] == "ada@example.org"
    assert data["needs"]["diet"] == "vegan"
    assert [*Registration.objects.all()] == [waits]
    waits.refresh_from_db()
    assert waits.is_attending


def test_a_ticket_names_nobody_and_ends_with_its_registration(client, guest):
    url = f"/2030/register/ticket/{guest.ticket_token}/"

    assert heading(client.get(url)) == "This ticket is valid"
    assert "Ada" not in client.get(url).content.decode()
    cancel(registration=guest)
    assert heading(client.get(url)) == "This ticket is not valid"
    assert heading(client.get("/2030/register/ticket/x/")) == "This ticket is not valid"


def test_the_letter_carries_ticket_and_calendar(settings):
    edition = make_edition(slug="2030", starts_on=date(2199, 5, 3))
    make_open_registration(edition=edition)
    register_people(edition, 1)

    mail = compose(Letter.objects.get(), "https://example.org/link/")

    names = [(attached[0], attached[2]) for attached in mail.attachments]
    assert names == [("programme.ics", "text/calendar"), ("ticket.png", "image/png")]
    assert mail.attachments[1][1].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("language", "subject"),
    [("de", "Sie sind angemeldet"), ("fr", "Votre inscription est enregistrée")],
)
def test_page_and_letter_are_in_the_language_of_the_edition(language, subject):
    edition = make_edition(slug="2030", language=language)
    make_open_registration(edition=edition)

    register_people(edition, 1)

    assert Letter.objects.get().subject.startswith(subject)


# Places


def test_a_larger_capacity_gives_places_in_the_order_of_waiting():
    period = make_open_registration(capacity=1)
    people = register_people(period.edition, 4)
    period.capacity = 3
    period.save()

    promoted = promote_waiting(edition=period.edition)

    assert promoted == people[1:3]
    assert promote_waiting(edition=period.edition) == []


def test_organisers_promote_by_hand_beyond_the_capacity_once():
    people = register_people(make_open_registration(capacity=1).edition, 3)

    promote(registration=people[2])

    assert [each.status for each in Registration.objects.order_by("pk")] == [
        *("registered", "waiting", "registered")
    ]
    with pytest.raises(NotAllowed):
        promote(registration=people[2])


def test_nobody_is_promoted_after_the_event(edition):
    has_place = make_registration(edition)
    make_registration(edition, status="waiting")
    edition.starts_on = date(2001, 1, 1)
    edition.save()

    assert cancel(registration=has_place) == []


# People whom we know


def test_a_student_comes_with_one_press(edition):
    expression = make_sent_expression(edition, state="confirmed", reference="R7K2QD")
    browser = browser_of(expression)
    assert "I will come" in main(browser.get(expression.get_absolute_url()))

    response = browser.post("/2030/register/student/R7K2QD/", follow=True)

    assert heading(response) == "You are registered"
    registration = Registration.objects.get()
    assert (registration.expression, registration.source) == (expression, "student")
    assert registration.email == "sam@example.org"
    browser.post("/2030/register/student/R7K2QD/")
    assert Registration.objects.count() == Letter.objects.count() == 1
    panel = main(browser.get(expression.get_absolute_url()))
    assert registration.display_code in panel
    assert "I will come" not in panel


def test_a_student_selects_a_kind_after_the_press(edition):
    for name in ("Student", "Staff"):
        make_attendance_kind(edition, name=name)
    expression = make_sent_expression(edition, state="accepted", reference="R7K2QD")

    response = browser_of(expression).post("/2030/register/student/R7K2QD/", follow=True)

    assert heading(response) == "Change your answers"


@pytest.mark.parametrize("state", [State.SUBMITTED, State.DECLINED, State.WITHDRAWN])
def test_students_without_a_place_in_the_programme_get_no_button(edition, state):
    expression = make_sent_expression(edition, state=state, reference="R7K2QD")
    browser = browser_of(expression)

    assert "I will come" not in main(browser.get(expression.get_absolute_url()))
    browser.post("/2030/register/student/R7K2QD/")
    assert not Registration.objects.exists()


def test_a_student_does_not_open_the_registration_of_another_with_the_same_address(edition, guest):
    expression = make_sent_expression(
        edition, state="confirmed", reference="R7K2QD", email="ada@example.org"
    )
    browser = browser_of(expression)

    response = browser.post("/2030/register/student/R7K2QD/", follow=True)

    assert "registered already" in response.content.decode()
    assert browser.get(guest.get_absolute_url()).status_code == 403


def test_a_speaker_comes_with_one_press(edition):
    person = make_person(name="Grace Speaker", affiliation="Navy")
    make_contribution(edition, person)
    speaker = make_speaker(edition, person=person, email="grace@example.org")
    browser = Client()
    browser.post(speaker_link_path(speaker, make_speaker_token(speaker)))
    assert "I will come" in main(browser.get(speaker.get_absolute_url()))

    response = browser.post(f"/2030/register/speaker/{speaker.pk}/", follow=True)

    assert heading(response) == "You are registered"
    registration = Registration.objects.get()
    assert (registration.person, registration.affiliation) == (person, "Navy")


def test_speakers_and_students_are_registered_by_organisers_and_confirm(edition):
    person = make_person(name="Grace Speaker")
    make_contribution(edition, person)
    make_sent_expression(edition, state="confirmed", email="sam@example.org")
    make_sent_expression(edition, state="accepted", email="kim@example.org")
    student_kind = make_attendance_kind(edition, name="Student")

    registered = register_known(edition=edition, student_kind=student_kind)

    assert [(each.name, each.source) for each in registered] == [
        ("Grace Speaker", "speaker"),
        ("Sam Student", "student"),
    ]
    assert registered[1].kind == student_kind
    letter = Letter.objects.get()
    assert letter.subject.startswith("Will you come?")
    assert list_unregistered(edition) == []
    assert register_known(edition=edition) == []
    student = registered[1]
    browser = guest_browser(student)
    assert heading(browser.get(student.get_absolute_url())) == "Will you come?"
    response = browser.post(f"{student.get_absolute_url()}come/", follow=True)
    assert heading(response) == "You are registered"
