"""Certificates: who has one, and what the public page says about a code."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.printing.certificates import attended, certificate_data, certificates_for, presented_in
from apps.printing.documents import find_kind, make_pdf
from apps.review.models import Review
from tests.contributors.speakers import make_speaker
from tests.contributors.students import make_added
from tests.factories import (
    make_contribution,
    make_contributor,
    make_edition,
    make_expression,
    make_person,
    make_registration,
    make_reviewer,
    make_session,
    make_slot,
    make_user,
)
from tests.interest.students import browser_of as interest_browser
from tests.printing.reading import text_of
from tests.registration.guests import guest_browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    """It ended a week ago."""
    day = timezone.localdate() - timedelta(days=7)
    return make_edition(slug="2020", title="Graph Days 2020", year=2020, starts_on=day)


@pytest.fixture
def code(edition) -> str:
    make_registration(edition, name="Ada Lovelace", email="ada@example.org")
    return attended(edition)[0].code


def test_the_code_of_a_certificate_says_name_edition_and_kind(client, code):
    page = client.get(f"/verify/{code.lower()}/").content.decode()

    for expected in ("genuine", "Ada Lovelace", "Certificate of attendance", "Graph Days 2020"):
        assert expected in page
    assert "ada@example.org" not in page


def test_the_page_leads_from_a_typed_code_to_its_answer(client, code):
    response = client.get("/verify/", {"code": f" {code} "}, follow=True)

    assert "Ada Lovelace" in response.content.decode()
    assert response["Cache-Control"] == "no-store, private"
    assert response["X-Robots-Tag"] == "noindex"


def test_changed_codes_are_not_known(client, code):
    head, _, digest = code.partition("-")
    kind, number = head[0], int(head[1:])
    for wrong in (
        f"{kind}{number + 1}-{digest}",
        f"P{number}-{digest}",
        f"{head}-{digest[:-1]}{'2' if digest[-1] != '2' else '3'}",
        head,
        "A999999999999999-222222",
        "A٣-222222",
        "x" * 5000,
        "a/b",
    ):
        response = client.get("/verify/", {"code": wrong}, follow=True)
        assert response.status_code == 404
        assert "not known" in response.content.decode()


def test_a_cancelled_or_erased_registration_is_not_known(client, edition, code):
    registration = edition.registrations.get()
    registration.status = "cancelled"
    registration.save()

    assert client.get(f"/verify/{code}/").status_code == 404

    registration.delete()

    assert client.get(f"/verify/{code}/").status_code == 404


def test_a_certificate_is_not_known_before_the_edition_begins(client):
    edition = make_edition(starts_on=timezone.localdate() + timedelta(days=3))
    make_registration(edition)

    assert client.get(f"/verify/{attended(edition)[0].code}/").status_code == 404


def test_once_people_checked_in_only_those_attended(edition):
    make_registration(edition, name="Ada", checked_in_at=timezone.now())
    make_registration(edition, name="Bob")

    assert [one.name for one in attended(edition)] == ["Ada"]


def test_too_many_codes_are_refused(client, code, monkeypatch):
    monkeypatch.setattr("apps.printing.views._MAX_CODES", 2)

    statuses = [client.get(f"/verify/{code}/").status_code for _ in range(4)]

    assert statuses == [200, 200, 429, 429]


def test_a_presenter_has_one_certificate_for_all_contributions(client, edition):
    person, session = make_person(name="Grace Hopper"), make_session(edition)
    for title in ("Compilers", "Nanoseconds"):
        make_slot(session, make_contribution(edition, person, title=title))
    make_slot(session, make_contribution(edition, "Hidden", is_published=False))

    [found] = presented_in(edition)
    pdf = client.get(f"/verify/{found.code}/certificate.pdf")

    text = text_of(pdf.content)
    for expected in ("Grace Hopper", "Compilers", "Nanoseconds", found.code.split("-")[-1]):
        assert expected in text.replace("\u200b", "")


def test_those_who_reviewed_have_a_certificate(edition):
    reviewed, idle = (make_user("Reviewer", name=name) for name in ("Rena", "Ivo"))
    for user in (reviewed, idle):
        make_reviewer(edition, user)
    Review.objects.create(expression=make_expression(edition), reviewer=reviewed, score=4)
    kind = find_kind("certificates-reviewed")
    assert kind

    text = text_of(make_pdf(kind, edition))

    assert "Rena" in text
    assert "Ivo" not in text


def test_people_find_their_certificates_on_their_own_page(edition, code):
    browser = guest_browser(edition.registrations.get())

    page = browser.get(edition.registrations.get().get_absolute_url()).content.decode()

    assert f"/verify/{code}/certificate.pdf" in page


def test_students_and_speakers_find_theirs_on_their_pages(edition):
    talk = make_added(edition, name="Sam Student")
    make_contributor(talk, "Coauthor", role="author", ordering=9)
    student = talk.origin.expression
    speaker = make_speaker(edition, make_person(name="Grace Hopper"))
    session = make_session(edition)
    for contribution in (talk, make_contribution(edition, speaker.person)):
        make_slot(session, contribution)

    [of_student] = certificates_for(edition, expression=student)
    [of_speaker] = certificates_for(edition, person_pk=speaker.person_id)
    page = interest_browser(student).get(student.get_absolute_url()).content.decode()

    assert (of_student.name, of_speaker.name) == ("Sam Student", "Grace Hopper")
    assert of_student.pdf_path in page
    assert of_speaker.pdf_path not in page


def test_the_first_day_of_an_edition_is_in_its_certificates(edition):
    edition.starts_on = date(2020, 5, 4)
    make_registration(edition)

    assert certificate_data(edition, attended(edition))["edition"]["dates"] == "Monday 4 May 2020"
