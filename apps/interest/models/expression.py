"""Expressions of interest: what students send in private, with their log, links and letters."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.inline_markup import plain_title
from apps.editions.models import Edition
from apps.interest.workflow import ACTIVE, DECIDED, OFFERED, State
from apps.mail.models import Letter
from apps.private_links.models import PrivateLink
from apps.topics.models import Topic

# No characters that sound alike, and no vowels, so that no words are formed.
REFERENCE_ALPHABET = "23456789CFGHJKMPQRVWX"
REFERENCE_LENGTH = 6
# Fields of the attendee details, which are private.
NEEDS = ("can_attend", "technical_needs", "access_needs", "diet")
# States that keep the offer and the decision for the record.
_ENDED_BY_CHOICE = Q(state__in=("withdrawn", "cancelled"))


def new_reference() -> str:
    """A random reference such as "R7K2QD", one of 85 million."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))


def fingerprint(edition: Edition, email: str, title: str) -> str:
    """Hash of edition, address and title, in any case and spacing, to recognise duplicates."""
    values = [str(edition.pk), email.strip().casefold(), " ".join(title.casefold().split())]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()


class Format(models.TextChoices):
    """Formats of a contribution."""

    TALK = "talk", _("Lightning talk")
    POSTER = "poster", _("Poster")
    BOTH = "both", _("Lightning talk and poster")


class ExpressionQuerySet(models.QuerySet["Expression"]):
    def for_edition(self, edition: Edition) -> ExpressionQuerySet:
        return self.filter(edition=edition)

    def exclude_tests(self) -> ExpressionQuerySet:
        """Without the test entries of staff."""
        return self.filter(is_test=False)

    def active(self) -> ExpressionQuerySet:
        """Those that are not withdrawn, declined or ended in another way."""
        return self.filter(state__in=ACTIVE)

    def of_address(self, email: str) -> ExpressionQuerySet:
        """Those with this address in any case, unless a chair has to check it."""
        return self.filter(email__iexact=email, has_unchecked_address=False)

    def similar_to(self, expression: Expression) -> ExpressionQuerySet:
        """Others of its edition with the same address, title or abstract."""
        same = (
            Q(email__iexact=expression.email)
            | Q(title__iexact=expression.title)
            | Q(abstract=expression.abstract)
        )
        return self.filter(same, edition=expression.edition_id).exclude(pk=expression.pk)

    def with_everything(self) -> ExpressionQuerySet:
        """Load everything that the page of one expression shows."""
        return self.select_related(
            "edition", "edition__call", "decided_by", "pdf"
        ).prefetch_related("coauthors", "topics", "answers__question", "consents")


