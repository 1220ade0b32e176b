"""Cleaning of logos, and deletion of their files."""

import pytest
from django.core.exceptions import ValidationError
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from apps.core.images import clean_logo
from apps.imports.cloning import clone_edition
from apps.sponsors.models import Sponsor
from tests.factories import make_edition, make_sponsor
from tests.people.files import SECRET, corners, encoded, media_files, upload
from tests.sponsors.files import drawn, logo_file, opened


def stored_names(sponsor: Sponsor) -> list[str]:
    return [str(file.name).rsplit("/", 1)[-1] for file in (sponsor.logo, sponsor.logo_dark)]


def test_a_logo_keeps_transparency_and_loses_margin_and_metadata():
    notes = PngInfo()
    notes.add_text("Comment", SECRET.decode())

    cleaned = clean_logo(upload(encoded(drawn(size=(2000, 800)), "PNG", pnginfo=notes))).read()

    logo = opened(cleaned)
    assert (logo.format, logo.mode, logo.size) == ("WEBP", "RGBA", (320, 320))
    assert [logo.getpixel(place) for place in ((1, 1), (160, 160))] == [
        (0, 0, 0, 0),
        (0, 0, 128, 255),
    ]
    assert SECRET not in cleaned


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "CMYK", "1"])
def test_an_opaque_logo_is_scaled_to_the_box(mode):
    kind = "JPEG" if mode in {"CMYK", "L"} else "PNG"

    logo = opened(clean_logo(upload(encoded(corners((1200, 300), mode), kind))).read())

    assert (logo.format, logo.size) == ("WEBP", (640, 160))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "does not say how large it is",
        ),
        (
            b"GIF89a" + b"\0" * 40,
            "This file is not a logo. Choose a logo saved as SVG, PNG, WebP or JPEG.",
        ),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "is not a logo|is damaged"),
        (encoded(Image.new("RGB", (20, 400)), "PNG"), "too small or too narrow"),
        (encoded(Image.new("RGB", (9000, 25)), "PNG"), "too small or too narrow"),
        (encoded(Image.new("1", (4100, 4000)), "PNG"), "at most 16 megapixels"),
        (encoded(Image.new("RGBA", (90, 90)), "PNG"), "transparent all over"),
        (encoded(drawn(), "PNG")[:300], "is damaged"),
    ],
)
def test_invalid_files_are_refused_with_an_explanation(content, message):
    with pytest.raises(ValidationError, match=message):
        clean_logo(upload(content))


@pytest.mark.django_db
def test_a_file_is_deleted_with_the_last_row_that_uses_it(
    settings, django_capture_on_commit_callbacks
):
    this_year = make_sponsor(make_edition(year=2024), logo=logo_file(), logo_dark=logo_file("red"))
    clone_edition(source=this_year.level.edition, by=None)
    next_year = Sponsor.objects.exclude(pk=this_year.pk).get()
    light, dark = stored_names(this_year)
    assert (next_year.logo.name, next_year.is_shown) == (this_year.logo.name, False)

    with django_capture_on_commit_callbacks(execute=True):
        this_year.delete()
    assert [path.name for path in media_files()] == sorted([light, dark])

    with django_capture_on_commit_callbacks(execute=True):
        next_year.logo_dark = ""
        next_year.save()
    assert [path.name for path in media_files()] == [light]

    with django_capture_on_commit_callbacks(execute=True):
        next_year.level.edition.delete()
    assert [path.name for path in media_files()] == []
