"""Releases of the programme, origins of contributions, and letters about changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import translation

from apps.core.inline_markup import plain_title
from apps.core.search import Fold
from apps.editions.models import Edition, validate_time_zone
from apps.interest.models import Expression, ExpressionLetter, Format
from apps.mail.drafts import LetterDraft, LetterRecipient
from apps.mail.models import Letter
from apps.mail.texts import edition_values
from apps.people.models import Person
from apps.programme.models.contributions import Contribution, Contributor
from apps.programme.models.links import ContributionLink
from apps.programme.models.sessions import Session

# Kinds of letter text.
PLACED_CONTRIBUTION = "programme/placed"
MOVED_CONTRIBUTION = "programme/moved"
MOVED_SESSION = "programme/moved_session"


class ProgrammeReleaseQuerySet(models.QuerySet["ProgrammeRelease"]):
    def for_edition(self, edition: Edition | int) -> ProgrammeReleaseQuerySet:
        """Releases of one edition, the latest first."""
        return self.filter(edition=edition).order_by("-number")

    def latest_of(self, editions: Iterable[Edition | int]) -> ProgrammeReleaseQuerySet:
        """The latest release of each of these editions that has any."""
        later = ProgrammeRelease.objects.filter(
            edition=OuterRef("edition"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(later), edition__in=editions)


class ProgrammeRelease(models.Model):
    """Days, times, rooms and order as published once; never changed afterwards.

    Titles, abstracts, names and slides are not in it: their changes are public at once.
    """

    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="programme_releases"
    )
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="programme_releases",
        null=True,
        blank=True,
    )
    note = models.CharField(
        max_length=300, blank=True, help_text="The reason. Only organisers see it."
    )
    time_zone = models.CharField(max_length=60, validators=[validate_time_zone])
    first_day = models.DateField(null=True, blank=True)
    plan = models.JSONField(default=list)  # timetable.snapshot

    objects = ProgrammeReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["edition", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "number"],
                name="one_programme_release_per_number",
                violation_error_message="A release with this number was published already.",
            ),
            models.CheckConstraint(
                name="programme_releases_count_from_one",
                condition=Q(number__gte=1),
                violation_error_message="Releases are counted from 1.",
            ),
        ]

    def __str__(self) -> str:
        return f"Release {self.number} of the programme"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its clock times."""
        return ZoneInfo(self.time_zone)


class OriginQuerySet(models.QuerySet["Origin"]):
    def for_edition(self, edition: Edition) -> OriginQuerySet:
        """Origins of one edition's contributions, by title."""
        return self.filter(contribution__edition=edition).order_by(
            Fold("contribution__title"), "pk"
        )

    def with_both_sides(self) -> OriginQuerySet:
        """Load the expression and the contribution; six queries more."""
        return self.select_related("expression__edition", "contribution").prefetch_related(
            "expression__topics",
            "expression__coauthors",
            "expression__consents",
            "contribution__topics",
            Prefetch("contribution__contributors", Contributor.objects.select_related("person")),
        )


class Origin(models.Model):
    """The expression of interest that became a contribution, with the answers taken over.

    Private answers and the public contribution are joined only here. Erasing the expression
    deletes this row; `_erase_contribution` decides whether the contribution stays.
    """

    contribution = models.OneToOneField(
        Contribution, on_delete=models.CASCADE, related_name="origin"
    )
    expression = models.OneToOneField(
        Expression,
        on_delete=models.CASCADE,
        related_name="origin",
        error_messages={"unique": "This expression of interest is on the programme already."},
    )
    format = models.CharField(max_length=10, choices=Format)
    added_at = models.DateTimeField(auto_now_add=True)
    # By SubmissionField of apps.contributors: the values last accepted, and later ones rejected.
    accepted_values = models.JSONField()
    rejected_values = models.JSONField(default=dict, blank=True)

    objects = OriginQuerySet.as_manager()

    class Meta:
        verbose_name = "link to an expression of interest"
        verbose_name_plural = "links to expressions of interest"
        default_permissions = ()  # private answers: no role may read these rows
        constraints = [
            models.CheckConstraint(
                name="origin_of_known_format",
                condition=Q(format__in=["talk", "poster", "both"]),
                violation_error_message="Choose talk, poster or both.",
            )
        ]

    def __str__(self) -> str:
        # Nothing of the expression: lists of rows to be deleted show it to any role.
        return str(self.contribution)


