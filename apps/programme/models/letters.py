"""Which letters are about which contribution; the letters themselves do not know."""

from __future__ import annotations

from hashlib import blake2b

from django.db import models

from apps.editions.models import Edition
from apps.mail.models import Letter
from apps.programme.models.contributions import Contribution
from apps.programme.models.speakers import Speaker


class ContributionLetterQuerySet(models.QuerySet["ContributionLetter"]):
    def for_edition(self, edition: Edition) -> ContributionLetterQuerySet:
        """Those about one edition's contributions, by title."""
        found = self.filter(contribution__edition=edition)
        return found.order_by("contribution__title", "pk")

    def drafts(self) -> ContributionLetterQuerySet:
        """Those nobody has released or discarded."""
        return self.filter(letter__state=Letter.State.DRAFT)


class ContributionLetter(models.Model):
    """A letter that tells whoever gives a contribution when and where it is now."""

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="letter_links"
    )
    # To whom, if not to the student who offered it.
    speaker = models.ForeignKey(
        Speaker, on_delete=models.CASCADE, related_name="letter_links", null=True, blank=True
    )
    letter = models.OneToOneField(
        Letter, on_delete=models.CASCADE, related_name="contribution_link"
    )
    places = models.TextField(help_text="When and where it is, in the words the letter has.")
    # The letter's words with their placeholders, as long as it is a draft.
    subject = models.CharField(max_length=300)
    body = models.TextField()

    objects = ContributionLetterQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        # They hold what is between organisers and students: chairs reach them by their own pages.
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.letter} about {self.contribution}"

    @property
    def key(self) -> tuple[int, int | None]:
        """What it is about and to whom, as Addressee.key says it."""
        return self.contribution_id, self.speaker_id

    @property
    def stamp(self) -> str:
        """Changes with what the letter says: by it a draft that was read is known again."""
        words = "\n".join([self.subject, self.body, self.places])
        return f"{self.pk}-{blake2b(words.encode(), digest_size=8).hexdigest()}"
