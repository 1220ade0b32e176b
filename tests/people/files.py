"""Photos, invalid files, and the thumbnails on disk."""

import io
import struct
import zlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from apps.core.images import clean_photo
from apps.people.models import Person

# In the EXIF, XMP, comment and text of test photos; no stored file may contain it.
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
    result = []
    for x, y in ((1, 1), (3, 1), (3, 3), (1, 3)):
        pixel = image.convert("RGB").getpixel((x * width // 4, y * height // 4))
        assert isinstance(pixel, tuple)
        distance = {
            name: sum(abs(a - b) for a, b in zip(pixel, value, strict=True))
            for name, value in names.items()
        }
        result.append(min(distance, key=lambda name: distance[name]))
    return result


def exif_with_secret(orientation: int = 1) -> Image.Exif:
    """EXIF with a place, an author and an orientation."""
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
def textured(width: int, height: int) -> Image.Image:
    """A coloured picture with soft details, as heavy to encode as a photo."""
    size = (width, height)
    details = [Image.effect_noise((150, 150), 90).resize(size, _SMOOTH) for _ in "RGB"]
    return Image.merge("RGB", details)


@lru_cache
def phone_photo() -> bytes:
    """A JPEG of 12 megapixels and several megabytes, held sideways, with GPS."""
    grain = Image.merge("RGB", [Image.effect_noise((3024, 4032), 40)] * 3)
    photo = Image.blend(textured(3024, 4032), grain, 0.25)
    notes = {"exif": exif_with_secret(6), "xmp": xmp(), "comment": SECRET}
    return encoded(photo, "JPEG", quality=95, **notes)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_zeros(width: int, height: int, rows: int | None = None, extra: bytes = b"") -> bytes:
    """A grey PNG that claims `width` × `height` but has `rows` only, after `extra` chunks."""
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


@lru_cache
def bad_files() -> dict[str, tuple[bytes, str]]:
    """Invalid files: name → content and expected message (| separates two)."""
    first, *rest = [Image.new("RGB", (200, 200), (37 * shade, 0, 99)) for shade in range(5)]
    photo = textured(900, 900)
    jpeg = encoded(photo, "JPEG", quality=90)
    png = encoded(corners(), "PNG")
    animated = {"save_all": True, "append_images": rest}
    text_bomb = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80 * 1024**2), 9))
    return {
        "words": (b"Dear organisers, my photo follows. " * 9, "not a photo"),
        "a page named like a photo": (b"<!DOCTYPE html><script>alert(1)</script>", "not a photo"),
        "nothing": (b"", "empty"),
        "truncated JPEG": (jpeg[: len(jpeg) // 2], "damaged or incomplete"),
        "truncated PNG": (png[: len(png) // 2], "damaged or incomplete"),
        "truncated WebP": (encoded(photo, "WEBP")[:3000], "damaged or incomplete"),
        "a JPEG's first bytes alone": (jpeg[:20], "damaged or incomplete|not a photo"),
        "50,000 × 50,000": (png_of_zeros(50_000, 50_000, rows=100), "too many pixels"),
        "144 megapixels": (png_of_zeros(12_000, 12_000), "too many pixels"),
        "just over the limit": (png_of_zeros(8_000, 5_001, rows=0), "too many pixels"),
        "a text that unpacks to 80 MB": (png_of_zeros(200, 200, extra=text_bomb), "damaged"),
        "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "not a photo"),
        "EPS": (encoded(corners(), "EPS"), "not a photo"),
        "PDF": (encoded(corners(), "PDF"), "not a photo"),
        "GIF": (encoded(corners(), "GIF"), "not a photo"),
        "TIFF": (encoded(corners(), "TIFF"), "not a photo"),
        "BMP": (encoded(corners(), "BMP"), "not a photo"),
        "AVIF": (encoded(corners(), "AVIF"), "not a photo"),
        "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(900), "Export it as JPEG"),
        "ICO": (encoded(corners(), "ICO"), "not a photo"),
        "animated WebP": (encoded(first, "WEBP", **animated), "animated"),
        "animated PNG": (encoded(first, "PNG", **animated), "animated"),
        "99 pixels wide": (encoded(corners((99, 400)), "PNG"), "99 × 400"),
        "a thread": (encoded(Image.new("L", (20_000, 120)), "PNG"), "too narrow"),
        "over 20 MB": (jpeg + bytes(20 * 1024**2), "at most 20 MB"),
    }