@receiver(pre_delete, sender=Expression, dispatch_uid="erase_contribution")
def _erase_contribution(sender, instance: Expression, **kwargs) -> None:
    """Keep a public contribution, as the student was told, but not its history.

    Earlier versions, and the admin's log of them, may hold text that never was public.
    """
    # Lock the expression before its contribution, as edits by students do, so no deadlock occurs.
    # Both queries are small: an imported spreadsheet is taken back with thousands of expressions.
    Expression.objects.select_for_update().values_list("pk").filter(pk=instance.pk).first()
    origin = Origin.objects.filter(expression=instance.pk).first()
    if origin is None:
        return
    contribution, key = origin.contribution, origin.contribution_id
    if not contribution.is_published or contribution.edition.is_draft:
        contribution.delete()
    Contribution.history.filter(id=key).delete()
    Contributor.history.filter(contribution_id=key).delete()
    ContributionLink.history.filter(contribution_id=key).delete()
    log = LogEntry.objects.filter(object_id=str(key))
    log = log.filter(content_type=ContentType.objects.get_for_model(Contribution))
    log.update(object_repr=f"Contribution {key}", change_message="")


class ContributionLetterQuerySet(models.QuerySet["ContributionLetter"]):
    def for_edition(self, edition: Edition) -> ContributionLetterQuerySet:
        """Letters about one edition's contributions and sessions, by title."""
        rows = self.filter(Q(contribution__edition=edition) | Q(session__edition=edition))
        return rows.order_by(Fold("contribution__title"), Fold("session__title"), "pk")

    def with_all(self) -> ContributionLetterQuerySet:
        """Load the letter, and its contribution or session with the edition."""
        return self.select_related("letter", "contribution__edition", "session__edition")

    def drafts(self) -> ContributionLetterQuerySet:
        """Letters that are not released or discarded."""
        return self.filter(letter__state=Letter.State.DRAFT)


class ContributionLetter(LetterDraft):
    """A letter about the place of a contribution or session (programme/letters.py)."""

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
    places = models.TextField(help_text="Time and place, as in the email.")

    objects = ContributionLetterQuerySet.as_manager()

    # Set by `possible_letters` in programme/letters.py, before the letter is written.
    recipient: LetterRecipient | None = None
    expression: Expression | None = None  # of the student
    # Set by `programme_letters`.
    kind: str = MOVED_CONTRIBUTION  # about a contribution, before the letter is written
    facts: Sequence[str] = ()
    make_calendar: Callable[[ContributionLetter], str] | None = None

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()  # chairs read and release them on pages of their own
        constraints = [
            models.CheckConstraint(
                name="letter_about_contribution_or_session",
                condition=Q(contribution=None, session__isnull=False)
                | Q(contribution__isnull=False, session=None),
                violation_error_message="An email is about either a contribution or a session.",
            ),
            models.CheckConstraint(
                name="letter_to_chair_is_to_person",
                condition=Q(session=None) | Q(person__isnull=False),
                violation_error_message="Choose the chair of the session.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} about {self.about}"

    @classmethod
    def to(
        cls,
        recipient: LetterRecipient,
        about: Contribution | Session,
        *,
        person: Person | None = None,
        expression: Expression | None = None,
    ) -> Self:
        """An unsaved letter to a student (`expression`) or to another person."""
        field = "session" if isinstance(about, Session) else "contribution"
        letter = cls(person=person, **{field: about})
        letter.recipient, letter.expression = recipient, expression
        return letter

    @property
    def about(self) -> Contribution | Session:
        """The contribution or session whose place the letter tells."""
        about = self.contribution or self.session
        assert about is not None  # noqa: S101  (by the constraint)  # nosec
        return about

    @property
    def key(self) -> tuple[int | None, int | None, int | None]:
        """Equal for letters to one recipient about one contribution or session."""
        return self.contribution_id, self.session_id, self.person_id

    def lock(self) -> Self | None:
        row = super().lock()
        if row:
            row.recipient, row.expression = self.recipient, self.expression
            row.places, row.facts = self.places, self.facts
            row.make_calendar = self.make_calendar
        return row

    def get_edition(self) -> Edition:
        return self.about.edition

    def get_letter_kind(self) -> str:
        if isinstance(self.about, Session):
            return MOVED_SESSION
        return self.letter.kind if self.letter_id else self.kind

    def get_recipient(self) -> LetterRecipient:
        assert self.recipient is not None  # noqa: S101  (set before)  # nosec
        return self.recipient

    def get_values(self) -> Mapping[str, str]:
        edition = self.get_edition()
        with translation.override(edition.language_code):
            return {
                "name": self.get_recipient().name,
                "title": plain_title(self.session.public_title)
                if self.session
                else str(self.about),
                "places": self.places,
                "time_zone": edition.time_zone,
                **edition_values(edition),
            }

    def get_facts(self) -> Sequence[Any]:
        return self.facts

    def get_calendar(self) -> str:
        return self.make_calendar(self) if self.make_calendar else ""

    def link_letter(self) -> None:
        """Show the letter among those of the student, and erase it with them."""
        if self.expression:
            ExpressionLetter.objects.create(expression=self.expression, letter=self.letter)
