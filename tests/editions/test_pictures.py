"""Pictures and downloads in the texts of an edition, and their uploads at the desk."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.core.images import clean_picture
from apps.editions.models import Download, Picture
from tests.editions.files import PDF, make_download, make_picture
from tests.factories import (
    make_award,
    make_call,
    make_contribution,
    make_current_edition,
    make_edition,
    make_news,
    make_page,
    make_person,
    make_section,
    make_topic,
)
from tests.html_forms import open_form
from tests.people.files import SECRET, corners, encoded, media_files, phone_photo, upload
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
SHOWN = "![](pictures/venue.jpg)"


def _page(client, path: str) -> str:
    return client.get(path).content.decode()


def _add(as_chair, model: str, edition, **fields):
    url = reverse(f"admin:editions_{model}_add")
    return as_chair.post(url, {"edition": edition.pk, **fields}, follow=True)


def _warnings(response) -> list[str]:
    return [str(message) for message in response.context["messages"] if message.tags == "warning"]


def test_a_text_shows_a_picture_in_three_formats_with_its_caption(client, commit):
    edition = make_current_edition(slug="2031")
    with commit():
        picture = make_picture(edition, caption="Where we dine", credit="Photo: Ada Example")
    make_page(edition, slug="venue", body=f"See\n\n{SHOWN}")

    page = _page(client, "/2031/venue/")

    assert '<img src="' in page
    assert 'width="1200" height="800" alt="The castle" loading="lazy"' in page
    assert "<figcaption>Where we dine <small>Photo: Ada Example</small></figcaption>" in page
    addresses = re.findall(r"/media/([^ \"]+)", page)
    assert {address.rsplit(".")[-1] for address in addresses} == {"avif", "webp", "jpg"}
    assert all(picture.file.storage.exists(address) for address in addresses)
    assert re.findall(r" (\d+)w", page) == ["480", "960", "1200"] * 2


def test_words_and_title_in_the_text_win_over_those_of_the_picture(client):
    edition = make_current_edition(slug="2031")
    make_picture(edition, caption="Where we dine")
    make_page(edition, slug="venue", body='![A gate](pictures/venue.jpg "The way in")')

    page = _page(client, "/2031/venue/")

    assert 'alt="A gate"' in page
    assert "<figcaption>The way in" in page


def test_a_picture_in_a_link_is_a_link(client):
    edition = make_current_edition(slug="2031")
    make_picture(edition)
    make_page(edition, slug="venue", body=f"[{SHOWN}](https://example.org/map)")

    page = _page(client, "/2031/venue/")

    assert re.search(r'<figure><a href="https://example.org/map"[^>]*><picture>', page)


def test_a_decorative_picture_has_an_empty_description(client):
    edition = make_current_edition(slug="2031")
    make_picture(edition, is_decorative=True)
    make_page(edition, slug="venue", body=SHOWN)

    assert 'alt=""' in _page(client, "/2031/venue/")


def test_every_text_of_an_edition_shows_its_pictures(client):
    edition = make_current_edition(slug="2031", venue="Castle", venue_access=SHOWN)
    edition.code_of_conduct = SHOWN
    edition.save()
    make_picture(edition)
    make_section(edition, body=SHOWN)
    make_topic(edition, description=SHOWN)
    make_news(edition, title="New", body=SHOWN)
    make_award(edition, description=SHOWN)
    make_call(edition, text=SHOWN)
    make_contribution(edition, make_person(bio=SHOWN), title="Talk", abstract=SHOWN)

    for path in ("", "topics/", "news/", "news/new/", "awards/", "interest/", "code-of-conduct/"):
        assert "<picture>" in _page(client, f"/2031/{path}"), path
    assert _page(client, "/2031/contributions/talk/").count("<picture>") == 2
    assert "&lt;img src=&quot;http" in _page(client, "/2031/news.atom") or (
        '&lt;img src="http' in _page(client, "/2031/news.atom")
    )


def test_a_picture_of_another_edition_is_not_shown(client):
    make_picture(make_edition(slug="2030"))
    make_page(make_current_edition(slug="2031"), slug="venue", body="![Words](pictures/venue.jpg)")

    page = _page(client, "/2031/venue/")

    assert "<p>Words</p>" in page
    assert "<picture>" not in page


def test_a_page_without_pictures_makes_no_further_query(client):
    edition = make_current_edition(slug="2031")
    page = make_page(edition, slug="venue", body="Words")
    before = count_queries(lambda: client.get("/2031/venue/"))
    make_picture(edition)
    make_download(edition)

    assert count_queries(lambda: client.get("/2031/venue/")) == before
    page.body = f"{SHOWN} {SHOWN}"
    page.save()
    assert count_queries(lambda: client.get("/2031/venue/")) == before + 1


def test_a_text_links_to_a_download(client):
    edition = make_current_edition(slug="2031")
    make_download(edition)
    make_page(edition, slug="venue", body="[The flyer](files/flyer.pdf)")

    assert '<a href="/2031/files/flyer.pdf" rel="noopener">The flyer</a>' in _page(
        client, "/2031/venue/"
    )
    response = client.get("/2031/files/flyer.pdf")
    assert b"".join(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="flyer.pdf"'


def test_a_download_of_a_draft_is_for_organisers(client, as_chair):
    make_download(make_edition(slug="2031", state="draft"))

    assert client.get("/2031/files/flyer.pdf").status_code == 404
    response = as_chair.get("/2031/files/flyer.pdf")
    assert b"".join(response) == PDF
    assert "no-store" in response["Cache-Control"]


def test_a_picture_keeps_no_metadata_and_no_more_than_1600_pixels():
    cleaned = clean_picture(upload(phone_photo()))

    assert SECRET not in cleaned.read()
    picture = Picture(edition=make_edition())
    picture.file.save("a", cleaned, save=False)
    assert (picture.file_width, picture.file_height) == (1600, 1200)


@pytest.mark.parametrize("size", [(300, 200), (480, 320), (500, 300), (2000, 500)])
def test_a_picture_is_offered_in_no_more_than_its_own_width(size, commit):
    with commit():
        picture = make_picture(make_edition(), size=size)

    widest = min(size[0], 1600)
    widths = [int(width) for width in re.findall(r" (\d+)w", picture.linked_file.sources[0][1])]
    assert max(widths) == widest
    assert widths == sorted(set(widths))


def test_an_upload_is_named_by_its_file(as_chair):
    edition = make_edition(slug="2031")
    file = SimpleUploadedFile("Lageplan Universität (2).PNG", encoded(corners(), "PNG"))

    _add(as_chair, "picture", edition, file=file, alt="A map")

    picture = edition.pictures.get()
    assert picture.name == "lageplan-universitat-2.png"
    assert picture.file.name.startswith("pictures/")
    assert "lageplan" not in picture.file.name
    page = _page(as_chair, reverse("admin:editions_edition_files", args=[edition.pk]))
    assert "![](pictures/lageplan-universitat-2.png)" in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"alt": ""}, "Describe the picture"),
        ({"alt": "A map", "is_decorative": "on"}, "not both"),
        ({"alt": "A map", "name": "a map.png"}, "letters a to z"),
        ({"alt": "A map", "name": "venue.jpg"}, "already has a picture with this name"),
    ],
)
def test_a_picture_without_description_or_with_a_wrong_name_is_refused(as_chair, fields, message):
    edition = make_edition(slug="2031")
    make_picture(edition)
    file = SimpleUploadedFile("map.png", encoded(corners(), "PNG"))

    response = _add(as_chair, "picture", edition, file=file, **fields)

    assert message in response.content.decode()
    assert edition.pictures.count() == 1


def test_only_pictures_and_checked_files_are_accepted(as_chair):
    edition = make_edition(slug="2031")
    page = SimpleUploadedFile("map.png", b"<!DOCTYPE html>")

    picture = _add(as_chair, "picture", edition, file=page, alt="A map")
    download = _add(as_chair, "download", edition, file=SimpleUploadedFile("a.pdf", b"<html>"))

    assert "not a picture" in picture.content.decode()
    assert "neither a PDF nor a ZIP" in download.content.decode()
    assert not Picture.objects.exists()
    assert not Download.objects.exists()


def test_a_picture_is_replaced_and_keeps_its_name(as_chair, commit):
    with commit():
        picture = make_picture(make_edition())
    old = set(media_files())
    url = reverse("admin:editions_picture_change", args=[picture.pk])
    data = open_form(as_chair, url)

    with commit():
        as_chair.post(url, data | {"file": upload(encoded(corners((900, 900)), "PNG"))})

    picture.refresh_from_db()
    assert (picture.name, picture.file_width) == ("venue.jpg", 900)
    assert not old & set(media_files())


def test_a_picture_in_use_cannot_be_deleted(as_chair):
    edition = make_edition(slug="2031")
    picture = make_picture(edition)
    page = make_page(edition, title="Venue", slug="venue", body=SHOWN)
    make_page(edition, title="Words", slug="words", body="pictures/venue.jpg")
    make_page(make_edition(slug="2030"), title="Other", slug="venue", body=SHOWN)
    url = reverse("admin:editions_picture_delete", args=[picture.pk])

    refused = as_chair.post(url, {"post": "yes"}).content.decode()

    assert "“venue.jpg” is used by page “Venue”." in refused
    assert "Words" not in refused
    page.body = "Words"
    page.save()
    as_chair.post(url, {"post": "yes"})
    assert not Picture.objects.exists()


@pytest.mark.parametrize("link", ["files/flyer.pdf", "/2031/files/flyer.pdf"])
def test_a_file_in_use_cannot_be_deleted(as_chair, link):
    edition = make_edition(slug="2031")
    make_topic(edition, heading="Maps", description=f"[x]({link})")
    url = reverse("admin:editions_download_delete", args=[make_download(edition).pk])

    refused = as_chair.post(url, {"post": "yes"}).content.decode()

    assert "“flyer.pdf” is used by topic “Maps”." in refused
    assert Download.objects.exists()


def test_a_file_that_a_link_of_the_home_page_leads_to_cannot_be_deleted(as_chair):
    edition = make_edition(slug="2031")
    section = make_section(edition, shows="links")
    section.links.create(label="Flyer", url="/2031/files/flyer.pdf")
    url = reverse("admin:editions_download_delete", args=[make_download(edition).pk])

    assert "link of a section “Flyer”" in as_chair.post(url, {"post": "yes"}).content.decode()


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("Hi\n\n![A](pictures/venu.jpg)", "line 3: there is no pictures/venu.jpg. Did you mean"),
        ("[flyer](files/flyer.pdf)", "line 1: there is no files/flyer.pdf"),
        ("![A](https://example.org/a.png)", "Visitors see a link to it instead"),
        ("![A](img/a.png)", "write ![words](pictures/a.png)"),
        ("[![](pictures/line.png)](https://example.org/)", "say where it leads"),
    ],
)
def test_saving_a_text_tells_what_is_wrong_with_its_pictures(as_chair, text, warning):
    edition = make_edition(slug="2031")
    make_picture(edition)
    make_picture(edition, "line.png", is_decorative=True)
    page = make_page(edition, slug="venue")
    url = reverse("admin:pages_page_change", args=[page.pk])

    response = as_chair.post(url, open_form(as_chair, url) | {"body": text}, follow=True)

    assert [warning in message for message in _warnings(response)] == [True]
    page.refresh_from_db()
    assert page.body == text


def test_texts_on_the_tabs_of_an_edition_are_checked_too(as_chair):
    edition = make_edition(slug="2031")
    make_call(edition)
    for tab, field in (("call", "call-0-text"), ("change", "venue_access")):
        url = reverse(f"admin:editions_edition_{tab}", args=[edition.pk])
        data = open_form(as_chair, url) | {field: SHOWN}

        (message,) = _warnings(as_chair.post(url, data, follow=True))

        assert "there is no pictures/venue.jpg" in message


def test_the_preview_shows_the_pictures_of_the_edition(as_chair):
    edition = make_edition(slug="2031")
    make_picture(edition)
    data = {"text": SHOWN, "edition": edition.pk}

    assert "<picture>" in as_chair.post("/admin/markdown-preview/", data).content.decode()
    data["edition"] = "x"
    assert "<picture>" not in as_chair.post("/admin/markdown-preview/", data).content.decode()
