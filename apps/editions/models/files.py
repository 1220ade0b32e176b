"""Pictures and downloads of an edition, for its texts."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.text import slugify
from imagefield.fields import ImageField
from simple_history.models import HistoricalRecords

from apps.core.files import PrivateFileField
from apps.core.images import random_picture_name
from apps.core.markdown_files import DOWNLOADS, PICTURES, LinkedFile
from apps.core.thumbnails import PICTURE_FORMATS, PICTURE_WIDTHS, make_thumbnails
from apps.core.uploads import attachment_type, random_attachment_name_in, validate_attachment
from apps.editions.models.edition import Edition

_PLAIN_NAME = r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,80}\."
_PICTURE_FIELDS = ["file", "file_width", "file_height", "file_digest"]

validate_picture_name = RegexValidator(
    rf"{_PLAIN_NAME}(?i:jpe?g|png|webp)\Z",
    "The name has letters a to z, digits, hyphens and dots, and ends in .jpg, .png or .webp.",
)
validate_download_name = RegexValidator(
    rf"{_PLAIN_NAME}(?i:pdf|zip)\Z",
    "The name has letters a to z, digits, hyphens and dots, and ends in .pdf or .zip.",
)


def name_in_texts(filename: str) -> str:
    """The name of an uploaded file as texts can write it: “Lageplan (neu).PNG”, lageplan-neu.png."""
    path = PurePath(filename)
    return f"{slugify(path.stem)[:80] or 'file'}{path.suffix.lower()}"


def random_download_name(instance: models.Model, filename: str) -> str:
    """A file name that cannot be guessed, with the suffix of an accepted type."""
    return random_attachment_name_in("files", filename)


class Picture(models.Model):
    """A picture that texts of its edition show by its name."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(
        max_length=100,
        validators=[validate_picture_name],
        help_text="The name to use in texts, such as venue.jpg. It cannot be changed later.",
    )
    file = ImageField(
        "picture",
        upload_to=random_picture_name,
        width_field="file_width",
        height_field="file_height",
        formats=PICTURE_FORMATS,
        help_text="A JPEG, PNG or WebP of at most 20 MB. Its location and time are removed.",
    )
    file_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    file_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    file_digest = models.CharField(
        max_length=64, blank=True, editable=False, help_text="SHA-256 of the file as it was given."
    )
    alt = models.CharField(
        "description",
        max_length=300,
        blank=True,
        help_text=(
            "For people who do not see the picture: one sentence about what it shows. A text "
            "can use another description."
        ),
    )
    is_decorative = models.BooleanField(
        "decoration only",
        default=False,
        help_text="Tick if the picture adds no information to the text. It then needs no description.",
    )
    caption = models.CharField(
        max_length=300,
        blank=True,
        help_text="Shown below the picture. A text can use another caption.",
    )
    credit = models.CharField(
        max_length=200,
        blank=True,
        help_text="Shown after the caption, for example “Photo: Ada Example, CC BY 4.0”.",
    )

    # Files have no history: a replaced one is deleted.
    history = HistoricalRecords(excluded_fields=_PICTURE_FIELDS)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "name"],
                name="one_picture_per_name",
                violation_error_message=(
                    "The edition already has a picture with this name. Replace its file, or choose "
                    "another name."
                ),
            ),
            models.CheckConstraint(
                name="picture_described_or_decorative",
                condition=(Q(alt="") & Q(is_decorative=True))
                | (~Q(alt="") & Q(is_decorative=False)),
                violation_error_message="Describe the picture or tick “decoration only”, not both.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        """Also make the files of all formats, after the commit."""
        super().save(*args, **kwargs)
        if self.file:
            transaction.on_commit(partial(make_thumbnails, self.file), robust=True)

    @property
    def path(self) -> str:
        """How texts name it: pictures/venue.jpg."""
        return f"{PICTURES}/{self.name}"

    @property
    def markdown(self) -> str:
        """Markdown that shows the picture."""
        return f"![]({self.path})"

    @property
    def linked_file(self) -> LinkedFile:
        """The picture as texts show it."""
        width, height = self.file_width or 0, self.file_height or 0
        shown = min(width, max(PICTURE_WIDTHS))
        # The last format that is not wider than the picture, or the first one that is wider.
        smaller = [each for each in PICTURE_WIDTHS if each < width]
        sizes = [(each, each) for each in smaller]
        sizes += [(each, shown) for each in PICTURE_WIDTHS if each >= width][:1]
        return LinkedFile(
            path=self.path,
            url=self.file.url,
            sources=tuple(
                (
                    f"image/{kind}",
                    ", ".join(f"{getattr(self.file, f'{kind}_{n}')} {w}w" for n, w in sizes),
                )
                for kind in ("avif", "webp")
            ),
            fallback=self.file.jpeg,
            width=width,
            height=height,
            alt=self.alt,
            caption=self.caption,
            credit=self.credit,
        )


class Download(models.Model):
    """A PDF or ZIP archive that texts of its edition link to by its name."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="downloads")
    name = models.CharField(
        max_length=100,
        validators=[validate_download_name],
        help_text="The name to use in texts, such as flyer.pdf. It cannot be changed later.",
    )
    file = PrivateFileField(
        upload_to=random_download_name,
        validators=[validate_attachment],
        help_text=(
            "A PDF or ZIP archive of at most 50 MB. Anyone who knows its address can read it "
            "as soon as the edition is public."
        ),
    )

    # Files have no history: a replaced one is deleted.
    history = HistoricalRecords(excluded_fields=["file"])

    class Meta:
        verbose_name = "file"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "name"],
                name="one_download_per_name",
                violation_error_message=(
                    "The edition already has a file with this name. Replace it, or choose another "
                    "name."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """How texts name it: files/flyer.pdf."""
        return f"{DOWNLOADS}/{self.name}"

    @property
    def markdown(self) -> str:
        """Markdown that links to the file."""
        return f"[{PurePath(self.name).stem}]({self.path})"

    @property
    def content_type(self) -> str:
        """The media type of the file."""
        return attachment_type(self.file.name or "")

    @property
    def file_address(self) -> str:
        """The URL of the file."""
        return reverse("pages:download", args=[self.edition.slug, self.name])

    @property
    def linked_file(self) -> LinkedFile:
        """The file as texts link to it."""
        return LinkedFile(path=self.path, url=self.file_address)
