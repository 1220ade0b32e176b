"""Check-in: each person counts once, whatever is sent, by whom and how often."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.registration.models import CheckIn, Registration
from tests.conftest import signed_in
from tests.factories import (
    make_attendance_kind,
    make_edition,
    make_registration,
    make_registration_period,
    make_user,
)
from tests.interest.students import main
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

PHONE, OTHER_PHONE = "phone-one", "phone-two"


@pytest.fixture
def edition():
    return make_edition(slug="2030", title="Workshop 2030")


@pytest.fixture
def as_door(db) -> Client:
    """Somebody with the role for the check-in and no other."""
    return signed_in(make_user("Check-in", email="door@example.org"))


def page_of(edition, name: str = "page") -> str:
    base = f"/admin/check-in/{edition.pk}/"
    return {"page": base, "people": f"{base}list.json"}.get(name, f"{base}{name}/")


def scan(client: Client, edition, *texts: str, device: str = PHONE, at=None):
    """Send scans as a telephone does; the outcomes."""
    moment = (at or timezone.now()).isoformat()
    body = {"device": device, "scans": [{"text": text, "at": moment} for text in texts]}
    response = client.post(page_of(edition, "scans"), body, content_type="application/json")
    assert response.status_code == 200, response.content
    return [answer["outcome"] for answer in response.json()["answers"]]


def test_a_ticket_a_token_and_a_typed_code_check_in(as_door, edition):
    one, two, three = (make_registration(edition) for _ in range(3))

    outcomes = scan(
        as_door, edition, one.ticket_url, two.ticket_token, f" {three.display_code.lower()} "
    )

    assert outcomes == ["welcome"] * 3
    assert Registration.objects.checked_in().count() == 3


def test_the_second_time_says_so_and_since_when(as_door, edition):
    guest = make_registration(edition)
    scan(as_door, edition, guest.code)

    response = as_door.post(page_of(edition, "one"), {"text": guest.code}, follow=True)

    assert "Already checked in since" in main(response)
    assert guest.name in main(response)
    assert CheckIn.objects.count() == 2
    assert Registration.objects.checked_in().count() == 1


def test_scans_that_are_sent_again_after_a_lost_answer_change_nothing(as_door, edition):
    guest, at = make_registration(edition), timezone.now() - timedelta(minutes=10)

    first = scan(as_door, edition, guest.code, at=at)
    again = scan(as_door, edition, guest.code, at=at)

    assert first == again == ["welcome"]
    assert CheckIn.objects.count() == 1


def test_the_earliest_scan_counts_in_whatever_order_two_phones_send_theirs(as_door, edition):
    guest, now = make_registration(edition), timezone.now()
    early = now - timedelta(minutes=15)

    scan(as_door, edition, guest.code, device=OTHER_PHONE, at=now)
    scan(as_door, edition, guest.code, device=PHONE, at=early)

    guest.refresh_from_db()
    assert guest.checked_in_at == early


def test_a_phone_with_a_wrong_clock_does_not_move_the_time(as_door, edition):
    ahead, behind = make_registration(edition), make_registration(edition)
    now = timezone.now()

    scan(as_door, edition, ahead.code, at=now + timedelta(days=400))
    scan(as_door, edition, behind.code, at=now - timedelta(days=400))

    for guest in Registration.objects.all():
        assert guest.checked_in_at is not None
        assert abs(guest.checked_in_at - now) < timedelta(minutes=1)


def test_people_without_a_place_are_not_let_in_by_a_scan(as_door, edition):
    waiting = make_registration(edition, status=Registration.Status.WAITING)
    cancelled = make_registration(edition, status=Registration.Status.CANCELLED)
    elsewhere = make_registration(make_edition(slug="2031"))

    outcomes = scan(
        as_door, edition, waiting.code, cancelled.code, elsewhere.ticket_url, "ZZZZZZ", ""
    )

    assert outcomes == ["waiting", "cancelled", "other", "unknown", "unknown"]
    assert not Registration.objects.checked_in().exists()


@pytest.mark.parametrize("status", [Registration.Status.WAITING, Registration.Status.CANCELLED])
def test_the_desk_gives_a_place_and_checks_in(as_door, edition, status):
    make_registration_period(edition, capacity=1)
    make_registration(edition)
    guest = make_registration(edition, status=status)

    response = as_door.post(page_of(edition, "admit"), {"person": guest.pk}, follow=True)

    guest.refresh_from_db()
    assert guest.is_attending
    assert guest.checked_in_at
    assert "Checked in" in main(response)


def test_a_cancelled_person_who_registered_again_is_not_registered_twice(as_door, edition):
    old = make_registration(edition, status="cancelled", email="ada@example.org")
    make_registration(edition, email="Ada@example.org")

    response = as_door.post(page_of(edition, "admit"), {"person": old.pk}, follow=True)

    assert "registered again" in response.content.decode()
    old.refresh_from_db()
    assert old.is_cancelled


def test_a_mistake_is_undone(as_door, edition):
    guest = make_registration(edition)
    scan(as_door, edition, guest.code)

    as_door.post(page_of(edition, "undo"), {"person": guest.pk})

    assert not Registration.objects.checked_in().exists()
    assert scan(as_door, edition, guest.code) == ["welcome"]


def test_a_walk_in_is_registered_once_and_checked_in(as_door, edition):
    kind = make_attendance_kind(edition, name="In person")
    data = {
        "walk-in-name": "Wanda Walker",
        "walk-in-email": "wanda@example.org",
        "walk-in-kind": kind.pk,
    }

    for _ in range(2):
        response = as_door.post(page_of(edition, "walk-in"), data, follow=True)

    guest = Registration.objects.get()
    assert (guest.name, guest.kind, guest.source) == ("Wanda Walker", kind, "walk_in")
    assert guest.checked_in_at
    assert "Wanda Walker" in main(response)


def test_a_walk_in_without_a_name_is_asked_for_it(as_door, edition):
    response = as_door.post(page_of(edition, "walk-in"), {"walk-in-name": ""})

    assert response.status_code == 422
    assert "This field is required" in main(response)


def test_words_of_a_name_find_people_without_a_script(as_door, edition):
    make_registration(edition, name="Zoë Öztürk")
    make_registration(edition, name="Ben Other")

    response = as_door.post(page_of(edition, "one"), {"text": "ozturk zoe"}, follow=True)

    assert "Zoë Öztürk" in main(response)
    assert "Ben Other" not in main(response)


def test_the_counts_are_of_people_with_a_place_by_kind(as_door, edition):
    here, online = (make_attendance_kind(edition, name=name) for name in ("In person", "Online"))
    guests = [make_registration(edition, kind=kind) for kind in (here, here, online)]
    make_registration(edition, kind=here, status="waiting")
    scan(as_door, edition, guests[0].code, guests[2].code)

    data = as_door.get(page_of(edition, "people")).json()

    assert data["counts"] == [
        {"name": "", "here": 2, "expected": 3},
        {"name": "In person", "here": 1, "expected": 2},
        {"name": "Online", "here": 1, "expected": 1},
    ]


def test_the_list_of_people_has_no_addresses_and_no_needs(as_door, edition):
    make_registration(edition, email="secret@example.org")

    data = as_door.get(page_of(edition, "people")).content.decode()

    assert "secret@example.org" not in data


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_and_the_page_cost_the_same_with_more_people(as_door, edition, number):
    kind = make_attendance_kind(edition)
    for _ in range(number):
        make_registration(edition, kind=kind, extras=[make_attendance_kind(edition, is_extra=True)])

    assert count_queries(lambda: as_door.get(page_of(edition, "people"))) <= 9
    assert count_queries(lambda: as_door.get(page_of(edition) + "?q=robin")) <= 14


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"device": "phone-one"}',
        '{"device": 5, "scans": []}',
        '{"device": "<script>!", "scans": []}',
        '{"device": "phone-one", "scans": [{"text": 5, "at": "2030-01-01T00:00:00Z"}]}',
        '{"device": "phone-one", "scans": [{"text": "\\u0000", "at": "2030-01-01T00:00:00Z"}]}',
        '{"device": "phone-one", "scans": [{"text": "A", "at": "2030-01-01T00:00:00"}]}',
        '{"device": "phone-one", "scans": [{"text": "A", "at": "2030-13-41T00:00:00Z"}]}',
        json.dumps({"device": "phone-one", "scans": [{"text": "A", "at": ""}] * 501}),
    ],
)
def test_a_body_that_is_no_list_of_scans_is_refused(as_door, edition, body):
    response = as_door.post(page_of(edition, "scans"), body, content_type="application/json")

    assert response.status_code == 400


@pytest.mark.parametrize("client_name", ["client", "as_stranger", "as_reviewer", "as_editor"])
def test_only_those_at_the_check_in_may(client_name, edition, request):
    client, guest = request.getfixturevalue(client_name), make_registration(edition)

    for name in ("page", "people"):
        assert client.get(page_of(edition, name)).status_code in (302, 403)
    for name in ("one", "admit", "undo", "walk-in", "scans"):
        data = {"text": guest.code, "person": guest.pk, "walk-in-name": "A"}
        assert client.post(page_of(edition, name), data).status_code in (302, 403)
    assert not CheckIn.objects.exists()
    assert Registration.objects.count() == 1


def test_people_of_another_edition_are_not_found(as_door, edition):
    guest = make_registration(make_edition(slug="2031"))

    for name in ("admit", "undo"):
        assert as_door.post(page_of(edition, name), {"person": guest.pk}).status_code == 404


def test_the_page_alone_may_use_the_camera(as_door, edition):
    response = as_door.get(page_of(edition))

    assert "camera=(self)" in response["Permissions-Policy"]
    assert "microphone=()" in response["Permissions-Policy"]


def test_the_role_leads_from_the_first_screen_to_the_check_in(as_door, edition):
    response = as_door.get("/admin/")

    assert '<a href="/admin/check-in/"' in response.content.decode()
    assert as_door.get("/admin/check-in/").url == page_of(edition)
