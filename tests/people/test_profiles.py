"""Facts of people that differ in one edition, and their public links."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from apps.people.links import named_links, validate_links
from apps.people.models import PersonProfile
from tests.factories import (
    make_award,
    make_contribution,
    make_contributor,
    make_edition,
    make_group,
    make_person,
    make_section,
)
from tests.people.files import photo_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_years():
    """Two editions that name Ada Example in a group, a talk and an award; 2031 has a profile of her."""
    ada = make_person(
        name="Ada Example",
        link="https://example.org/old",
        affiliation="University of Example",
        bio="About the *loom*.",
    )
    for year in (2030, 2031):
        edition = make_edition(slug=str(year), year=year)
        group = make_group(edition, ada)
        make_section(edition, shows="group", group=group)
        make_section(edition, shows="speakers")
        talk = make_contribution(edition, title="Weaving", slug="weaving", is_published=True)
        make_contributor(talk, person=ada)
        make_award(edition).recipients.create(person=ada)
    PersonProfile.objects.create(
        person=ada,
        edition=edition,
        link="https://example.org/new",
        affiliation="Institute of Sparse Computing",
        bio="About the *engine*.",
        photo=photo_file(),
    )
    return ada


PAGES = ("", "people/", "speakers/", "contributions/weaving/", "awards/")


@pytest.mark.parametrize("page", PAGES)
def test_each_year_shows_its_own_facts(client, two_years, page):
    old = client.get(f"/2030/{page}").content.decode()
    new = client.get(f"/2031/{page}").content.decode()

    assert "University of Example" in old
    assert "Institute of Sparse Computing" not in old
    assert "Institute of Sparse Computing" in new
    assert "University of Example" not in new
    assert "https://example.org/new" not in old
    assert "https://example.org/old" not in new
    assert "engine" not in old
    assert "loom" not in new


@pytest.mark.parametrize("page", ["people/", "speakers/"])
def test_a_photo_of_one_year_is_shown_in_that_year_alone(
    client, two_years, page, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        two_years.profiles.get().save()  # makes the thumbnails

    assert "<picture" not in client.get(f"/2030/{page}").content.decode()
    assert "<picture" in client.get(f"/2031/{page}").content.decode()


def test_what_a_profile_leaves_empty_is_that_of_the_person(client, two_years):
    two_years.profiles.update(bio="", affiliation="")

    page = client.get("/2031/people/").content.decode()

    assert "About the <em>loom</em>." in page
    assert "University of Example" in page
    assert "https://example.org/new" in page


def test_pronouns_address_role_and_links_are_shown(client):
    edition = make_edition(slug="2030")
    ada = make_person(
        name="Ada Example",
        pronouns="she/her",
        contact_email="ada@example.org",
        links="https://orcid.org/0000-0002-1825-0097\nhttps://github.com/ada",
    )
    make_group(edition, ada).memberships.update(role="Publicity")

    page = client.get("/2030/people/").content.decode()

    assert "(she/her)" in page
    assert "Publicity" in page
    assert "ada [at] example.org" in page
    assert "ada@example.org" not in page
    assert 'href="https://orcid.org/0000-0002-1825-0097"' in page
    assert ">GitHub</a>" in page.replace("</span>", ">")


def test_links_are_named_by_their_sites():
    links = [
        "https://orcid.org/0000-0002-1825-0097",
        "https://scholar.google.co.uk/citations?user=x",
        "https://social.example.org/@ada",
        "https://www.linkedin.com/in/ada",
        "https://www.example.org/ada",
    ]

    names = [link.name for link in named_links("\n".join(links))]

    assert names == ["ORCID", "Google Scholar", "Mastodon", "LinkedIn", "example.org"]


@pytest.mark.parametrize(
    "text",
    [
        "http://github.com/ada",
        "javascript:alert(1)",
        "ada",
        "https://orcid.org/0000-0002-1825-0098",  # a wrong check digit
        "https://orcid.org/ada",
        "https://github.com/ada\nhttps://github.com/ada",
        "\n".join(f"https://example.org/{number}" for number in range(11)),
    ],
)
def test_links_that_are_not_secure_or_wrong_are_refused(text):
    with pytest.raises(ValidationError):
        validate_links(text)


def test_a_profile_is_written_in_the_admin(as_editor, client):
    ada, edition = make_person(name="Ada Example"), make_edition(slug="2031")
    make_group(edition, ada)
    form = as_editor.get(f"/admin/people/personprofile/add/?person={ada.pk}")
    data = {
        "person": ada.pk,
        "edition": edition.pk,
        "affiliation": "Institute of Sparse Computing",
        "photo_focus_across": 50,
        "photo_focus_down": 50,
    }

    response = as_editor.post("/admin/people/personprofile/add/", data)

    assert form.context["adminform"].form.initial["person"] == str(ada.pk)
    assert response.url == f"/admin/people/person/{ada.pk}/change/"
    assert "2031: affiliation" in as_editor.get(response.url).content.decode()
    assert "Institute of Sparse Computing" in client.get("/2031/people/").content.decode()


def test_only_editors_are_offered_a_new_profile(as_editor, as_reviewer):
    address = reverse("admin:people_person_change", args=[make_person().pk])

    assert "Add an edition" in as_editor.get(address).content.decode()
    assert "Add an edition" not in as_reviewer.get(address).content.decode()
