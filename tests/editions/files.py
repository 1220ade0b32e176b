"""Pictures and downloads of editions."""

from django.core.files.base import ContentFile

from apps.core.images import clean_picture
from apps.editions.models import Download, Edition, Picture
from tests.people.files import corners, encoded, upload

PDF = b"%PDF-1.7 a flyer"


def make_picture(
    edition: Edition, name: str = "venue.jpg", *, size: tuple[int, int] = (1200, 800), **fields
) -> Picture:
    """A picture of an edition, with a description unless it is decorative."""
    if not fields.get("is_decorative"):
        fields.setdefault("alt", "The castle")
    file = clean_picture(upload(encoded(corners(size), "JPEG", quality=95)))
    return Picture.objects.create(edition=edition, name=name, file=file, **fields)


def make_download(edition: Edition, name: str = "flyer.pdf", content: bytes = PDF) -> Download:
    return Download.objects.create(edition=edition, name=name, file=ContentFile(content, name=name))
