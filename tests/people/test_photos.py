"""The files of photos follow their rows."""

import io
import logging
import shutil
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError, transaction
from PIL import Image
from pytest_django.asserts import assertHTMLEqual

from apps.core.images import SQUARES, clean_photo
from apps.people import photos
from apps.people.models import Membership, Person
from apps.people.templatetags.portraits import person_card
from tests.factories import make_person
from tests.people.files import SECRET, colours, corners, encoded, phone_photo, portrait, upload


def media_files(settings) -> list[Path]:
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def squares_on_disk(settings) -> list[Path]:
    return [path for path in media_files(settings) if "__processed__" in path.parts]


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def photo_file(image: Image.Image | None = None):
    return clean_photo(upload(encoded(image or corners(), "JPEG", quality=95)))


def portrait_of(person: Person, **context) -> str:
    """As on a page a minute later."""
    photos._squares.cache_clear()
    return person_card(Membership(person=person, affiliation="A\nB"), **context)


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    """`with committing():` does what follows a commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_saving_a_photo_makes_six_small_squares_without_notes(db, settings):
    make_person(photo=clean_photo(upload(phone_photo())))

    found = sorted(
        (
            image.format,
            image.size,
            sorted({"exif", "xmp", "icc_profile", "comment"} & set(image.info)),
        )
        for image in map(opened, squares_on_disk(settings))
    )

    sizes = [(150, 150), (300, 300)]
    assert found == [(kind, size, []) for kind in ("AVIF", "JPEG", "WEBP") for size in sizes]
    assert len(media_files(settings)) == 7
    assert not any(SECRET in path.read_bytes() for path in media_files(settings))


def test_ten_faces_weigh_little(db, settings):
    people = [
        make_person(photo=clean_photo(upload(encoded(portrait(seed), "JPEG", quality=95))))
        for seed in range(10)
    ]

    def total(square: str) -> int:
        storage = people[0].photo.storage
        return sum(storage.size(photos._name_of(person.photo, square)) for person in people)

    assert 20_000 < total("avif_1x") <= 50_000  # lighter than real faces would prove nothing
    assert total("avif_2x") <= 110_000
    assert total("webp_2x") <= 130_000


@pytest.mark.parametrize(
    ("focus", "shown"),
    [
        ("0x0.5", ["red", "red", "white", "white"]),
        ("1x0.5", ["lime", "lime", "blue", "blue"]),
        ("0.5x0.5", ["red", "lime", "blue", "white"]),
    ],
)
def test_a_square_is_cut_around_the_focal_point(db, focus, shown):
    person = make_person(photo=photo_file(corners((1200, 400))), photo_focus=focus)

    name = photos._name_of(person.photo, "jpeg_2x")

    assert colours(opened(Path(person.photo.path.removesuffix(person.photo.name)) / name)) == shown


def test_a_new_focal_point_makes_new_squares_and_removes_the_old(db, settings, committing):
    person = make_person(photo=photo_file())
    before = squares_on_disk(settings)

    with committing():
        person.photo_focus = "0.1x0.2"
        person.save()

    after = squares_on_disk(settings)
    assert (len(after), set(before) & set(after)) == (6, set())


def test_saving_other_fields_touches_no_file(db, settings):
    person = Person.objects.get(pk=make_person(photo=photo_file()).pk)
    before = [(path, path.stat().st_mtime_ns) for path in media_files(settings)]

    person.name = "Another Name"
    person.save()
    person.save(update_fields=["name"])

    assert [(path, path.stat().st_mtime_ns) for path in media_files(settings)] == before


def test_replacing_a_photo_removes_the_old_files_after_the_commit(db, settings, committing):
    person = make_person(photo=photo_file())
    before = media_files(settings)

    with committing():
        person.photo = photo_file()
        person.save()
        assert set(before) < set(media_files(settings))

    after = media_files(settings)
    assert (len(after), set(before) & set(after)) == (7, set())


def test_clearing_a_photo_removes_its_files(db, settings, committing):
    person = make_person(photo=photo_file())

    with committing():
        person.photo = ""
        person.save()

    assert media_files(settings) == []


@pytest.mark.parametrize("how", ["row", "query"])
def test_deleting_a_person_removes_their_files(db, settings, committing, how):
    person = make_person(photo=photo_file())

    with committing():
        (person if how == "row" else Person.objects.all()).delete()

    assert media_files(settings) == []


@transaction.atomic
def _clear_and_fail(person: Person) -> None:
    person.photo = ""
    person.save()
    Person.objects.create(name="Second", slug=person.slug)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_rolled_back_keeps_the_files(settings):
    person = make_person(photo=photo_file())
    before = media_files(settings)

    with pytest.raises(IntegrityError):
        _clear_and_fail(person)

    assert media_files(settings) == before
    assert "<picture" in portrait_of(Person.objects.get())


def test_restoring_an_older_version_keeps_the_photo_of_today(db, settings, committing):
    person = make_person(name="Old Name", photo=photo_file())
    with committing():
        person.name, person.photo = "New Name", photo_file()
        person.save()
    today = Person.objects.get().photo.name

    with committing():
        person.history.earliest().instance.save()

    restored = Person.objects.get()
    assert (restored.name, restored.photo.name) == ("Old Name", today)
    assert "photos/" not in restored.initials
    assert "<picture" in portrait_of(restored)


def test_restoring_a_deleted_person_brings_initials_not_a_broken_picture(db, committing):
    person = make_person(name="Ada Example", photo=photo_file())
    with committing():
        person.delete()

    Person.history.latest().instance.save()

    assert "<span>AE</span>" in portrait_of(Person.objects.get())


def test_the_card_offers_three_formats_at_two_densities(db):
    person = make_person(name="Ada Example", link="https://example.org/", photo=photo_file())
    url = {square: getattr(person.photo, square) for square in SQUARES}

    html = portrait_of(person, lazy=True)

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


def test_a_card_on_the_first_screen_is_not_lazy(db):
    assert "loading" not in portrait_of(make_person(photo=photo_file()), lazy=False)


def test_a_hostile_name_renders_harmlessly(db):
    person = make_person(name='<script>"</script> <b>')

    html = portrait_of(person)

    assert "<script" not in html
    assert "<span>&lt;&lt;</span>" in html


@pytest.mark.parametrize("missing", ["everything", "the squares"])
def test_a_photo_whose_files_are_gone_gives_the_initials(db, settings, missing):
    person = make_person(name="Ada Example", photo=photo_file())

    folder = Path(settings.MEDIA_ROOT)
    shutil.rmtree(folder if missing == "everything" else folder / "__processed__")

    assert '<div class="tile' in portrait_of(Person.objects.get(pk=person.pk))


def test_a_person_whose_photo_is_gone_can_still_be_saved(db, settings, committing, caplog):
    person = make_person(photo=photo_file())
    shutil.rmtree(settings.MEDIA_ROOT)

    with committing(), caplog.at_level(logging.WARNING, "apps.people.photos"):
        person.photo_focus = "0.2x0.2"
        person.save()

    assert f"photo of person {person.pk} is missing" in caplog.text
    with committing():
        person.delete()


def test_looking_at_a_card_again_asks_the_disk_for_nothing(db, monkeypatch):
    person = Person.objects.get(pk=make_person(photo=photo_file()).pk)
    portrait_of(person)

    def refuse(*args):
        raise AssertionError("the disk was asked")

    monkeypatch.setattr(FileSystemStorage, "exists", refuse)
    monkeypatch.setattr(FileSystemStorage, "_open", refuse)

    assert "<picture" in person_card(Membership(person=person))


@pytest.mark.parametrize(
    "focus",
    [
        "",
        "0.5",
        "0.5x",
        "1.1x0.5",
        "-0.1x0.5",
        "nanxnan",
        "0.5x0.5x0.5",
        "٠x٠",
        "1e-1x0",
        "0.5x0.5\n",
    ],
)
def test_a_hostile_focal_point_is_refused(db, focus):
    person = make_person()
    person.photo_focus = focus

    with pytest.raises(ValidationError) as refusal:
        person.full_clean()

    assert list(refusal.value.message_dict) == ["photo_focus"]
