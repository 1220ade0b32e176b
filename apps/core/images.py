"""Uploaded photos, logos and pictures of texts: validated and re-encoded."""

import hashlib
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

from apps.core.bare_images import is_bare_jpeg, is_bare_webp
from apps.core.svg import MAX_SVG_BYTES, SvgError, draw_svg, is_svg
from apps.core.uploads import check_size

MAX_IMAGE_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
SHORTEST_SIDE = 100
LONGEST_SIDE = 1600
# Twice the size at which a logo is shown, for dense screens.
LOGO_BOX = (640, 320)
BANNER_BOX = (1280, 320)
LOGO_SHORTEST = 24
# Less for a logo, a transparent or a 16-bit picture, of which memory holds several full copies.
PIXELS_TO_CONVERT = 16_000_000
QUALITY = 88

# The only decoders that Pillow may try, so that others cannot be attacked.
_DECODERS = ("JPEG", "PNG", "WEBP")
# First bytes of a HEIC file, the only other format in which phones take photos.
_HEIC = re.compile(rb".{4}ftyp(?:hei|hev|mif1|msf1)", re.DOTALL)
# Logos and pictures are uploaded at the desk only, which is in English.
_NOT_ONE = {
    "photo": _("This file is not a photo."),
    "picture": "This file is not a picture.",
    "logo": "This file is not a logo.",
}
_ANOTHER = {
    "photo": _("Choose a photo saved as JPEG, PNG or WebP."),
    "picture": "Choose a picture saved as JPEG, PNG or WebP.",
    "logo": "Choose a logo saved as SVG, PNG, WebP or JPEG.",
}
_FOCUS = re.compile(
    r"(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)x(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)", re.ASCII
)
_PLAIN_MODES = {"L", "RGB", "CMYK"}  # those of colour profiles


def random_photo_name(instance, filename: str) -> str:
    """A name that cannot be guessed and does not identify the person."""
    return f"photos/{secrets.token_hex(12)}.{filename.rsplit('.', 1)[-1].lower()}"


def random_logo_name(instance, filename: str) -> str:
    """A name that cannot be guessed, so that a logo stays unknown until it is published."""
    return f"logos/{secrets.token_hex(12)}.webp"


def random_picture_name(instance, filename: str) -> str:
    """A name that cannot be guessed, so that a picture stays unknown until a text shows it."""
    return f"pictures/{secrets.token_hex(12)}.webp"


def clean_photo(upload: File) -> ContentFile:
    """Re-encode a photo as JPEG: upright, sRGB, at most 1600 pixels long, without metadata.

    A photo that is all of that already is kept byte by byte. Accepts JPEG (also the multi-picture
    kind of phones), PNG and WebP by their content; transparent parts become white. Raises
    ValidationError for other formats, animations, damaged files, more than 20 MB, more than 40
    million pixels (16 million if transparent or 16-bit grey; read from the header, before decoding)
    and less than 100 pixels on a side.
    """
    photo = _decode(upload, "photo", _refuse_small_photo, _photo_pixels)
    kept = _unchanged(upload, photo, is_bare_jpeg)
    return ContentFile(kept or _jpeg(photo), name="photo.jpg")


def clean_banner(upload: File) -> ContentFile:
    """Re-encode the logo of an edition, as clean_logo does, to at most 1280 × 320 pixels."""
    return clean_logo(upload, box=BANNER_BOX)


def clean_logo(upload: File, *, box: tuple[int, int] = LOGO_BOX) -> ContentFile:
    """Re-encode a logo as WebP: sRGB, at most 640 × 320 pixels, without metadata.

    Transparency is kept, and a transparent margin is cut off. Keeps, accepts and refuses the same
    as clean_photo, but with at least 24 pixels on a side, at most 16 million pixels, and not a logo
    that is transparent all over. An SVG drawing is accepted too and becomes pixels.
    """
    upload.seek(0)
    if is_svg(upload.read(1024)):
        upload = _drawn(upload)
    logo = _decode(
        upload, "logo", partial(_refuse_small_logo, box=box), partial(_logo_pixels, box=box)
    )
    kept = _unchanged(upload, logo, is_bare_webp)
    return ContentFile(kept or _smallest_webp(logo), name="logo.webp")


