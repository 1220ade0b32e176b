"""Emails from chairs to registered people."""

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains

from apps.mail.models import Letter, Mailing
from tests.factories import make_attendance_kind, make_edition, make_registration

pytestmark = pytest.mark.django_db
TEXT = {"subject": "Thanks from {workshop}", "body": "Hello {name}, see you."}


@pytest.fixture
def edition(db):
    return make_edition(short_name="Small")


def desk(edition, to: str = "attending", **query: str) -> str:
    extra = "".join(f"&{name}={value}" for name, value in query.items())
    return f"/admin/registration/registration/write/{edition.pk}/?to={to}{extra}"


def send(client, url: str, **changes):
    """Continue to the confirmation, then send."""
    page = client.post(url, TEXT | changes | {"look": "1"})
    seen = {name: page.context[name] for name in ("key", "version_token")}
    return seen, client.post(url, TEXT | changes | seen | {"send": "1"}, follow=True)


def test_each_person_with_a_place_gets_one_email_however_often_it_is_sent(edition, as_chair):
    make_registration(edition, name="Ada <b>", email="ada@example.net")
    make_registration(edition, status="waiting")
    make_registration(edition, status="cancelled")
    make_registration(make_edition())

    seen, response = send(as_chair, desk(edition))
    as_chair.post(desk(edition), TEXT | seen | {"send": "1"})

    letter = Letter.objects.get()
    assert (letter.to_email, letter.subject) == ("ada@example.net", "Thanks from Small")
    assert "Hello Ada <b>, see you." in letter.body_text
    assert letter.registration_link.registration.name == "Ada <b>"
    assert Mailing.objects.get().chosen == "Everyone with a place"
    assert response.status_code == 200


def test_people_are_chosen_by_kind_check_in_and_waiting_list(edition, as_chair):
    kind = make_attendance_kind(edition, name="Online")
    make_registration(edition, name="At desk", checked_in_at=timezone.now())
    make_registration(edition, name="On screen", kind=kind)
    make_registration(edition, name="In line", status="waiting")

    def names(to: str) -> list[str]:
        return [one.name for one in as_chair.get(desk(edition, to)).context["samples"]]

    assert names("checked-in") == ["At desk"]
    assert names("absent") == ["On screen"]
    assert names(f"kind-{kind.pk}") == ["On screen"]
    assert names("waiting") == ["In line"]
    assert as_chair.get(desk(edition, "kind-999")).status_code == 404


@pytest.mark.parametrize("language", ["en", "de", "fr"])
@pytest.mark.parametrize("kind", ["thanks", "slides", "survey", "certificate"])
def test_it_begins_with_a_text_in_the_language_of_the_edition(as_chair, language, kind):
    edition = make_edition(language=language)
    make_registration(edition, name="Ada")

    page = as_chair.get(desk(edition, text=f"registration/{kind}"))
    form = page.context["form"].initial
    checked = as_chair.post(desk(edition), form | {"look": "1"})

    assert checked.context["is_confirming"] == (kind != "survey")
    if kind == "survey":
        assertContains(checked, "Write the address of your survey in place of")


def test_a_changed_list_sends_nothing(edition, as_chair):
    make_registration(edition)
    page = as_chair.post(desk(edition), TEXT | {"look": "1"})
    make_registration(edition)

    seen = {name: page.context[name] for name in ("key", "version_token")}
    response = as_chair.post(desk(edition), TEXT | seen | {"send": "1"})

    assertContains(response, "Nothing was sent, because the list changed meanwhile.")
    assert not Letter.objects.exists()
    assert not Mailing.objects.exists()


def test_a_test_goes_to_the_chair_without_a_private_link(edition, as_chair, chair):
    make_registration(edition)

    as_chair.post(desk(edition), TEXT | {"body": "{private_link}", "test": "1"})

    letter = Letter.objects.get()
    assert (letter.to_email, letter.link_maker) == (chair.email, "")


def test_only_chairs_write(edition, as_editor, as_helpdesk, client):
    statuses = [browser.get(desk(edition)).status_code for browser in (as_editor, as_helpdesk)]

    assert statuses == [403, 403]
    assert client.get(desk(edition)).status_code == 302
