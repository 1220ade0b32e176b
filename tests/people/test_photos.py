"""Thumbnails and files of photos follow the rows of people."""

import logging
import shutil
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from pytest_django.asserts import assertHTMLEqual

from apps.core.images import clean_photo
from apps.core.thumbnails import SQUARES
from apps.people.models import Person, ShownPerson
from tests.factories import make_person
from tests.people.files import (
    SECRET,
    colours,
    media_files,
    open_square,
    phone_photo,
    photo_file,
    upload,
)


@pytest.fixture
def person(db, commit) -> Person:
    """A person with a photo and its thumbnails."""
    with commit():
        return make_person(name="Ada Example", photo=photo_file())


def card_of(person: Person, **context) -> str:
    context |= {"person": ShownPerson(person), "affiliation": "A\nB"}
    return render_to_string("people/_person_card.html", context)


def test_saving_a_photo_makes_six_thumbnails_without_metadata(db, commit):
    with commit():
        person = make_person(photo=clean_photo(upload(phone_photo())))

    squares = [open_square(person, square) for square in SQUARES]
    thumbnails = sorted((image.format, image.size) for image in squares)
    metadata = {"exif", "xmp", "icc_profile", "comment"}
    sizes = [(150, 150), (300, 300)]
    assert thumbnails == [(kind, size) for kind in ("AVIF", "JPEG", "WEBP") for size in sizes]
    assert not any(metadata & set(image.info) for image in squares)
    assert len(media_files()) == 7
    assert not any(SECRET in path.read_bytes() for path in media_files())


@pytest.mark.parametrize(
    ("focus", "expected"),
    [
        ("0x0.5", ["red", "red", "white", "white"]),
        ("1x0.5", ["lime", "lime", "blue", "blue"]),
        ("0.5x0.5", ["red", "lime", "blue", "white"]),
    ],
)
def test_a_thumbnail_is_cut_around_the_focal_point(db, focus, expected):
    person = make_person(photo=photo_file((1200, 400)), photo_focus=focus)

    assert colours(open_square(person, "jpeg_2x")) == expected


def test_a_new_focal_point_replaces_the_thumbnails(person, commit):
    before = media_files()

    with commit():
        person.photo_focus = "0.1x0.2"
        person.save()

    after = media_files()
    assert len(after) == 7
    assert [path.name for path in set(before) & set(after)] == [Path(person.photo.name).name]


def test_saving_other_fields_touches_no_file(person, commit):
    person = Person.objects.get()
    before = [(path, path.stat().st_mtime_ns) for path in media_files()]

    with commit():
        person.name = "Another Name"
        person.save()
        person.save(update_fields=["name"])

    assert [(path, path.stat().st_mtime_ns) for path in media_files()] == before


def test_replacing_a_photo_deletes_the_old_files_after_the_commit(person, commit):
    before = media_files()

    with commit():
        person.photo = photo_file()
        person.save()
        assert set(before) < set(media_files())

    after = media_files()
    assert (len(after), set(before) & set(after)) == (7, set())
    assert person.photo.name == Person.objects.get().photo.name


def _clear(person: Person) -> None:
    person.photo = ""
    person.save()


@pytest.mark.parametrize(
    "remove",
    [_clear, lambda person: person.delete(), lambda person: Person.objects.all().delete()],
    ids=["clear", "delete", "delete by query"],
)
def test_a_removed_photo_leaves_no_file(person, commit, remove):
    with commit():
        remove(person)

    assert media_files() == []


@transaction.atomic
def _clear_and_fail(person: Person) -> None:
    _clear(person)
    Person.objects.create(name="Second", slug=person.slug)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_keeps_the_files():
    person = make_person(photo=photo_file())
    before = media_files()

    with pytest.raises(IntegrityError):
        _clear_and_fail(person)

    assert media_files() == before
    assert "<picture" in card_of(Person.objects.get())


def test_restoring_an_older_version_keeps_the_current_photo(person, commit):
    with commit():
        person.name, person.photo = "New Name", photo_file()
        person.save()
    current = Person.objects.get().photo.name

    with commit():
        person.history.earliest().instance.save()

    restored = Person.objects.get()
    assert (restored.name, restored.photo.name) == ("Ada Example", current)
    assert "<picture" in card_of(restored)


def test_a_restored_person_whose_files_were_deleted_has_initials(person, commit):
    with commit():
        person.delete()

    Person.history.latest().instance.save()

    assert "<span>AE</span>" in card_of(Person.objects.get())


def test_a_card_offers_three_formats_at_two_densities(person):
    person.link = "https://example.org/"
    url = {square: getattr(person.photo, square) for square in SQUARES}

    html = card_of(person, lazy=True)

    assertHTMLEqual(
        html,
        f"""
        <li class="person">
          <picture class="tile tint-{person.tint}">
            <source type="image/avif" srcset="{url["avif_1x"]} 1x, {url["avif_2x"]} 2x">
            <source type="image/webp" srcset="{url["webp_1x"]} 1x, {url["webp_2x"]} 2x">
            <img src="{url["jpeg_1x"]}" srcset="{url["jpeg_2x"]} 2x" alt=""
                 width="150" height="150" loading="lazy" decoding="async">
          </picture>
          <p class="person-name" dir="auto"><a href="https://example.org/">Ada Example</a></p>
          <p class="person-note" dir="auto">A</p><p class="person-note" dir="auto">B</p>
        </li>
        """,
    )
    assert "loading" not in card_of(person, lazy=False)


@pytest.mark.parametrize("missing", ["", "__processed__"], ids=["all files", "thumbnails"])
def test_a_photo_whose_files_are_missing_shows_the_initials(person, settings, missing):
    shutil.rmtree(Path(settings.MEDIA_ROOT) / missing)

    assert '<div class="tile' in card_of(Person.objects.get())


def test_a_person_whose_photo_file_is_missing_can_be_saved(person, settings, commit, caplog):
    shutil.rmtree(settings.MEDIA_ROOT)

    with caplog.at_level(logging.WARNING, "apps.people.models"), commit():
        person.photo_focus = "0.2x0.2"
        person.save()

    assert f"image file {person.photo.name} is missing" in caplog.text
    with commit():
        person.delete()


INVALID_POINTS = [
    "",
    "0.5",
    "0.5x",
    "1.1x0.5",
    "-0.1x0.5",
    "nanxnan",
    "0.5x0.5x0.5",
    "٠x٠",
    "1e-1x0",
]


@pytest.mark.parametrize("focus", [*INVALID_POINTS, "0.5x0.5\n"])
def test_an_invalid_focal_point_is_refused(db, focus):
    person = make_person()
    person.photo_focus = focus

    with pytest.raises(ValidationError) as refusal:
        person.full_clean()

    assert list(refusal.value.message_dict) == ["photo_focus"]