def clean_picture(upload: File) -> ContentFile:
    """Re-encode a picture of a text as WebP: upright, sRGB, without metadata.

    It is at most 1600 pixels long, and transparent parts become white. Keeps, accepts and refuses
    the same as clean_photo, but takes any shape of at least 24 pixels on a side.
    """
    picture = _decode(upload, "picture", _refuse_small_picture, _photo_pixels)
    kept = _unchanged(upload, picture, is_bare_webp)
    return ContentFile(kept or _smallest_webp(picture), name="picture.webp")


def _unchanged(upload: File, image: Image.Image, is_bare: Callable[[bytes], bool]) -> bytes | None:
    """The bytes of `upload`, if it is bare and has the size and colours of `image`, made of it."""
    upload.seek(0)
    contents: bytes = upload.read()
    if not is_bare(contents):
        return None
    with Image.open(BytesIO(contents), formats=_DECODERS) as original:
        is_same = (original.size, original.mode) == (image.size, image.mode)
    return contents if is_same else None


def _jpeg(image: Image.Image) -> bytes:
    target = BytesIO()
    image.save(target, "JPEG", quality=QUALITY, optimize=True)
    return target.getvalue()


def _smallest_webp(image: Image.Image) -> bytes:
    """The image as WebP: drawn ones are smaller without loss, photographed ones with it."""
    exact, small = BytesIO(), BytesIO()
    image.save(exact, "WEBP", lossless=True, method=4)
    image.save(small, "WEBP", quality=QUALITY, method=4)
    return min(exact.getvalue(), small.getvalue(), key=len)


def _drawn(upload: File) -> ContentFile:
    """The SVG drawing as a PNG."""
    upload.seek(0)
    try:
        return ContentFile(draw_svg(upload.read(MAX_SVG_BYTES + 1)), name="logo.png")
    except SvgError as error:
        raise ValidationError(f"{error} Or save the logo as PNG.", code="svg") from None


def _decode(
    upload: File,
    what: str,
    refuse_size: Callable[[Image.Image], None],
    pixels: Callable[[Image.Image], Image.Image],
) -> Image.Image:
    """Decode `upload`, a photo or logo as `what` says; raises ValidationError."""
    another = str(_ANOTHER[what])
    check_size(upload, MAX_IMAGE_BYTES)
    _refuse_heic(upload, another)
    upload.seek(0)
    try:
        with Image.open(upload, formats=_DECODERS) as image:
            is_converted = image.has_transparency_data or image.mode.startswith("I")
            most = PIXELS_TO_CONVERT if what == "logo" or is_converted else MAX_PIXELS
            if image.width * image.height > most:
                # Between its limit and twice that, Pillow only warns.
                raise _too_many_pixels(most)
            _refuse_animation(image, another)
            refuse_size(image)
            return pixels(image)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Image.UnidentifiedImageError:
        raise ValidationError(f"{_NOT_ONE[what]} {another}", code="no_photo") from None
    except Exception:  # decoders raise errors of every kind for hostile bytes
        raise ValidationError(
            gettext("The file is damaged or incomplete. Save it again, or upload it once more.")
            + f" {another}",
            code="damaged",
        ) from None


def _refuse_heic(upload: File, another: str) -> None:
    upload.seek(0)
    if _HEIC.match(upload.read(64)):
        raise ValidationError(
            gettext(
                "This is a HEIC photo, as iPhones take them. Export it as JPEG: on the phone, share "
                "it by email or choose “Most Compatible” under Settings, Camera, Formats."
            )
            + f" {another}",
            code="format",
        )


def small_jpeg(photo: File, longest_side: int) -> bytes:
    """A smaller copy of a photo that clean_photo made."""
    with Image.open(photo, formats=_DECODERS) as image:
        image.draft(None, (longest_side, longest_side))
        image.thumbnail((longest_side, longest_side))
        target = BytesIO()
        image.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


def digest(upload: File) -> str:
    """SHA-256 of the uploaded file, in hexadecimal."""
    upload.seek(0)
    hexadecimal = hashlib.file_digest(upload.file, "sha256").hexdigest()  # type: ignore[arg-type]  # reads as a file
    upload.seek(0)
    return hexadecimal


def _too_many_pixels(most: int = MAX_PIXELS) -> ValidationError:
    return ValidationError(
        gettext(
            "The image has too many pixels: at most %(limit)d megapixels. Save it smaller; 2000 "
            "pixels on the longer side are enough."
        ),
        code="too_many_pixels",
        params={"limit": most // 1_000_000},
    )


def _refuse_animation(image: Image.Image, another: str) -> None:
    # A second picture in a phone's JPEG (depth, preview) is not an animation.
    if image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False):
        raise ValidationError(gettext("This image is animated.") + f" {another}", code="animated")


