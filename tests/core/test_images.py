"""Photos: what is accepted, and the re-encoded result."""

import io
import re
import struct
import warnings

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from apps.core.bare_images import is_bare_jpeg, is_bare_webp
from apps.core.images import clean_logo, clean_photo, clean_picture, digest, random_photo_name
from tests.people.files import (
    SECRET,
    bad_files,
    colours,
    corners,
    encoded,
    exif_with_secret,
    phone_photo,
    text_notes,
    textured,
    upload,
    xmp,
)

UPRIGHT = ["red", "lime", "blue", "white"]


def cleaned(content: bytes, name: str = "photo.jpg") -> Image.Image:
    image = Image.open(clean_photo(upload(content, name)))
    image.load()
    return image


def segments(jpeg: bytes) -> list[str]:
    """Names of the JPEG segments before the pixels."""
    names, position = [], 2
    while jpeg[position + 1] != 0xDA:
        marker, length = struct.unpack(">xBH", jpeg[position : position + 4])
        names.append({0xE0: "JFIF", 0xDB: "tables", 0xC4: "tables", 0xC0: "size"}[marker])
        position += 2 + length
    return names


@pytest.mark.parametrize("kind", bad_files())
def test_a_bad_photo_is_refused_with_a_reason(kind):
    content, message = bad_files()[kind]

    with pytest.raises(ValidationError, match=message):
        clean_photo(upload(content))


@pytest.mark.parametrize("kind", ["50,000 × 50,000", "144 megapixels", "just over the limit"])
def test_decompression_bombs_are_refused_by_their_header(kind):
    content, message = bad_files()[kind]
    assert len(content) < 450_000

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValidationError, match=message):
            clean_photo(upload(content))


@pytest.mark.parametrize("mode", ["LA", "I;16"])
def test_a_picture_that_takes_much_memory_to_convert_is_refused(mode):
    content = encoded(Image.new(mode, (4100, 4000)), "PNG")

    with pytest.raises(ValidationError, match="at most 16 megapixels"):
        clean_photo(upload(content))


@pytest.mark.parametrize(
    ("orientation", "image_format"),
    [*((number, "JPEG") for number in range(1, 9)), (6, "PNG"), (6, "WEBP")],
)
def test_a_photo_is_turned_upright(orientation, image_format):
    turn = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    shot = corners() if turn is None else corners().transpose(turn)

    photo = cleaned(encoded(shot, image_format, exif=exif_with_secret(orientation)))

    assert (photo.size, colours(photo)) == ((400, 300), UPRIGHT)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize(
    "metadata",
    [
        {"exif": b"Exif\0\0MM\0*\xff\xff\xff\xff broken"},
        {"icc_profile": b"no profile at all"},
        {"icc_profile": bytes(200)},
    ],
)
def test_broken_metadata_is_ignored(metadata):
    assert colours(cleaned(encoded(corners(), "JPEG", **metadata))) == UPRIGHT


@pytest.mark.parametrize(
    ("mode", "image_format"),
    [
        ("RGB", "JPEG"),
        ("CMYK", "JPEG"),
        ("RGB", "PNG"),
        ("RGBA", "PNG"),
        ("P", "PNG"),
        ("RGB", "WEBP"),
        ("RGBA", "WEBP"),
        ("RGB", "MPO"),
    ],
)
def test_every_colour_mode_becomes_rgb(mode, image_format):
    content = encoded(corners(mode=mode), image_format)

    photo = cleaned(content)

    assert (photo.format, photo.mode, photo.size) == ("JPEG", "RGB", (400, 300))
    assert colours(photo) == UPRIGHT


@pytest.mark.parametrize(
    ("mode", "image_format"), [("L", "JPEG"), ("L", "PNG"), ("1", "PNG"), ("I;16", "PNG")]
)
def test_grey_keeps_its_brightness(mode, image_format):
    half = {"L": 128, "1": 1, "I;16": 128 * 256}[mode]
    content = encoded(Image.new(mode, (400, 300), half), image_format)

    photo = cleaned(content)

    pixel = photo.getpixel((60, 60))
    assert photo.mode == "RGB"
    assert pixel == ((255, 255, 255) if mode == "1" else (128, 128, 128))


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P", "L", "RGB"])
def test_transparent_pixels_become_white(mode):
    transparent = {"LA": (0, 0), "RGBA": (9, 9, 9, 0)}.get(mode, 0)
    options = {} if mode in {"LA", "RGBA"} else {"transparency": (0, 0, 0) if mode == "RGB" else 0}
    content = encoded(Image.new(mode, (400, 300), transparent), "PNG", **options)

    assert cleaned(content).getpixel((60, 60)) == (255, 255, 255)


def _profile_with_red_and_green_swapped() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {}
    for number in range(struct.unpack(">I", profile[128:132])[0]):
        name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        tags[name] = offset, size
    (red, length), (green, _) = tags[b"rXYZ"], tags[b"gXYZ"]
    swapped = bytes(profile[red : red + length]), bytes(profile[green : green + length])
    profile[green : green + length], profile[red : red + length] = swapped
    return bytes(profile)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_a_colour_profile_is_applied_and_then_dropped(image_format):
    content = encoded(corners(), image_format, icc_profile=_profile_with_red_and_green_swapped())

    photo = cleaned(content)

    assert colours(photo) == ["lime", "red", "blue", "white"]
    assert "icc_profile" not in photo.info


