"""Photos, files that are refused, and the thumbnails on disk."""

import io
import random
import struct
import zlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFilter
from PIL.PngImagePlugin import PngInfo

from apps.core.images import clean_photo
from apps.people.models import Person

# Stands in the EXIF, XMP, comment and text of test photos; no stored file may contain it.
SECRET = b"SECRET-PLACE"
_SMOOTH = Image.Resampling.BICUBIC
_ORIENTATION, _ARTIST, _GPS = 0x0112, 0x013B, 0x8825


def encoded(image: Image.Image, image_format: str, **options) -> bytes:
    """The bytes of `image` in one of Pillow's formats."""
    target = io.BytesIO()
    image.save(target, image_format, **options)
    return target.getvalue()


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    """An upload as a browser sends it."""
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def photo_file(size: tuple[int, int] = (400, 300)) -> ContentFile:
    """A cleaned photo of `corners`, as forms store it."""
    return clean_photo(upload(encoded(corners(size), "JPEG", quality=95)))


def media_files() -> list[Path]:
    """All stored files."""
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def open_square(person: Person, square: str) -> Image.Image:
    """A stored thumbnail of the person's photo."""
    name = person.photo.process(square)
    return Image.open(io.BytesIO(Path(person.photo.storage.path(name)).read_bytes()))


