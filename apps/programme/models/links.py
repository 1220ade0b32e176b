"""Links of a contribution beside those that its speakers edit: web addresses and hosted files."""

from __future__ import annotations

from pathlib import PurePath
from typing import NamedTuple

from admin_ordering.models import OrderableModel
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy
from simple_history.models import HistoricalRecords

from apps.core.files import PrivateFileField
from apps.core.uploads import attachment_type
from apps.programme.models.uploads import random_attachment_name, validate_attachment


class LinkKind(models.TextChoices):
    """Kinds of link, with the words that visitors read unless a link has its own."""

    PAPER = "paper", gettext_lazy("Paper")
    PDF = "pdf", "PDF"
    PREPRINT = "preprint", gettext_lazy("Preprint")
    DOI = "doi", "DOI"
    CODE = "code", gettext_lazy("Code")
    DATA = "data", gettext_lazy("Data")
    SLIDES = "slides", gettext_lazy("Slides")
    POSTER = "poster", gettext_lazy("Poster")
    VIDEO = "video", gettext_lazy("Recording")
    REVIEWS = "reviews", gettext_lazy("Reviews")
    SUPPLEMENT = "supplement", gettext_lazy("Supplement")
    OTHER = "other", gettext_lazy("More")


# Where the text of a paper can be read.
PAPER_LINKS = {LinkKind.PAPER, LinkKind.PDF, LinkKind.PREPRINT, LinkKind.DOI}


class ShownLink(NamedTuple):
    """A link as pages and feeds show it."""

    kind: LinkKind
    label: str
    url: str  # begins with "/" for a hosted file
    file_type: str = ""  # "PDF" or "ZIP" of a hosted file


class ContributionLink(OrderableModel):
    """A web address or a file that belongs to a contribution."""

    Kind = LinkKind

    contribution = models.ForeignKey(
        "programme.Contribution", on_delete=models.CASCADE, related_name="links"
    )
    kind = models.CharField(max_length=12, choices=LinkKind, default=LinkKind.OTHER)
    label = models.CharField(
        "text of the link",
        blank=True,
        max_length=100,
        help_text="For example “Paper in the proceedings”. If empty, the kind is shown.",
    )
    url = models.URLField("web address", blank=True, max_length=500)
    file = PrivateFileField(
        blank=True,
        upload_to=random_attachment_name,
        validators=[validate_attachment],
        help_text="Instead of an address: a PDF or ZIP archive of at most 50 MB.",
    )

    # Files have no history: a replaced one is deleted.
    history = HistoricalRecords(excluded_fields=["file"])

    class Meta:
        ordering = ["ordering", "pk"]
        verbose_name = "link"
        constraints = [
            models.CheckConstraint(
                name="link_of_known_kind",
                condition=Q(kind__in=LinkKind.values),
                violation_error_message="Choose the kind of link.",
            ),
            models.CheckConstraint(
                name="link_to_address_or_file",
                condition=(Q(url="") & ~Q(file="")) | (~Q(url="") & Q(file="")),
                violation_error_message="Enter a web address, or choose a file, not both.",
            ),
            models.UniqueConstraint(
                fields=["contribution", "kind", "label"],
                name="one_link_per_kind_and_text",
                violation_error_message="Another link of this kind has the same text. Give each "
                "its own.",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.get_kind_display()

    @property
    def suffix(self) -> str:
        """The end of the file's name, ".pdf" or ".zip"; "" for a web address."""
        return PurePath(self.file.name or "").suffix

    @property
    def content_type(self) -> str:
        """The media type of the file."""
        return attachment_type(self.file.name or "")

    @property
    def file_address(self) -> str:
        """The URL of the file."""
        edition = self.contribution.edition
        return reverse("pages:attachment", args=[edition.slug, self.contribution.slug, self.pk])

    @property
    def shown(self) -> ShownLink:
        """The link for visitors."""
        kind, label = LinkKind(self.kind), str(self)
        if not self.file:
            return ShownLink(kind, label, self.url)
        return ShownLink(kind, label, self.file_address, self.suffix.removeprefix(".").upper())
