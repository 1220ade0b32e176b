"""Speakers' access to their own pages, and the edits that wait for approval."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.core.files import PrivateFileField
from apps.editions.models import Edition
from apps.people.models import Person
from apps.private_links.models import PrivateLink
from apps.programme.models import Contribution


def random_file_name(instance: Proposal, filename: str) -> str:
    """Return a name that cannot be guessed, in the folder of slides or of photos."""
    if instance.contribution_id:
        return f"slides/{secrets.token_hex(12)}.pdf"
    return f"photos/{secrets.token_hex(12)}.jpg"


class Speaker(models.Model):
    """A person who was sent a private link at an edition; only chairs see the email address."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="speakers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="speakers")
    email = models.EmailField(blank=True)  # deleted once the links expired or were revoked
    link_sent_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        # The rows hold email addresses, so no role has a permission for them.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "person"],
                name="one_speaker_per_person",
                violation_error_message="This person already has a link.",
            )
        ]

    def __str__(self) -> str:
        # Without the name: the admin shows this in lists of what a deletion would remove.
        return f"Speaker {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("contributors:speaker", args=[self.edition.slug, self.pk])


class SpeakerLink(PrivateLink):
    """A private link to a speaker's own page."""

    cookie_name = "speaker"

    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="links")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Link {self.pk} of {self.speaker}"


class Proposal(models.Model):
    """A speaker's edit that waits for approval: of a contribution or, without one, of the person.

    `values` has the fields that change; `file` is a new photo or new slides.
    """

    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="proposals")
    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="proposals", null=True, blank=True
    )
    values = models.JSONField(default=dict, blank=True)
    file = PrivateFileField(blank=True, upload_to=random_file_name)
    removes_file = models.BooleanField(default=False)
    proposed_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["speaker", "contribution"],
                name="one_proposal_per_contribution",
                violation_error_message="A change is already waiting for approval.",
            ),
            models.UniqueConstraint(
                fields=["speaker"],
                condition=Q(contribution=None),
                name="one_proposal_per_person",
                violation_error_message="A change is already waiting for approval.",
            ),
            models.CheckConstraint(
                name="proposal_gives_or_removes_a_file",
                condition=Q(file="") | Q(removes_file=False),
                violation_error_message="Either choose a file or remove the current one, not both.",
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal {self.pk}"

    @property
    def file_address(self) -> str:
        """URL of the file, for the speaker only."""
        args = [self.speaker.edition.slug, self.speaker_id]
        if self.contribution is None:
            return reverse("contributors:speaker-portrait", args=args)
        return reverse("contributors:speaker-slides", args=[*args, self.contribution.slug])
