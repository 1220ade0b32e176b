"""An expression of interest, and what belongs to it."""

from __future__ import annotations

import secrets

from admin_ordering.models import OrderableModel
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.editions.models import Edition
from apps.interest.workflow import ACTIVE, DECIDED, OFFERED, State
from apps.topics.models import Topic

# No letter that is mistaken for a digit or another letter when read aloud, and no vowel to spell with.
REFERENCE_ALPHABET = "23456789CFGHJKMPQRVWX"
REFERENCE_LENGTH = 6


def new_reference() -> str:
    """Six signs such as "R7K2QD": 85 million of them, unambiguous when read aloud."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))


class Format(models.TextChoices):
    """What can be shown at the workshop."""

    TALK = "talk", "Lightning talk"
    POSTER = "poster", "Poster"
    BOTH = "both", "Lightning talk and poster"


class ExpressionQuerySet(models.QuerySet["Expression"]):
    def for_edition(self, edition: Edition) -> ExpressionQuerySet:
        return self.filter(edition=edition)

    def exclude_tests(self) -> ExpressionQuerySet:
        """Real ones: what staff sent to rehearse is left out."""
        return self.filter(is_test=False)

    def active(self) -> ExpressionQuerySet:
        """Not withdrawn, declined or ended in another way."""
        return self.filter(state__in=ACTIVE)

    def with_everything(self) -> ExpressionQuerySet:
        """Loads what one expression's page shows."""
        return self.select_related("edition", "edition__call", "decided_by").prefetch_related(
            "coauthors", "topics", "answers__question", "consents"
        )


