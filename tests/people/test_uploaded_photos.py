"""Photos uploaded many at once, matched with people by the names of their files."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from apps.people.models import Person, UploadedPhoto
from apps.people.photo_matching import match_photo
from apps.people.services import delete_expired_photos
from tests.factories import make_edition, make_group, make_person
from tests.people.files import SECRET, bad_files, corners, encoded, phone_photo, photo_file, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_edition(slug="2031")


def page_of(edition) -> str:
    return reverse("admin:people_person_photos", args=[edition.pk])


def photo(name: str):
    return upload(encoded(corners(), "JPEG"), name)


def send(client, edition, *names: str):
    return client.post(page_of(edition), {"photos": [photo(name) for name in names]}, follow=True)


def suggested(client, edition) -> dict[str, str]:
    rows = client.get(page_of(edition)).context["assigning"].rows
    return {row.file_name: field.value() or "" for row, field, _ in rows}


def assign(client, edition, **choices: str):
    """Press Save on the page, with other choices than it suggests by the name of the file."""
    context = client.get(page_of(edition)).context
    data = {
        field.html_name: choices.get(Path(row.file_name).stem, field.value() or "")
        for row, field, _ in context["assigning"].rows
    }
    return client.post(
        page_of(edition), data | {"token": context["token"], "assign": "1"}, follow=True
    )


def private_files() -> list[Path]:
    return [path for path in Path(settings.PRIVATE_ROOT).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("ada-example.jpg", "Ada Example"),
        ("Example_Ada_2031_portrait.JPEG", "Ada Example"),
        ("AdaExample.png", "Ada Example"),
        ("a.example.jpg", "Ada Example"),
        ("Ada Example (with a dog).jpg", "Ada Example"),
        ("ozturk.webp", "Zoë Öztürk"),
        ("Zoë Öztürk.jpg", "Zoë Öztürk"),
        ("miller.jpg", None),
        ("jo-miller.jpg", "Jo Miller"),
        ("IMG_2041.jpg", None),
        ("2031.jpg", None),
        (".jpg", None),
        ("", None),
    ],
)
def test_a_photo_is_matched_by_the_name_of_its_file(file_name, expected):
    names = ["Ada Example", "Zoë Öztürk", "Jo Miller", "Sam Miller"]
    people = [Person(name=name) for name in names]

    match = match_photo(file_name, people)

    assert (match and match.name) == expected


def test_photos_are_uploaded_matched_and_given_to_people(as_editor, edition, commit):
    ada, bo = make_person(name="Ada Example"), make_person(name="Bo Example")
    make_group(edition, ada, bo)

    page = send(as_editor, edition, "ada-example.jpg", "IMG_1.jpg")
    assert "2 photos uploaded." in page.content.decode()
    assert suggested(as_editor, edition) == {"ada-example.jpg": str(ada.pk), "IMG_1.jpg": ""}
    with commit():
        assign(as_editor, edition, IMG_1=str(bo.pk))

    ada.refresh_from_db()
    bo.refresh_from_db()
    assert (ada.photo_width, len(ada.photo_digest), ada.square_urls is None) == (400, 64, False)
    assert bo.photo
    assert not UploadedPhoto.objects.exists()
    assert private_files() == []


def test_a_photo_without_a_choice_waits_and_a_deleted_one_goes(as_editor, edition, commit):
    send(as_editor, edition, "one.jpg", "two.jpg")

    with commit():
        assign(as_editor, edition, one="delete")

    assert [row.file_name for row in UploadedPhoto.objects.all()] == ["two.jpg"]
    assert len(private_files()) == 1


def test_a_photo_that_is_there_is_replaced_only_on_request(as_editor, edition):
    ada = make_person(name="Ada Example", photo=photo_file())
    make_group(edition, ada)
    send(as_editor, edition, "ada-example.jpg")

    page = as_editor.get(page_of(edition)).content.decode()
    assign(as_editor, edition)
    kept = Person.objects.get().photo.name
    assign(as_editor, edition, **{"ada-example": str(ada.pk)})

    assert "Ada Example has a photo" in page
    assert kept == ada.photo.name != Person.objects.get().photo.name


def test_one_person_gets_one_photo(as_editor, edition):
    ada = make_person(name="Ada Example")
    make_group(edition, ada)
    send(as_editor, edition, "one.jpg", "two.jpg")

    page = assign(as_editor, edition, one=str(ada.pk), two=str(ada.pk))

    assert "chosen for another photo too" in page.content.decode()
    assert not Person.objects.get().photo


def test_people_of_other_editions_cannot_be_chosen(as_editor, edition):
    stranger = make_person(name="Bo Example")
    make_group(make_edition(), stranger)
    send(as_editor, edition, "bo-example.jpg")

    assign(as_editor, edition, **{"bo-example": str(stranger.pk)})

    assert not Person.objects.get().photo
    assert UploadedPhoto.objects.count() == 1


def test_a_photo_that_somebody_else_added_meanwhile_is_not_replaced(as_editor, edition):
    ada = make_person(name="Ada Example")
    make_group(edition, ada)
    send(as_editor, edition, "ada-example.jpg")
    context = as_editor.get(page_of(edition)).context
    ((_, field, _),) = context["assigning"].rows
    ada.photo = photo_file()
    ada.save()

    data = {field.html_name: str(ada.pk), "token": context["token"], "assign": "1"}
    page = as_editor.post(page_of(edition), data, follow=True)

    assert "Nothing was saved" in page.content.decode()
    assert page.context["assigning"][field.html_name].value() == str(ada.pk)
    assert Person.objects.get().photo.name == ada.photo.name


@pytest.mark.parametrize("kind", ["SVG", "HEIC", "nothing", "truncated JPEG", "144 megapixels"])
def test_wrong_files_are_named_and_the_others_kept(as_editor, edition, kind):
    content, _ = bad_files()[kind]
    files = [upload(content, "<i>bad.jpg"), photo("good.jpg")]

    page = as_editor.post(page_of(edition), {"photos": files}, follow=True).content.decode()

    assert [row.file_name for row in UploadedPhoto.objects.all()] == ["good.jpg"]
    assert "<i>bad" not in page
    assert "bad.jpg:" in page


def test_stored_photos_have_no_metadata_and_are_for_editors_alone(
    as_editor, as_reviewer, client, edition
):
    as_editor.post(page_of(edition), {"photos": [upload(phone_photo(), "ada.jpg")]})
    address = UploadedPhoto.objects.get().file.url

    shown = as_editor.get(address)

    assert SECRET not in private_files()[0].read_bytes()
    assert (shown["Content-Type"], "no-store" in shown["Cache-Control"]) == ("image/jpeg", True)
    assert as_reviewer.get(address).status_code == 403
    assert client.get(address).status_code == 302
    assert as_editor.get(address.replace(f"/{edition.pk}/", "/999999/")).status_code == 404


def test_no_file_and_too_many_files_are_errors(as_editor, edition):
    none = as_editor.post(page_of(edition), {})
    many = as_editor.post(page_of(edition), {"photos": [upload(b"x") for _ in range(51)]})

    assert "Choose at least one photo." in none.content.decode()
    assert "at most 50" in many.content.decode()
    assert not UploadedPhoto.objects.exists()


def test_photos_without_a_person_are_deleted_after_a_day(as_editor, edition, commit):
    send(as_editor, edition, "old.jpg", "new.jpg")
    old = timezone.now() - timedelta(hours=25)
    UploadedPhoto.objects.filter(file_name="old.jpg").update(uploaded_at=old)

    with commit():
        deleted = delete_expired_photos()

    assert deleted == 1
    assert [row.file_name for row in UploadedPhoto.objects.all()] == ["new.jpg"]
    assert len(private_files()) == 1


def test_the_people_of_an_edition_lead_to_the_page(as_editor, edition):
    tab = as_editor.get(reverse("admin:editions_edition_people", args=[edition.pk]))

    assert page_of(edition) in tab.content.decode()


def test_readers_may_not_upload(as_reviewer, client, edition):
    statuses = {send(browser, edition, "ada.jpg").status_code for browser in (as_reviewer, client)}

    assert statuses <= {200, 403}
    assert not UploadedPhoto.objects.exists()
