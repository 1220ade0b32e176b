"""Letters of invitation, written at the desk."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry

from tests.factories import (
    make_contribution,
    make_edition,
    make_person,
    make_registration,
    make_session,
    make_slot,
)
from tests.printing.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_edition(
        slug="2030",
        title="Graph Days 2030",
        year=2030,
        starts_on=date(2030, 5, 3),
        venue="Old Library, Lund",
        contact_email="chairs@example.org",
    )


def page_of(edition) -> str:
    return f"/admin/programme/session/programme/{edition.pk}/print/invitation/"


def test_a_chair_writes_a_letter(as_chair, edition):
    facts = {"name": "Ada #x $y [ Lovelace", "passport": "C01X00T47", "signed_by": "Charlie Chair"}

    response = as_chair.post(page_of(edition), facts)

    text = text_of(response.content)
    for expected in (
        *("Ada #x $y [ Lovelace", "C01X00T47", "Charlie Chair", "Graph Days 2030"),
        *("Friday 3 May 2030", "Old Library, Lund", "chairs@example.org"),
    ):
        assert expected in text
    assert "Ada" not in str(LogEntry.objects.values())


def test_a_registration_fills_in_the_form(as_chair, edition):
    person = make_person(name="Ada Lovelace")
    make_slot(make_session(edition), make_contribution(edition, person, title="On engines"))
    registration = make_registration(edition, name="Ada King", person=person)

    page = as_chair.get(f"{page_of(edition)}?registration={registration.pk}").content.decode()

    assert 'value="Ada King"' in page
    assert 'value="On engines"' in page


def test_the_registration_of_another_edition_fills_in_nothing(as_chair, edition):
    other = make_registration(make_edition(), name="Grace Hopper")

    page = as_chair.get(f"{page_of(edition)}?registration={other.pk}").content.decode()

    assert "Grace Hopper" not in page


def test_editors_write_no_letters(as_editor, edition):
    assert as_editor.get(page_of(edition)).status_code == 403
    assert as_editor.post(page_of(edition), {"name": "Ada"}).status_code == 403