def corners(size: tuple[int, int] = (400, 300), mode: str = "RGB") -> Image.Image:
    """Red, green, blue and white quarters, clockwise from the top left."""
    width, height = size
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), "red")
    draw.rectangle((width // 2, 0, width, height // 2 - 1), "lime")
    draw.rectangle((width // 2, height // 2, width, height), "blue")
    return image.convert(mode)


def colours(image: Image.Image) -> list[str]:
    """Names of the colours of the four quarters, in the order of `corners`."""
    names = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255,) * 3}
    width, height = image.size
    found = []
    for x, y in ((1, 1), (3, 1), (3, 3), (1, 3)):
        pixel = image.convert("RGB").getpixel((x * width // 4, y * height // 4))
        assert isinstance(pixel, tuple)
        distance = {
            name: sum(abs(a - b) for a, b in zip(pixel, value, strict=True))
            for name, value in names.items()
        }
        found.append(min(distance, key=lambda name: distance[name]))
    return found


def exif_with_secret(orientation: int = 1) -> Image.Exif:
    """EXIF with a place, an author and how the camera was held."""
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    exif[_ARTIST] = SECRET.decode()
    exif[_GPS] = {1: "N", 2: (52.0, 12.0, 16.0), 3: "E", 4: (0.0, 7.0, 10.0), 29: SECRET.decode()}
    return exif


def xmp() -> bytes:
    """An XMP packet with a place."""
    return b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- ' + SECRET + b" --></x:xmpmeta>"


def text_notes() -> PngInfo:
    """A PNG's plain, compressed and international text."""
    notes = PngInfo()
    notes.add_text("Location", SECRET.decode())
    notes.add_text("Comment", SECRET.decode(), zip=True)
    notes.add_itxt("XML:com.adobe.xmp", xmp().decode())
    return notes


@lru_cache
def portrait(seed: int = 1, size: int = 900) -> Image.Image:
    """A head before a backdrop; about as heavy to encode as a real portrait."""
    chance = random.Random(seed)  # noqa: S311  (the same picture every time)
    colours = [tuple(chance.randint(40, 230) for _ in range(3)) for _ in range(3)]
    image = Image.new("RGB", (900, 900), colours[0])
    draw = ImageDraw.Draw(image)
    draw.ellipse((90, 650, 810, 1300), fill=colours[1])
    draw.ellipse((235, 140, 665, 640), fill=colours[2])
    image = image.filter(ImageFilter.GaussianBlur(2)).resize((size, size))
    for detail, strength in ((60, 0.12), (150, 0.2), (450, 0.06)):
        texture = Image.effect_noise((detail, detail), 45).resize((size, size), _SMOOTH)
        image = Image.blend(image, Image.merge("RGB", (texture,) * 3), strength)
    return image


@lru_cache
def phone_photo(megabytes: int = 6) -> bytes:
    """A 12-megapixel JPEG of at least so many megabytes, held sideways, with GPS."""
    face = portrait(3, 1500).resize((3000, 3000))
    photo = Image.new("RGB", (4032, 3024), (90, 110, 140))
    photo.paste(face, (500, 12))
    grain = Image.effect_noise(photo.size, 40)
    photo = Image.blend(photo, Image.merge("RGB", (grain,) * 3), 0.25)
    for quality in (88, 92, 95, 97, 99):
        content = encoded(
            photo.rotate(90, expand=True),
            "JPEG",
            quality=quality,
            exif=exif_with_secret(6),
            xmp=xmp(),
            comment=SECRET,
        )
        if len(content) >= megabytes * 1024**2:
            return content
    raise AssertionError("no quality makes this photo large enough")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_zeros(width: int, height: int, rows: int | None = None, extra: bytes = b"") -> bytes:
    """A grey PNG that claims `width` × `height`, holds `rows` of it, and `extra` chunks first."""
    packer = zlib.compressobj(9)
    row = bytes(width + 1)
    pieces = [packer.compress(row) for _ in range(height if rows is None else rows)]
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + extra
        + _chunk(b"IDAT", b"".join([*pieces, packer.flush()]))
        + _chunk(b"IEND", b"")
    )


def _webp_claiming(width: int, height: int) -> bytes:
    honest = bytearray(
        encoded(corners((200, 200), "RGBA"), "WEBP", exif=exif_with_secret().tobytes())
    )
    assert honest[12:16] == b"VP8X"
    honest[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(honest)


def _frames(count: int) -> list[Image.Image]:
    return [Image.new("RGB", (200, 200), (37 * shade % 256, 0, 99)) for shade in range(count)]


@lru_cache
def bad_files() -> dict[str, tuple[bytes, str]]:
    """Files that are refused, by name: content, and the expected message (| separates two)."""
    first, *rest = _frames(300)
    jpeg = encoded(portrait(), "JPEG", quality=90)
    png = encoded(corners(), "PNG")
    animated = {"save_all": True, "append_images": _frames(5)[1:]}
    text_bomb = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80 * 1024**2), 9))
    return {
        "words": (b"Dear organisers, my photo follows. " * 9, "not a photo"),
        "a page named like a photo": (b"<!DOCTYPE html><script>alert(1)</script>", "web page"),
        "nothing": (b"", "empty"),
        "truncated JPEG": (jpeg[: len(jpeg) // 2], "damaged or incomplete"),
        "truncated PNG": (png[: len(png) // 2], "damaged or incomplete"),
        "truncated WebP": (encoded(portrait(), "WEBP")[:3000], "damaged or incomplete"),
        "a JPEG's first bytes alone": (jpeg[:20], "damaged or incomplete|not a photo"),
        "50,000 × 50,000": (png_of_zeros(50_000, 50_000, rows=100), "too many pixels"),
        "144 megapixels": (png_of_zeros(12_000, 12_000), "too many pixels"),
        "just over the limit": (png_of_zeros(8_000, 5_001, rows=0), "too many pixels"),
        "a WebP of 268 megapixels": (_webp_claiming(16_383, 16_383), "too many pixels|damaged"),
        "a text that unpacks to 80 MB": (png_of_zeros(200, 200, extra=text_bomb), "damaged"),
        "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "SVG"),
        "SVG with prologue": (b'\xef\xbb\xbf<?xml version="1.0"?><svg onload="x()"/>', "SVG"),
        "EPS": (encoded(corners(), "EPS"), "EPS"),
        "PDF": (encoded(corners(), "PDF"), "PDF"),
        "GIF of 300 frames": (
            encoded(first, "GIF", save_all=True, append_images=rest),
            "GIF",
        ),
        "GIF": (encoded(corners(), "GIF"), "GIF"),
        "TIFF": (encoded(corners(), "TIFF"), "TIFF"),
        "BMP": (encoded(corners(), "BMP"), "BMP"),
        "AVIF": (encoded(corners(), "AVIF"), "AVIF"),
        "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(900), "Export it as JPEG"),
        "ICO": (encoded(corners(), "ICO"), "not a photo"),
        "animated WebP": (encoded(first, "WEBP", **animated), "animated"),
        "animated PNG": (encoded(first, "PNG", **animated), "animated"),
        "99 pixels wide": (encoded(corners((99, 400)), "PNG"), "99 × 400"),
        "a thread": (encoded(Image.new("L", (20_000, 120)), "PNG"), "too narrow"),
        "over 20 MB": (jpeg + bytes(20 * 1024**2), "at most 20 MB"),
    }
