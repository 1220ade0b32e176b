"""Generated logos."""

from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from apps.core.images import clean_logo
from tests.people.files import encoded, upload


def drawn(colour: str = "navy", size: tuple[int, int] = (400, 160)) -> Image.Image:
    """A disc on a transparent background, with an empty margin left and right."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    width, height = size
    left = (width - height) // 2
    ImageDraw.Draw(image).ellipse((left, 0, left + height - 1, height - 1), fill=colour)
    return image


def logo_file(colour: str = "navy") -> ContentFile:
    """A logo as the site stores it."""
    return clean_logo(upload(encoded(drawn(colour), "PNG")))


def opened(content: bytes) -> Image.Image:
    """The picture in `content`."""
    return Image.open(BytesIO(content))
