"""Thumbnails of photos and pictures: their formats, made by django-imagefield with Pillow."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import PurePosixPath

from imagefield.fields import ImageFieldFile
from imagefield.processing_pillow import register_pillow

from apps.core.images import LONGEST_SIDE, without_metadata

_logger = logging.getLogger(__name__)

SQUARE = 150  # CSS pixels; dense screens get twice as many


@register_pillow
def save_as(get_image, image_format: str, *options: tuple[str, int]):
    """Processor that encodes as `image_format` with Pillow's `options`, without metadata."""

    def processor(image, context):
        # Decode no more of a photo, which is stored as JPEG, than its thumbnails need.
        image.draft(None, (4 * SQUARE, 4 * SQUARE))
        image = without_metadata(get_image(image, context).convert("RGB"))
        context.save_kwargs.update(options, format=image_format)
        return image

    return processor


def _format(
    image_format: str, extension: str, resize: tuple[str, tuple[int, int]], **options: int
) -> Callable:
    """A format of imagefield: `resize` is one of its processors with its argument."""

    def spec(fieldfile, context) -> None:
        context.extension = extension
        context.processors = [("save_as", image_format, *sorted(options.items())), resize]

    return spec


def _square(image_format: str, extension: str, size: int, **options: int) -> Callable:
    return _format(image_format, extension, ("crop", (size, size)), **options)


# Ten faces in AVIF stay below 50 kB at 1× and 110 kB at 2×; dense screens allow lower quality. If
# the last of these files exists, all of them do.
SQUARES = {
    "avif_1x": _square("AVIF", ".avif", SQUARE, quality=55, speed=6),
    "avif_2x": _square("AVIF", ".avif", 2 * SQUARE, quality=50, speed=6),
    "webp_1x": _square("WEBP", ".webp", SQUARE, quality=72, method=6),
    "webp_2x": _square("WEBP", ".webp", 2 * SQUARE, quality=65, method=6),
    "jpeg_1x": _square("JPEG", ".jpg", SQUARE, quality=76, optimize=True, progressive=True),
    "jpeg_2x": _square("JPEG", ".jpg", 2 * SQUARE, quality=70, optimize=True, progressive=True),
}
# Widths of pictures in texts, in pixels: a phone, a column of text, and that on a dense screen.
PICTURE_WIDTHS = (480, 960, LONGEST_SIDE)


def _wide(image_format: str, extension: str, width: int, **options: int) -> Callable:
    return _format(image_format, extension, ("thumbnail", (width, LONGEST_SIDE)), **options)


# Pictures are often maps and drawings, so their quality is higher than that of faces. The last one
# is the largest, so if it exists, all of them do.
PICTURE_FORMATS = {
    **{
        f"avif_{width}": _wide("AVIF", ".avif", width, quality=62, speed=6)
        for width in PICTURE_WIDTHS
    },
    **{
        f"webp_{width}": _wide("WEBP", ".webp", width, quality=78, method=5)
        for width in PICTURE_WIDTHS
    },
    "jpeg": _wide("JPEG", ".jpg", 960, quality=80, optimize=True, progressive=True),
}


def make_thumbnails(image: ImageFieldFile) -> None:
    """Make the missing files of all formats of a stored image; delete those of another focal point."""
    # Opened again from the storage: `image` may hold a closed upload.
    image = ImageFieldFile(image.instance, image.field, image.name)
    try:
        made = {image.process(spec) for spec in image.field.formats}
    except FileNotFoundError:
        _logger.warning("The image file %s is missing.", image.name)
        return
    folder = str(PurePosixPath(min(made)).parent)
    stem = f"{PurePosixPath(image.name).stem}-"
    for file in image.storage.listdir(folder)[1]:
        if file.startswith(stem) and f"{folder}/{file}" not in made:
            image.storage.delete(f"{folder}/{file}")
