"""Speakers' way in to what they say of themselves and their talks; nobody edits these rows by hand."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.core.files import PrivateFileField
from apps.editions.models import Edition
from apps.people.models import Person
from apps.private_links.models import PrivateLink
from apps.programme.models import Contribution


def random_file_name(instance: Proposal, filename: str) -> str:
    """A name that cannot be guessed: of slides if it is about a contribution, else of a photo."""
    if instance.contribution_id:
        return f"slides/{secrets.token_hex(12)}.pdf"
    return f"photos/{secrets.token_hex(12)}.jpg"


class SpeakerRules(models.Model):
    """What an edition lets its speakers do."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="speaker_rules")
    waits_for_nod = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Rules for the speakers of {self.edition}"


class SpeakerQuerySet(models.QuerySet["Speaker"]):
    def for_edition(self, edition: Edition) -> SpeakerQuerySet:
        """Those of one edition."""
        return self.filter(edition=edition)


class Speaker(models.Model):
    """A person who was given a link at an edition, and where it was sent: for chairs' eyes alone."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="speakers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="speakers")
    # Empty once it is no longer needed.
    email = models.EmailField(blank=True)
    asked_at = models.DateTimeField(null=True, editable=False)  # when a link was last sent

    objects = SpeakerQuerySet.as_manager()

    class Meta:
        # No role has a right to these rows: they hold addresses.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "person"],
                name="one_speaker_per_person",
                violation_error_message="This person has been given a link already.",
            )
        ]

    def __str__(self) -> str:
        # Not who: this stands in lists of what would be deleted.
        return f"Speaker {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("contributors:speaker", args=[self.edition.slug, self.pk])


class SpeakerLink(PrivateLink):
    """A speaker's way to their own page."""

    cookie_name = "speaker"

    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="links")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Link {self.pk} of {self.speaker}"


class Proposal(models.Model):
    """What a speaker would have said of them, or of what they give, where organisers look first.

    About the person if it names no contribution. `words` has the fields that are to change; `file`
    is the new photo of a person, or the new slides of a contribution.
    """

    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="proposals")
    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="proposals", null=True, blank=True
    )
    words = models.JSONField(default=dict, blank=True)
    file = PrivateFileField(blank=True, upload_to=random_file_name)
    removes_file = models.BooleanField(default=False)
    said_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        ordering = ["said_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["speaker", "contribution"],
                name="one_proposal_per_contribution",
                violation_error_message="Something waits for a look already.",
            ),
            models.UniqueConstraint(
                fields=["speaker"],
                condition=Q(contribution=None),
                name="one_proposal_per_person",
                violation_error_message="Something waits for a look already.",
            ),
            models.CheckConstraint(
                name="proposal_gives_or_removes_a_file",
                condition=Q(file="") | Q(removes_file=False),
                violation_error_message="Either give a file or remove the one there is, not both.",
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal {self.pk}"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of it."""
        return not (self.words or self.file or self.removes_file)

    @property
    def file_address(self) -> str:
        """Of the file, for the speaker alone."""
        return file_address(self.speaker, self.contribution)

    @property
    def row(self) -> Any:
        """What it is about: a Contribution, or a Person."""
        return self.contribution or self.speaker.person


def file_address(speaker: Speaker, contribution: Contribution | None) -> str:
    """Where a speaker fetches what they handed in: slides, or without a contribution a portrait."""
    where = [speaker.edition.slug, speaker.pk]
    if contribution is None:
        return reverse("contributors:speaker-portrait", args=where)
    return reverse("contributors:speaker-slides", args=[*where, contribution.slug])
