"""Square thumbnails of portraits."""

from __future__ import annotations

import logging
from pathlib import PurePosixPath

from imagefield.fields import ImageFieldFile

from apps.core.images import SQUARES

_logger = logging.getLogger(__name__)
_LAST_MADE = list(SQUARES)[-1]


def square_urls(photo: ImageFieldFile) -> dict[str, str] | None:
    """URLs of the square thumbnails by their names in SQUARES; None if there is no such file."""
    if not photo:
        return None
    urls = {square: getattr(photo, square) for square in SQUARES}
    # Only a local folder is asked; other storages would need a request for each portrait.
    base_url = getattr(photo.storage, "base_url", None)
    if base_url and not photo.storage.exists(urls[_LAST_MADE].removeprefix(base_url)):
        return None
    return urls


def make_squares(photo: ImageFieldFile) -> None:
    """Make the missing thumbnails of `photo`; delete those of another focal point."""
    # Opened again from the storage: `photo` may hold a closed upload.
    photo = ImageFieldFile(photo.instance, photo.field, photo.name)
    try:
        made = {photo.process(square) for square in SQUARES}
    except FileNotFoundError:
        _logger.warning("The photo file %s is missing.", photo.name)
        return
    folder = str(PurePosixPath(photo.process(_LAST_MADE)).parent)
    stem = f"{PurePosixPath(photo.name).stem}-"
    for file in photo.storage.listdir(folder)[1]:
        if file.startswith(stem) and f"{folder}/{file}" not in made:
            photo.storage.delete(f"{folder}/{file}")