@pytest.mark.parametrize(
    ("image_format", "notes"),
    [
        ("JPEG", {"exif": exif_with_secret(), "xmp": xmp(), "comment": SECRET}),
        ("PNG", {"exif": exif_with_secret(), "pnginfo": text_notes()}),
        ("WEBP", {"exif": exif_with_secret().tobytes(), "xmp": xmp()}),
    ],
)
def test_only_pixels_are_kept(image_format, notes):
    content = encoded(corners(), image_format, **notes)
    assert SECRET in content

    photo = clean_photo(upload(content)).read()

    assert SECRET not in photo
    assert segments(photo) == ["JFIF", "tables", "tables", "size", *["tables"] * 4]


@pytest.mark.parametrize(
    "tail", [b"<script>alert(1)</script>", b"PK\x03\x04 an archive", b"%PDF-1.7", b"<?php 1 ?>"]
)
def test_content_hidden_in_or_after_a_photo_is_removed(tail):
    content = encoded(corners(), "JPEG", comment=tail) + tail

    photo = clean_photo(upload(content, "photo.php.jpg.html"))

    assert photo.name == "photo.jpg"
    assert tail not in photo.read()


def test_the_second_picture_of_a_phone_photo_is_dropped():
    second = Image.new("RGB", (400, 300), "black")
    content = encoded(corners(), "MPO", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(content)).format == "MPO"

    photo = cleaned(content)

    assert (colours(photo), getattr(photo, "n_frames", 1)) == (UPRIGHT, 1)


def test_a_phone_photo_is_scaled_to_1600_pixels_and_upright():
    content = phone_photo()
    assert len(content) > 6 * 1024**2
    assert SECRET in content

    photo = clean_photo(upload(content))

    assert SECRET not in photo.read()
    assert Image.open(photo).size == (1600, 1200)
    assert photo.size < 900_000


def test_a_small_photo_is_not_enlarged_and_the_largest_one_is_accepted():
    assert cleaned(encoded(textured(300, 300), "JPEG")).size == (300, 300)
    assert cleaned(encoded(Image.new("1", (8000, 5000), 1), "PNG")).size == (1600, 1000)


@pytest.mark.parametrize("clean", [clean_photo, clean_picture, clean_logo])
@pytest.mark.parametrize("image", [textured(900, 700), corners((120, 110)), corners(mode="RGBA")])
def test_a_cleaned_image_is_kept_byte_by_byte(clean, image):
    image = image.copy()
    image.info["comment"] = SECRET
    once = clean(upload(encoded(image, "PNG"))).read()

    assert clean(upload(once)).read() == once


def test_a_transparent_logo_is_kept_byte_by_byte():
    logo = textured(300, 200).copy()
    logo.putalpha(Image.linear_gradient("L").resize(logo.size).point(lambda value: value or 1))
    once = clean_logo(upload(encoded(logo, "PNG"))).read()

    assert once[12:16] == b"VP8X", "with loss and transparency, the most chunks"
    assert clean_logo(upload(once)).read() == once


@pytest.mark.parametrize(
    ("size", "options", "tail"),
    [
        ((400, 300), {"comment": b"note"}, b""),
        ((400, 300), {"exif": exif_with_secret()}, b""),
        (
            (400, 300),
            {"icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()},
            b"",
        ),
        ((400, 300), {"progressive": True}, b""),
        ((400, 300), {}, b"\0"),
        ((400, 300), {}, b"<script>\xff\xd9"),
        ((1700, 300), {}, b""),
    ],
)
def test_a_photo_that_is_not_bare_is_encoded_again(size, options, tail):
    content = encoded(corners(size), "JPEG", **options) + tail

    photo = clean_photo(upload(content)).read()

    assert photo != content
    assert is_bare_jpeg(photo)


@pytest.mark.parametrize(
    ("options", "change"),
    [
        ({"exif": exif_with_secret().tobytes()}, None),
        ({"xmp": xmp()}, None),
        ({}, lambda webp: webp + b"tail"),
        (
            {},
            lambda webp: (
                webp[:4] + struct.pack("<I", len(webp) + 4) + webp[8:] + b"META\4\0\0\0tail"
            ),
        ),
    ],
)
def test_a_picture_that_is_not_bare_is_encoded_again(options, change):
    content = encoded(corners(), "WEBP", **options)
    content = change(content) if change else content

    picture = clean_picture(upload(content)).read()

    assert picture != content
    assert is_bare_webp(picture)


@given(data=st.binary(max_size=60), at=st.integers(0, 60), size=st.integers(0, 5))
def test_bytes_of_any_kind_are_bare_or_not(data, at, size):
    photo = encoded(Image.new("RGB", (8, 8)), "JPEG")
    picture = encoded(Image.new("RGB", (8, 8)), "WEBP")

    for start in (b"", photo[:20], photo, picture[:12], picture):
        changed = start[:at] + data + start[at + size :]
        assert is_bare_jpeg(changed) in {True, False}
        assert is_bare_webp(changed) in {True, False}


def test_the_digest_is_that_of_the_uploaded_file():
    file = ContentFile(b"abc", name="x")

    assert digest(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file.read() == b"abc"


def test_names_differ_and_do_not_identify_the_person():
    first, second = (random_photo_name(None, "Ada Lovelace.JPG") for _ in range(2))

    assert first != second
    assert re.fullmatch(r"photos/[0-9a-f]{24}\.jpg", first)
