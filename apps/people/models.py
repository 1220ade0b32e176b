"""People, their groups in an edition, and the files of their photos."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import PurePosixPath
from zlib import adler32

from admin_ordering.models import OrderableModel
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from imagefield.fields import ImageField, ImageFieldFile, PPOIField
from simple_history.models import HistoricalRecords

from apps.core.images import SQUARES, random_photo_name, validate_focus
from apps.core.markdown import fits_a_page
from apps.core.models import Slugged
from apps.core.search import Fold
from apps.editions.models import Edition

_logger = logging.getLogger(__name__)
_LAST_SQUARE = list(SQUARES)[-1]


class PersonQuerySet(models.QuerySet["Person"]):
    def with_groups(self) -> PersonQuerySet:
        """Load their groups and editions; one more query."""
        return self.prefetch_related(
            models.Prefetch(
                "memberships",
                Membership.objects.select_related("group__edition").order_by(
                    "-group__edition__year", "group__ordering"
                ),
            )
        )


class Person(Slugged):
    """A person, stored once for all editions."""

    slug_source = "name"
    slug_scope = ""

    slug = models.SlugField(max_length=60, unique=True, editable=False)
    name = models.CharField(max_length=200, help_text="As they write it themselves.")
    link = models.URLField(
        blank=True, max_length=500, help_text="Their own page; the name links to it."
    )
    affiliation = models.TextField(
        blank=True,
        max_length=1000,
        help_text="One per line. A group can say what it was that year.",
    )
    bio = models.TextField("biography", blank=True, validators=[fits_a_page], help_text="Markdown.")
    photo = ImageField(
        blank=True,
        upload_to=random_photo_name,
        width_field="photo_width",
        height_field="photo_height",
        ppoi_field="photo_focus",
        formats=SQUARES,
        help_text="A JPEG, PNG or WebP of at most 20 MB. Where and when it was taken is removed. "
        "Without one the initials are shown.",
    )
    photo_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    photo_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    photo_focus = PPOIField(
        "focal point",
        validators=[validate_focus],
        help_text="The point that stays in the picture when a square is cut out of it.",
    )
    photo_digest = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 of the file as it was given; tells whether a folder's photo is a new one.",
    )

    # Photos have no history: the files of a replaced photo are deleted, so restoring an older
    # version keeps the current photo.
    history = HistoricalRecords(
        excluded_fields=["photo", "photo_width", "photo_height", "photo_focus", "photo_digest"]
    )
    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "people"
        ordering = [Fold("name"), "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """First letters of the first and last word of the name, shown without a photo."""
        words = [word for word in self.name.replace("(", " ").replace(")", " ").split() if word]
        letters = [word[0] for word in (words[:1] + words[1:][-1:])]
        return "".join(letters).upper()

    @property
    def tint(self) -> int:
        """0, 1 or 2: variant of the edition's hue behind the initials."""
        return adler32(self.name.encode()) % 3

    @property
    def square_urls(self) -> dict[str, str] | None:
        """URLs of the photo's square thumbnails by their names in SQUARES.

        None where pages show the initials: there is no photo, or its file is missing.
        """
        if not self.photo:
            return None
        urls = {square: getattr(self.photo, square) for square in SQUARES}
        # Only a local folder is asked; other storages would need a request for each portrait.
        base_url = getattr(self.photo.storage, "base_url", None)
        if base_url and not self.photo.storage.exists(urls[_LAST_SQUARE].removeprefix(base_url)):
            return None
        return urls

    def save(self, *args, **kwargs) -> None:
        """Also make missing thumbnails of the photo, after the commit."""
        super().save(*args, **kwargs)
        if self.photo:
            transaction.on_commit(partial(_make_squares, self.photo), robust=True)


def _make_squares(photo: ImageFieldFile) -> None:
    """Make the missing thumbnails of `photo`; delete those of another focal point."""
    # Opened again from the storage: `photo` may hold a closed upload.
    photo = ImageFieldFile(photo.instance, photo.field, photo.name)
    try:
        made = {photo.process(square) for square in SQUARES}
    except FileNotFoundError:
        _logger.warning("The photo file %s is missing.", photo.name)
        return
    folder = str(PurePosixPath(photo.process(_LAST_SQUARE)).parent)
    stem = f"{PurePosixPath(photo.name).stem}-"
    for file in photo.storage.listdir(folder)[1]:
        if file.startswith(stem) and f"{folder}/{file}" not in made:
            photo.storage.delete(f"{folder}/{file}")


class GroupQuerySet(models.QuerySet["Group"]):
    def with_members(self) -> GroupQuerySet:
        """Load members and their people; one more query."""
        return self.prefetch_related(
            models.Prefetch("memberships", Membership.objects.select_related("person"))
        )


class Group(Slugged, OrderableModel):
    """People under one heading of an edition, such as "Organization Chairs"."""

    class Display(models.TextChoices):
        PORTRAITS = "portraits", "Portraits"
        SMALL_PORTRAITS = "small_portraits", "Small portraits"
        NAMES = "names", "Names and affiliations in columns"
        BIOGRAPHIES = "biographies", "Portraits with biographies beside them"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="groups")
    heading = models.CharField(max_length=200)
    display = models.CharField(
        "shown as",
        max_length=20,
        choices=Display,
        default=Display.PORTRAITS,
        help_text="Names in columns suit a committee of a hundred. Biographies that are not beside "
        "portraits can be unfolded below the group.",
    )

    history = HistoricalRecords()
    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="one_group_per_slug"),
            models.CheckConstraint(
                name="group_of_known_display",
                condition=Q(display__in=["portraits", "small_portraits", "names", "biographies"]),
                violation_error_message="Choose how the group is shown.",
            ),
        ]

    def __str__(self) -> str:
        return self.heading

    def get_absolute_url(self) -> str:
        return f"{reverse('pages:people', args=[self.edition.slug])}#{self.slug}"


class Membership(OrderableModel, models.Model):  # Model: for mypy, the first has no types
    """A person's membership in a group, with the affiliation of that year."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    affiliation = models.TextField(
        "affiliation that year",
        blank=True,
        max_length=1000,
        help_text="One per line; the person's own if empty.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "person"],
                name="once_in_a_group",
                violation_error_message="This person is in the group already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.group}"

    @property
    def shown_affiliation(self) -> str:
        """Affiliation of that year, or the person's own."""
        return self.affiliation or self.person.affiliation
