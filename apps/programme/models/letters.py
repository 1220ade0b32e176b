"""Which letters are about which contribution or session; the letters themselves do not know."""

from __future__ import annotations

from hashlib import blake2b

from django.db import models
from django.db.models import Q

from apps.editions.models import Edition
from apps.mail.models import Letter
from apps.people.models import Person
from apps.programme.models.contributions import Contribution
from apps.programme.models.sessions import Session


class ContributionLetterQuerySet(models.QuerySet["ContributionLetter"]):
    def for_edition(self, edition: Edition) -> ContributionLetterQuerySet:
        """Those about one edition's contributions and sessions, by title."""
        found = self.filter(Q(contribution__edition=edition) | Q(session__edition=edition))
        return found.order_by("contribution__title", "session__title", "pk")

    def with_all(self) -> ContributionLetterQuerySet:
        """Loads the letter, and what it is about with its edition."""
        return self.select_related("letter", "contribution__edition", "session__edition")

    def drafts(self) -> ContributionLetterQuerySet:
        """Those nobody has released or discarded."""
        return self.filter(letter__state=Letter.State.DRAFT)


class ContributionLetter(models.Model):
    """A letter that tells whoever gives a contribution, or chairs a session, when and where it is now."""

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="letter_links", null=True, blank=True
    )
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="letter_links", null=True, blank=True
    )
    # The recipient, unless it is the student who submitted the contribution.
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="letter_links", null=True, blank=True
    )
    letter = models.OneToOneField(
        Letter, on_delete=models.CASCADE, related_name="contribution_link"
    )
    places = models.TextField(help_text="When and where it is, in the words the letter has.")
    # The letter's words with their placeholders, as long as it is a draft.
    subject = models.CharField(max_length=300)
    body = models.TextField()
    # Somebody wrote them for this letter; otherwise they are those of the edition's text.
    has_own_words = models.BooleanField()

    objects = ContributionLetterQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        # They hold what is between organisers and students: chairs reach them by their own pages.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="letter_about_contribution_or_session",
                condition=Q(contribution=None, session__isnull=False)
                | Q(contribution__isnull=False, session=None),
                violation_error_message="Say what the letter is about: one of both.",
            ),
            models.CheckConstraint(
                name="letter_to_chair_is_to_person",
                condition=Q(session=None) | Q(person__isnull=False),
                violation_error_message="Say who chairs the session.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} about {self.about}"

    @property
    def about(self) -> Contribution | Session:
        """What is at another time or in another room."""
        about = self.contribution or self.session
        assert about is not None  # noqa: S101  (as the constraint says)  # nosec
        return about

    @property
    def edition(self) -> Edition:
        """Whose programme it is on."""
        return self.about.edition

    @property
    def key(self) -> tuple[str, int, int | None]:
        """What it is about and to whom, as Addressee.key says it."""
        if self.session_id is not None:
            return "session", self.session_id, self.person_id
        return "contribution", self.contribution_id or 0, self.person_id

    @property
    def stamp(self) -> str:
        """Changes with what the letter says: by it a draft that was read is known again."""
        words = "\n".join([self.subject, self.body, self.places])
        return f"{self.pk}-{blake2b(words.encode(), digest_size=8).hexdigest()}"
