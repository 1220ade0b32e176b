"""Sponsors on the home page and in the admin."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from pytest_django.asserts import assertContains, assertHTMLEqual, assertNotContains

from apps.sponsors.models import Level, Sponsor
from tests.factories import make_current_edition, make_edition, make_section, make_sponsor
from tests.people.files import encoded, upload
from tests.sponsors.files import drawn, logo_file, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(db):
    edition = make_current_edition(slug="2024")
    make_section(edition, heading="With thanks to", shows="sponsors")
    return edition


def _list(page: str) -> str:
    return page[page.index('<div class="sponsors') : page.index("</section>")]


def test_sponsors_are_listed_by_level_in_order(edition, client):
    silver = make_sponsor(edition, name="Second", link="https://second.example.org/").level
    silver.heading, silver.ordering = "Silver", 20
    silver.save()
    gold = Level.objects.create(edition=edition, heading="Gold", ordering=10)
    make_sponsor(edition, gold, name="Late <b>", description="Pays & stays", ordering=20)
    make_sponsor(edition, gold, name="Early", ordering=10)
    make_sponsor(edition, gold, name="Not settled", is_shown=False)
    Level.objects.create(edition=edition, heading="Bronze")

    page = client.get("/").content.decode()

    assertHTMLEqual(
        _list(page),
        """
        <div class="sponsors wide">
          <div class="sponsor-level"><h3 dir="auto">Gold</h3><ul class="logos">
            <li class="sponsor"><span class="sponsor-name sponsor-large" dir="auto">Early</span></li>
            <li class="sponsor">
              <span class="sponsor-name sponsor-large" dir="auto">Late &lt;b&gt;</span>
              <p class="sponsor-words" dir="auto">Pays &amp; stays</p>
            </li></ul></div>
          <div class="sponsor-level"><h3 dir="auto">Silver</h3><ul class="logos">
            <li class="sponsor"><a href="https://second.example.org/">
              <span class="sponsor-name sponsor-large" dir="auto">Second</span></a></li></ul></div>
        </div>
        """,
    )


def test_a_logo_has_its_size_and_a_variant_for_dark_screens(edition, client):
    sponsor = make_sponsor(
        edition, name="Lamp Ltd", logo=logo_file(), logo_dark=logo_file("white"), logo_alt="A lamp"
    )

    page = client.get("/").content.decode()

    assertHTMLEqual(
        page[page.index("<picture") : page.index("</picture>") + 10],
        f"""
        <picture class="logo"><source media="(prefers-color-scheme: dark)"
          srcset="{sponsor.logo_dark.url}" width="160" height="160">
        <img src="{sponsor.logo.url}" alt="A lamp" width="160" height="160" loading="lazy"
          decoding="async"></picture>
        """,
    )
    response = client.get(sponsor.logo.url)
    assert opened(b"".join(response)).format == "WEBP"


def test_without_shown_sponsors_the_section_is_hidden(edition, client):
    make_sponsor(edition, is_shown=False)

    assertNotContains(client.get("/"), "With thanks to")


def test_a_logo_for_dark_screens_alone_is_refused():
    sponsor = make_sponsor(make_edition())
    sponsor.logo_dark = logo_file()

    with pytest.raises(ValidationError, match="needs a logo for light mode"):
        sponsor.full_clean()
    with pytest.raises(IntegrityError):
        sponsor.save()


def _data(sponsor: Sponsor, **fields) -> dict:
    return {"level": sponsor.level_id, "name": sponsor.name, "is_shown": "on"} | fields


def test_an_editor_uploads_and_removes_a_logo(as_editor, edition):
    sponsor = make_sponsor(edition)
    address = f"/admin/sponsors/sponsor/{sponsor.pk}/change/"
    logo = upload(encoded(drawn(), "PNG"), "logo.png")

    response = as_editor.post(address, _data(sponsor, logo=logo))

    assert response["Location"] == f"/admin/sponsors/level/{sponsor.level_id}/change/"
    sponsor.refresh_from_db()
    assert (sponsor.logo_width, sponsor.logo_height, len(sponsor.logo_digest)) == (160, 160, 64)
    assertContains(as_editor.get(address), f'src="{sponsor.logo.url}"')

    as_editor.post(address, _data(sponsor, **{"logo-clear": "on"}))
    sponsor.refresh_from_db()
    assert (sponsor.logo.name, sponsor.logo_width, sponsor.logo_digest) == ("", None, "")


def test_a_restored_version_keeps_the_logo_and_a_missing_file_breaks_no_page(
    as_editor, edition, settings, django_capture_on_commit_callbacks
):
    sponsor = make_sponsor(edition, name="Before")
    sponsor.name, sponsor.logo = "After", logo_file()
    sponsor.save()
    version = f"/admin/sponsors/sponsor/{sponsor.pk}/history/{sponsor.history.earliest().pk}/"

    with django_capture_on_commit_callbacks(execute=True):
        response = as_editor.post(version, _data(sponsor, name="Before"))

    logo = sponsor.logo.name
    sponsor.refresh_from_db()
    assert (response.status_code, sponsor.name, sponsor.logo.name) == (302, "Before", logo)
    assert sponsor.logo.storage.exists(logo)

    sponsor.logo.storage.delete(logo)
    for path in ("/", "/admin/sponsors/sponsor/", version):
        assertContains(as_editor.get(path), "Before")


def test_a_sponsor_offers_the_levels_of_its_edition_and_a_new_one_all(as_editor, edition):
    sponsor = make_sponsor(edition)
    make_sponsor(make_edition(slug="2023", year=1999))

    def levels(path: str) -> list[str]:
        field = as_editor.get(path).context["adminform"].form.fields["level"]
        return [str(label) for _, label in field.choices][1:]

    assert levels(f"/admin/sponsors/sponsor/{sponsor.pk}/change/") == ["Gold"]
    assert levels("/admin/sponsors/sponsor/add/") == ["Gold, 2024", "Gold, 2023"]