class Expression(models.Model):
    """A student's proposal of a lightning talk, a poster, or either."""

    class Preference(models.TextChoices):
        TALK = "talk", _("Prefer a lightning talk")
        POSTER = "poster", _("Prefer a poster")
        EITHER = "either", _("No preference")

    class CareerStage(models.TextChoices):
        PHD = "phd", _("PhD student")
        MASTERS = "masters", _("Master's student")
        POSTDOC = "postdoc", _("Postdoctoral researcher")
        OTHER = "other", _("Other")

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
    email = models.EmailField("email address", max_length=254)
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

    # Attendee details, asked at acceptance and never used in selection.
    can_attend = models.BooleanField(null=True, blank=True, editable=False)
    technical_needs = models.TextField(blank=True, editable=False)
    access_needs = models.TextField(blank=True, editable=False)
    diet = models.TextField(blank=True, editable=False)

    # Corrected by the helpdesk: no private link goes out until a chair confirms the address.
    has_unchecked_address = models.BooleanField(default=False, editable=False)
    is_late = models.BooleanField("late", default=False, editable=False)
    is_test = models.BooleanField("test entry", default=False, editable=False)
    submitted_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(editable=False)
    # Incremented by each change of the answers, for optimistic locking.
    version = models.PositiveIntegerField(default=1, editable=False)
    # A second submission with the same fingerprint is a duplicate.
    fingerprint = models.CharField(max_length=64, editable=False, db_index=True)

    objects = ExpressionQuerySet.as_manager()

    class Meta:
        verbose_name = "entry"
        verbose_name_plural = "entries"
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
                | (~Q(state__in=sorted(OFFERED)) & (Q(offer="") | _ENDED_BY_CHOICE)),
                violation_error_message="An offer belongs to those that were accepted.",
            ),
            models.CheckConstraint(
                name="confirmed_says_what",
                condition=(Q(state="confirmed") & ~Q(confirmed_format=""))
                | (~Q(state="confirmed") & (Q(confirmed_format="") | _ENDED_BY_CHOICE)),
                violation_error_message="What was confirmed belongs to those that confirmed.",
            ),
            models.CheckConstraint(
                name="decision_has_decider_and_moment",
                condition=Q(
                    state__in=sorted(DECIDED), decided_by__isnull=False, decided_at__isnull=False
                )
                | _ENDED_BY_CHOICE
                | Q(
                    state__in=("submitted", "under_review"),
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                ),
                violation_error_message="A decision says who made it and when.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_reference}: {self.plain_title}"

    @property
    def plain_title(self) -> str:
        """The title for letters: "The x² norm" of "The $x^2$ norm"."""
        return plain_title(self.title)

    def get_absolute_url(self) -> str:
        """The student's page, for browsers that hold the cookie of the private link."""
        return reverse("interest:mine", args=[self.edition.slug, self.reference])

    @property
    def display_reference(self) -> str:
        """The reference in two halves: "R7K-2QD"."""
        return f"{self.reference[:3]}-{self.reference[3:]}"

    @property
    def formats(self) -> str:
        """The requested formats as text: "Lightning talk or poster"."""
        if self.wants_talk and self.wants_poster:
            return gettext("Lightning talk or poster")
        return str(Format.TALK.label if self.wants_talk else Format.POSTER.label)

    @property
    def requested_format(self) -> Format:
        """The requested format: of two formats the preferred one, or both."""
        if self.wants_talk and self.wants_poster:
            is_one = self.preference in {self.Preference.TALK, self.Preference.POSTER}
            return Format(self.preference) if is_one else Format.BOTH
        return Format.TALK if self.wants_talk else Format.POSTER

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def has_details(self) -> bool:
        """Whether the student gave the attendee details; not if a chair confirmed for them."""
        return self.can_attend is not None

    @property
    def can_edit_details(self) -> bool:
        """Whether the student may change the details: from the confirmation to the first day."""
        return self.state == State.CONFIRMED and not self.edition.has_begun


class Event(models.Model):
    """A line of the log of an expression: action, user and reason, without private data."""

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
        help_text="Empty if the student did it.",
    )
    reason = models.TextField(blank=True)
    # Not released yet, so hidden from students and reviewers.
    is_for_chairs = models.BooleanField(default=False)

    class Meta:
        ordering = ["-happened_at", "-pk"]

    def __str__(self) -> str:
        return self.what


class StudentLink(PrivateLink):
    """Private link of a student to their expression."""

    cookie_name = "mine"

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="links")
    # Sent to the address: who opens it reads its mail. Links of the browser that sent the form, or
    # changed the address, prove no address.
    is_mailed = models.BooleanField(default=False, editable=False)

    def __str__(self) -> str:
        return f"Link to {self.expression}"


class AccessLink(PrivateLink):
    """Access to the form for one person although the call is closed; created in the admin."""

    cookie_name = "let-in"
    plain_token = ""  # never stored; set on a new link until its page has shown it

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="access_links")
    for_whom = models.CharField(
        max_length=200, help_text="Who asked for it. Only organisers see this."
    )
    used_by = models.OneToOneField(
        Expression,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="access_link",
    )

    def __str__(self) -> str:
        # Without the person it is for: Django's log keeps it.
        return f"Late access to {self.edition.year}"


class ExpressionLetter(models.Model):
    """Connects a letter with the expression that it is about."""

    expression = models.ForeignKey(
        Expression, on_delete=models.CASCADE, related_name="letter_links"
    )
    letter = models.OneToOneField(Letter, on_delete=models.CASCADE, related_name="expression_link")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.letter} about {self.expression}"


class DailyNotice(models.Model):
    """The days that the daily notices of an edition have covered."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="daily_notice")
    reported_until_on = models.DateField(help_text="Exclusive, in the edition's zone.")

    def __str__(self) -> str:
        return f"{self.edition}: reported until {self.reported_until_on}"
