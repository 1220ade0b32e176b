"""The logo of an edition: in the header, in the admin, in content folders and clones."""

import re

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from apps.core.images import clean_banner
from apps.editions.models import Edition
from apps.imports.cloning import clone_edition
from tests.factories import make_current_edition
from tests.html_forms import open_form
from tests.people.files import encoded, media_files, upload
from tests.sponsors.files import drawn, logo_file

pytestmark = pytest.mark.django_db
SVG = (
    b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 600 100'>"
    b"<rect width='600' height='100'/></svg>"
)


@pytest.fixture
def edition() -> Edition:
    return make_current_edition(slug="2031", short_name="Small Things", logo=logo_file())


def brand(client, path: str = "/") -> str:
    found = re.search(r'<a class="brand.*?</a>', client.get(path).content.decode(), re.DOTALL)
    assert found
    return found[0]


def test_the_logo_stands_beside_the_name_with_its_size(edition, client):
    html = brand(client)

    assert f'src="{edition.logo.url}"' in html
    assert 'width="160"' in html
    assert 'height="160"' in html
    assert 'alt=""' in html
    assert "<span>Small Things</span>" in html
    assert "brand-plate" in html


def test_a_logo_with_words_stands_instead_of_the_name(edition, client):
    Edition.objects.update(logo_alt="Workshop on Small Things", has_logo_plate=False)

    html = brand(client)

    assert 'alt="Workshop on Small Things"' in html
    assert "<span>" not in html
    assert "brand-plate" not in html


def test_without_a_logo_the_name_stands_alone(edition, client):
    Edition.objects.update(logo="", logo_alt="Left over")

    assert "<img" not in brand(client)
    assert "<span>Small Things</span>" in brand(client)


def test_a_wide_logo_is_a_banner(edition, client):
    edition.logo = clean_banner(upload(SVG))
    edition.save()

    assert (edition.logo_width, edition.logo_height) == (1280, 214)
    assert "brand-banner" in brand(client)


def _post(client, edition: Edition, **changes) -> None:
    address = reverse("admin:editions_edition_change", args=[edition.pk])
    response = client.post(address, open_form(client, address) | changes)
    assert response.status_code == 302, response.context["errors"]
    edition.refresh_from_db()


def test_an_editor_uploads_an_svg_and_removes_it(
    as_editor, edition, django_capture_on_commit_callbacks
):
    address = reverse("admin:editions_edition_change", args=[edition.pk])
    first = edition.logo.name

    with django_capture_on_commit_callbacks(execute=True):
        _post(as_editor, edition, logo=upload(SVG, "logo.svg"), logo_alt="Small Things")
    assert edition.logo.name.endswith(".webp")
    assert len(edition.logo_digest) == 64
    assert not edition.logo.storage.exists(first)
    assertContains(as_editor.get(address), f'src="{edition.logo.url}"')

    with django_capture_on_commit_callbacks(execute=True):
        _post(as_editor, edition, **{"logo-clear": "on"})
    assert edition.logo.name == ""
    assert media_files() == []


def test_a_drawing_with_text_is_refused_on_the_page(as_editor, edition):
    address = reverse("admin:editions_edition_change", args=[edition.pk])
    text = SVG.replace(b"</svg>", b"<text y='9'>Small Things</text></svg>")

    response = as_editor.post(
        address, open_form(as_editor, address) | {"logo": upload(text, "logo.svg")}
    )

    assertContains(response, "Convert the text to outlines")


def test_a_clone_keeps_the_logo_and_the_file_goes_with_the_last_edition(
    edition, django_capture_on_commit_callbacks
):
    edition.logo_alt = "Small Things"
    edition.save()

    draft = clone_edition(source=edition, by=None)

    assert (draft.logo.name, draft.logo_width) == (edition.logo.name, edition.logo_width)
    assert draft.logo_alt == "Small Things"
    with django_capture_on_commit_callbacks(execute=True):
        draft.delete()
    assert len(media_files()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        edition.delete()
    assert media_files() == []


def test_pages_of_students_show_the_logo_too(edition, client):
    response = client.get("/2031/interest/new-link/")

    if response.status_code == 200:
        assertContains(response, edition.logo.url)
    assertNotContains(client.get("/privacy/"), edition.logo.url)


def test_an_opaque_photo_is_a_logo_without_transparency():
    cleaned = clean_banner(upload(encoded(drawn().convert("RGB"), "JPEG")))

    assert cleaned.name == "logo.webp"