class Expression(models.Model):
    """One student's wish to give a lightning talk, show a poster, or either."""

    class Preference(models.TextChoices):
        TALK = "talk", "Rather a lightning talk"
        POSTER = "poster", "Rather a poster"
        EITHER = "either", "Either"

    class CareerStage(models.TextChoices):
        PHD = "phd", "PhD student"
        MASTERS = "masters", "Master's student"
        POSTDOC = "postdoc", "Postdoctoral researcher"
        OTHER = "other", "Something else"

    edition = models.ForeignKey(
        Edition,
        on_delete=models.PROTECT,
        related_name="expressions",
        db_index=False,  # an index below begins with it
    )
    reference = models.CharField(
        max_length=REFERENCE_LENGTH, unique=True, default=new_reference, editable=False
    )
    name = models.CharField("full name", max_length=200)
    email = models.EmailField("e-mail address", max_length=254)
    university = models.CharField(max_length=200)
    career_stage = models.CharField(max_length=10, choices=CareerStage, blank=True)
    supervisor = models.CharField(max_length=200, blank=True)
    school = models.CharField("school or lab", max_length=200, blank=True)
    link = models.URLField(max_length=500, blank=True)
    wants_talk = models.BooleanField("lightning talk", default=False)
    wants_poster = models.BooleanField("poster", default=False)
    preference = models.CharField(max_length=10, choices=Preference, blank=True)
    title = models.CharField(max_length=200)
    abstract = models.TextField(validators=[MaxLengthValidator(20_000)])
    topics = models.ManyToManyField(Topic, related_name="expressions")

    state = models.CharField(
        max_length=20, choices=State, default=State.SUBMITTED, editable=False, db_index=True
    )
    offer = models.CharField(max_length=10, choices=Format, blank=True, editable=False)
    confirmed_format = models.CharField(max_length=10, choices=Format, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    reply_by_on = models.DateField(null=True, blank=True, editable=False)
    # Of this offer, if it is later than the decision (apps/selection/offers.py).
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Asked at acceptance; "never used in selection", so it is not asked before.
    can_attend = models.BooleanField(null=True, blank=True, editable=False)
    technical_needs = models.TextField(blank=True, editable=False)
    access_needs = models.TextField(blank=True, editable=False)
    diet = models.TextField(blank=True, editable=False)

    is_late = models.BooleanField("late", default=False, editable=False)
    is_test = models.BooleanField("test", default=False, editable=False)
    submitted_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)
    # Counts the changes of what was sent: two tabs that edit are told apart by it.
    version = models.PositiveIntegerField(default=1, editable=False)
    # The same submission twice is one (submitting.py); indexed for that look-up.
    fingerprint = models.CharField(max_length=64, editable=False, db_index=True)

    objects = ExpressionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        permissions = [
            ("decide_expression", "Can move expressions of interest and read all of them"),
            ("review_expression", "Can review expressions without addresses and access needs"),
            ("help_expression", "Can correct an address and re-send a link"),
        ]
        indexes = [
            models.Index(fields=["edition", "-submitted_at", "-id"], name="expression_of_edition"),
            models.Index(fields=["-submitted_at", "-id"], name="expression_newest_first"),
        ]
        constraints = [
            models.CheckConstraint(
                name="expression_wants_something",
                condition=Q(wants_talk=True) | Q(wants_poster=True),
                violation_error_message="Select lightning talk, poster or both.",
            ),
            models.CheckConstraint(
                name="preference_where_both_are_wanted",
                condition=Q(preference="") | Q(wants_talk=True, wants_poster=True),
                violation_error_message="Say what you prefer only if you selected both.",
            ),
            models.CheckConstraint(
                name="offer_belongs_to_its_states",
                condition=(Q(state__in=sorted(OFFERED)) & ~Q(offer=""))
                | (
                    ~Q(state__in=sorted(OFFERED))
                    & (Q(offer="") | Q(state__in=("withdrawn", "cancelled")))
                ),
                violation_error_message="An offer belongs to those that were accepted.",
            ),
            models.CheckConstraint(
                name="confirmed_says_what",
                condition=(Q(state="confirmed") & ~Q(confirmed_format=""))
                | (
                    ~Q(state="confirmed")
                    & (Q(confirmed_format="") | Q(state__in=("withdrawn", "cancelled")))
                ),
                violation_error_message="What was confirmed belongs to those that confirmed.",
            ),
            models.CheckConstraint(
                name="decision_has_decider_and_moment",
                condition=Q(
                    state__in=sorted(DECIDED), decided_by__isnull=False, decided_at__isnull=False
                )
                | Q(state__in=("withdrawn", "cancelled"))
                | Q(
                    state__in=("submitted", "under_review"),
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                ),
                violation_error_message="A decision says who made it and when.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_reference}: {self.title}"

    def get_absolute_url(self) -> str:
        """The student's page; opens only in a browser that holds the private link's cookie."""
        return reverse("interest:mine", args=[self.edition.slug, self.reference])

    @property
    def display_reference(self) -> str:
        """ "R7K-2QD": in two halves, as one reads it aloud."""
        return f"{self.reference[:3]}-{self.reference[3:]}"

    @property
    def formats(self) -> str:
        """What was asked for, in words."""
        wanted = [Format.TALK.label] * self.wants_talk + [Format.POSTER.label] * self.wants_poster
        return " or ".join(wanted).capitalize()

    @property
    def requested_format(self) -> Format:
        """What accepting it as asked offers: of two formats the preferred one, else both."""
        if self.wants_talk and self.wants_poster:
            is_one = self.preference in {self.Preference.TALK, self.Preference.POSTER}
            return Format(self.preference) if is_one else Format.BOTH
        return Format.TALK if self.wants_talk else Format.POSTER

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def has_details(self) -> bool:
        """Whether its student said what is asked at acceptance; not so if a chair confirmed for them."""
        return self.can_attend is not None

    @property
    def can_edit_details(self) -> bool:
        """Whether its student may still say or change that: once it is confirmed, until the first day."""
        return self.state == State.CONFIRMED and not self.edition.has_begun


class CoAuthor(OrderableModel):
    """Somebody who worked on it too; no account, never looked up."""

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="coauthors")
    name = models.CharField(max_length=200)
    affiliation = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["ordering", "pk"]

    def __str__(self) -> str:
        return self.in_words(self.name, self.affiliation)

    @staticmethod
    def in_words(name: str, affiliation: str) -> str:
        """As people read it; for those who have the two and no row."""
        return f"{name} ({affiliation})" if affiliation else name


class Event(models.Model):
    """A line of an expression's log: what happened, by whom, why. Holds no private data."""

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="events")
    happened_at = models.DateTimeField(auto_now_add=True)
    what = models.CharField(max_length=100)
    from_state = models.CharField(max_length=20, choices=State, blank=True)
    to_state = models.CharField(max_length=20, choices=State, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="interest_events",
        help_text="Nobody if the student did it.",
    )
    reason = models.TextField(blank=True)
    # What is not released yet: neither students nor reviewers ever hear of it.
    is_for_chairs = models.BooleanField(default=False)

    class Meta:
        ordering = ["-happened_at", "-pk"]

    def __str__(self) -> str:
        return self.what