def _refuse_small_photo(image: Image.Image) -> None:
    if min(image.size) < SHORTEST_SIDE or min(_fitting(image.size)) < SHORTEST_SIDE:
        raise ValidationError(
            gettext(
                "The photo is too small or too narrow (%(width)d × %(height)d pixels). Choose one "
                "with at least 100 pixels on each side; 600 look sharp everywhere."
            ),
            code="too_small",
            params={"width": image.width, "height": image.height},
        )


def _refuse_small_logo(image: Image.Image, *, box: tuple[int, int]) -> None:
    if min(image.size) < LOGO_SHORTEST or min(_in_box(image.size, box)) < LOGO_SHORTEST // 2:
        raise ValidationError(
            f"The logo is too small or too narrow ({image.width} × {image.height} pixels). "
            "Choose one with at least 24 pixels on each side; 600 across look sharp everywhere.",
            code="too_small",
        )


def _refuse_small_picture(image: Image.Image) -> None:
    if min(image.size) < LOGO_SHORTEST or min(_fitting(image.size)) < LOGO_SHORTEST // 2:
        raise ValidationError(
            f"The picture is too small or too narrow ({image.width} × {image.height} pixels). "
            "Choose one with at least 24 pixels on each side; 1600 across look sharp everywhere.",
            code="too_small",
        )


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    factor = min(1.0, LONGEST_SIDE / max(size))
    return round(size[0] * factor), round(size[1] * factor)


def _in_box(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    factor = min(1.0, box[0] / size[0], box[1] / size[1])
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _photo_pixels(image: Image.Image) -> Image.Image:
    """Copy on white, scaled down to at most 1600 pixels."""
    size = _fitting(image.size)
    # A JPEG is decoded at a half, a quarter or an eighth of its size, if that suffices.
    image.draft(None, size)
    photo = _scaled(_in_plain_mode(image), size, image)
    if photo.mode == "RGBA":
        white = Image.new("RGBA", photo.size, "white")
        photo = Image.alpha_composite(white, photo).convert("RGB")
    return photo


def _logo_pixels(image: Image.Image, *, box: tuple[int, int]) -> Image.Image:
    """Copy cropped to the visible part."""
    logo = _in_plain_mode(image)
    if logo.mode == "RGBA":
        visible = logo.getchannel("A").getbbox()
        if visible is None:
            raise ValidationError(
                "The logo is transparent all over: there is nothing to see.", code="blank"
            )
        logo = logo.crop(visible)
    return _scaled(logo, _in_box(logo.size, box), image)


def _in_plain_mode(image: Image.Image) -> Image.Image:
    """The picture in RGBA if it is transparent somewhere, otherwise in a mode of colour profiles."""
    image.load()
    if image.mode.startswith("I"):
        # 16-bit grey, which `convert` would clip to white.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in _PLAIN_MODES:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _scaled(image: Image.Image, size: tuple[int, int], original: Image.Image) -> Image.Image:
    """Copy of this size in RGB or RGBA: sRGB, upright, without metadata."""
    small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)
    profile = original.info.get("icc_profile")
    if small.mode == "RGBA":
        coloured = _in_srgb(small.convert("RGB"), profile)
        coloured.putalpha(small.getchannel("A"))
    else:
        coloured = _in_srgb(small, profile)
    coloured.info = dict(original.info)
    # Broken metadata of an otherwise good picture raises errors of every kind.
    with suppress(Exception):
        coloured = ImageOps.exif_transpose(coloured)
    return without_metadata(coloured)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a broken profile, or one of another colour mode
        if converted is not None:
            return without_metadata(converted)
    return without_metadata(image.convert("RGB"))


def without_metadata(image: Image.Image) -> Image.Image:
    """Remove the metadata that Pillow would write again."""
    image.info.clear()
    return image


def validate_focus(value: str) -> None:
    """Raise ValidationError unless `value` is like "0.35x0.5": right and down, from 0 to 1."""
    if not _FOCUS.fullmatch(value):
        raise ValidationError(
            "The focal point is two numbers from 0 to 1 with an x between them, such as 0.5x0.35.",
            code="focus",
        )
