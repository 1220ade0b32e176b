"""Kinds of session, and the names an edition gives them."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError

from apps.imports.cloning import clone_edition
from apps.mail.drafts import LetterRecipient
from apps.programme.models import ContributionLetter, Session, SessionLabel
from apps.programme.releases import NothingNew, publish_programme
from tests.factories import (
    make_contribution,
    make_edition,
    make_person,
    make_release,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_edition(slug="2030", year=2030, starts_on=date(2030, 5, 3))


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("opening", "Opening"),
        ("talks", "Talks"),
        ("invited", "Invited talks"),
        ("contributed", "Contributed talks"),
        ("industry", "Industry talks"),
        ("tutorial", "Tutorial"),
    ],
)
def test_a_session_without_a_title_has_the_name_of_its_kind(edition, client, kind, label):
    session = make_session(edition, kind=kind, title="")
    for title in ("One", "Two"):
        make_slot(session, make_contribution(edition, "Ada", title=title, kind="contributed"))
    make_release(edition)

    page = client.get("/2030/programme/").content.decode()
    calendar = client.get("/2030/programme.ics").content.decode()

    assert f">{label}</a>" in page
    assert f"SUMMARY:{label}\r\n" in calendar
    if kind != "invited":
        assert "Invited talks" not in page + calendar


def test_an_edition_words_a_kind_itself_from_the_next_release_on(edition, client):
    make_session(edition, kind="industry", title="")
    make_session(edition, kind="industry", title="Morning", starts_at=time(11))
    make_release(edition)
    edition.session_labels.create(kind="industry", label="Talks by <partners>")
    other = make_edition(slug="2031", year=2031)
    make_session(other, kind="industry", title="")
    make_release(other)

    before = client.get("/2030/programme/").content.decode()
    make_release(edition)

    page = client.get("/2030/programme/").content.decode()
    assert "Industry talks" in before
    assert "partners" not in before
    assert ">Talks by &lt;partners&gt;</a>" in page
    assert "<span>Talks by &lt;partners&gt;</span>" in page  # beside the title of the other
    assert "Industry talks" not in page
    assert "Talks by <partners>" in client.get("/2030/programme.ics").content.decode()
    assert "Industry talks" in client.get("/2031/programme/").content.decode()


def test_letters_to_chairs_name_the_session_as_the_programme_does(edition):
    edition.session_labels.create(kind="talks", label="Papers")
    ada = make_person()
    titles = []
    for title in ("", "Morning"):
        letter = ContributionLetter.to(
            LetterRecipient("Ada", "ada@example.org"),
            make_session(edition, title=title),
            person=ada,
        )
        titles.append(letter.get_values()["title"])

    assert titles == ["Papers", "Morning"]


def test_a_release_of_an_earlier_version_is_no_change(edition):
    make_session(edition)
    release = make_release(edition)
    for session in release.plan:
        del session["own_label"]
    release.save()

    with pytest.raises(NothingNew):
        publish_programme(edition=edition, by=None)


def test_a_kind_has_one_name_in_an_edition_and_next_year_keeps_it(edition):
    edition.session_labels.create(kind="talks", label="Papers")

    with pytest.raises(ValidationError, match="This edition has a name for this kind"):
        SessionLabel(edition=edition, kind="talks", label="Others").full_clean()
    copy = clone_edition(source=edition, by=None)
    assert list(copy.session_labels.values_list("kind", "label")) == [("talks", "Papers")]


def test_the_page_of_the_edition_has_the_names_of_kinds(edition, as_editor):
    edition.session_labels.create(kind="talks", label="Papers")

    page = as_editor.get(f"/admin/editions/edition/{edition.pk}/change/").content.decode()

    assert 'name="session_labels-0-label" value="Papers"' in page


def test_the_default_kind_claims_nothing(edition):
    assert str(Session.objects.create(edition=edition)) == "Talks"
