"""Kinds of session and contribution, and the names an edition gives them."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError

from apps.imports.cloning import clone_edition
from apps.mail.drafts import LetterRecipient
from apps.programme.conflicts import find_conflicts
from apps.programme.models import ContributionLabel, ContributionLetter, Session, SessionLabel
from apps.programme.releases import NothingNew, publish_programme
from apps.programme.timetable import draft_timetable
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
        ("discussion", "Discussion"),
        ("demos", "Demos"),
        ("closing", "Closing"),
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

    with pytest.raises(ValidationError, match="This edition already has a name for this kind"):
        SessionLabel(edition=edition, kind="talks", label="Others").full_clean()
    copy = clone_edition(source=edition, by=None)
    assert list(copy.session_labels.values_list("kind", "label")) == [("talks", "Papers")]


def test_the_page_of_the_edition_has_the_names_of_kinds(edition, as_editor):
    edition.session_labels.create(kind="talks", label="Papers")

    page = as_editor.get(f"/admin/editions/edition/{edition.pk}/programme/").content.decode()

    assert 'name="session_labels-0-label" value="Papers"' in page


def test_the_default_kind_claims_nothing(edition):
    assert str(Session.objects.create(edition=edition)) == "Talks"


def test_an_edition_words_a_kind_of_contribution_itself_at_once(edition, client):
    session = make_session(edition)
    talk = make_contribution(edition, "Ada", title="", slug="ada", kind="industry")
    make_slot(session, talk)
    make_slot(session, make_contribution(edition, "Bob", slug="bob"), kind="industry")
    make_release(edition)
    edition.contribution_labels.create(kind="industry", label="Talk <by>", plural="Talks <by>")

    for page in ("contributions/ada", "contributions/bob"):
        assert '<dt dir="auto">Talk &lt;by&gt;</dt>' in read(client, f"/2030/{page}/")
    speakers = read(client, "/2030/speakers/")
    assert ">Talks &lt;by&gt;</h2>" in speakers
    assert "Industry" not in speakers


def test_the_heading_of_a_list_is_the_name_of_one_without_a_plural(edition, client):
    make_contribution(edition, "Ada", kind="invited")
    edition.contribution_labels.create(kind="invited", label="Lecture")

    assert ">Lecture</h2>" in read(client, "/2030/speakers/")


def test_another_contribution_is_shown_without_a_kind(edition, client):
    make_contribution(edition, "Ada", title="A walk", slug="walk", kind="other")
    make_contribution(edition, "Ada", title="", slug="untitled", kind="other")

    page = read(client, "/2030/contributions/walk/")
    assert "<dt>Kind</dt>" not in page
    assert "Other" not in page
    edition.state = "archived"
    edition.save()
    assert ">Contribution</h1>" in read(client, "/2030/contributions/untitled/")


def test_a_kind_of_contribution_has_one_name_and_next_year_keeps_it(edition, as_editor):
    edition.contribution_labels.create(kind="paper", label="Abstract", plural="Abstracts")

    with pytest.raises(ValidationError, match="This edition already has a name for this kind"):
        ContributionLabel(edition=edition, kind="paper", label="Others").full_clean()
    copy = clone_edition(source=edition, by=None)
    assert list(copy.contribution_labels.values_list("kind", "label", "plural")) == [
        ("paper", "Abstract", "Abstracts")
    ]
    page = read(as_editor, f"/admin/editions/edition/{edition.pk}/programme/")
    assert 'name="contribution_labels-0-label" value="Abstract"' in page


def test_the_closing_is_for_everybody(edition):
    make_session(edition, kind="closing", starts_at=time(17), title="Farewell")
    make_session(edition, starts_at=time(17), title="Talks")

    conflicts = find_conflicts(draft_timetable(edition), edition=edition)

    assert any("“Farewell”" in str(one) and "is for everyone" in str(one) for one in conflicts)


def read(client, url: str) -> str:
    return client.get(url).content.decode()


def test_demos_are_neither_counted_nor_listed_as_posters(edition, client):
    demos = make_session(edition, kind="demos", title="", starts_at=time(14), minutes=60)
    posters = make_session(edition, kind="posters", title="", starts_at=time(14), minutes=60)
    for session, kind in ((demos, "demo"), (posters, "poster")):
        make_slot(session, make_contribution(edition, title=f"A {kind}", kind=kind), board="1")
        make_slot(session, make_contribution(edition, title=f"Another {kind}", kind=kind))
    make_release(edition)

    calendar = read(client, "/2030/programme.ics").replace("\r\n ", "")
    schedule = read(client, "/2030/schedule.xml")
    listed = read(client, "/2030/posters/")

    assert "DESCRIPTION:2 demos." in calendar
    assert "DESCRIPTION:2 posters." in calendar
    assert schedule.count('<room name="Posters"') == 1
    assert "A poster" in listed
    assert "A demo" not in listed
