"""What students tell us in private: an expression of interest and all that belongs to it."""

from __future__ import annotations

import secrets

from admin_ordering.models import OrderableModel
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.core.links import PrivateLink
from apps.editions.models import Edition
from apps.interest.workflow import DECIDED, LIVING, OFFERED, State
from apps.mail.models import Letter
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


class Question(OrderableModel):
    """One of the organisers' own questions, asked with the form or at acceptance."""

    class Kind(models.TextChoices):
        TEXT = "text", "A line of text"
        LONG_TEXT = "long_text", "Several lines of text"
        CHOICE = "choice", "One of several answers"
        YES_NO = "yes_no", "Yes or no"

    class AskedAt(models.TextChoices):
        SUBMISSION = "submission", "With the form"
        ACCEPTANCE = "acceptance", "When an offer is confirmed"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="questions")
    words = models.CharField("question", max_length=300)
    help_words = models.CharField("hint", max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    choices = models.TextField(
        "answers to choose from",
        blank=True,
        help_text="One per line, for “one of several answers”.",
    )
    is_required = models.BooleanField("must be answered", default=False)
    asked_at = models.CharField(max_length=10, choices=AskedAt, default=AskedAt.SUBMISSION)

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.CheckConstraint(
                name="question_has_its_choices",
                condition=~Q(kind="choice") | ~Q(choices=""),
                violation_error_message="Give the answers to choose from, one per line.",
            )
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def choice_list(self) -> list[str]:
        """The answers to choose from, without empty lines."""
        return [line.strip() for line in self.choices.splitlines() if line.strip()]

    def say(self, words: str) -> str:
        """An answer as people read it: yes and no are stored as the form sends them."""
        if self.kind == self.Kind.YES_NO:
            return {"yes": "Yes", "no": "No"}.get(words, words)
        return words


class ExpressionQuerySet(models.QuerySet["Expression"]):
    def for_edition(self, edition: Edition) -> ExpressionQuerySet:
        return self.filter(edition=edition)

    def counted(self) -> ExpressionQuerySet:
        """Real ones: what staff sent to rehearse is left out."""
        return self.filter(is_test=False)

    def living(self) -> ExpressionQuerySet:
        """Not withdrawn, declined or ended in another way."""
        return self.filter(state__in=LIVING)

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

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="expressions")
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
    # The same submission twice is one (services.submit_expression); indexed for that look-up.
    fingerprint = models.CharField(max_length=64, editable=False, db_index=True)

    objects = ExpressionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        permissions = [
            ("decide_expression", "Can move expressions of interest and read all of them"),
            ("review_expression", "Can review expressions without addresses and access needs"),
            ("help_expression", "Can correct an address and re-send a link"),
        ]
        indexes = [models.Index(fields=["edition", "state"], name="expression_by_state")]
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
        return f"{self.spoken_reference}: {self.title}"

    def get_absolute_url(self) -> str:
        """The student's page; opens only in a browser that holds the private link's cookie."""
        return reverse("interest:mine", args=[self.edition.slug, self.reference])

    @property
    def spoken_reference(self) -> str:
        """ "R7K-2QD": in two halves, as one reads it aloud."""
        return f"{self.reference[:3]}-{self.reference[3:]}"

    @property
    def formats(self) -> str:
        """What was asked for, in words."""
        wanted = [Format.TALK.label] * self.wants_talk + [Format.POSTER.label] * self.wants_poster
        return " or ".join(wanted).capitalize()

    @property
    def is_living(self) -> bool:
        return self.state in LIVING


class CoAuthor(OrderableModel):
    """Somebody who worked on it too; no account, never looked up."""

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="coauthors")
    name = models.CharField(max_length=200)
    affiliation = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["ordering", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.affiliation})" if self.affiliation else self.name


class Answer(models.Model):
    """What was said to one of the organisers' questions."""

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    words = models.TextField(blank=True)

    class Meta:
        ordering = ["question__ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["expression", "question"], name="one_answer_each")
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.in_words}"

    @property
    def in_words(self) -> str:
        """As people read it."""
        return self.question.say(self.words)


class Consent(models.Model):
    """What somebody agreed to or refused at acceptance, in the words they were asked with."""

    class About(models.TextChoices):
        PHOTO = "photo", "I may be photographed at the workshop."
        RECORDING = "recording", "My talk may be recorded and the recording published."
        ABSTRACT = "abstract", "My abstract may be published on the workshop's site."
        CONTACT = "contact", "I may be written to about later editions."

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="consents")
    about = models.CharField(max_length=10, choices=About)
    wording = models.TextField()
    is_given = models.BooleanField()
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["expression", "about"], name="one_consent_each")
        ]

    def __str__(self) -> str:
        return f"{self.wording}: {'yes' if self.is_given else 'no'}"


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

    class Meta:
        ordering = ["-happened_at", "-pk"]

    def __str__(self) -> str:
        return self.what


class ExpressionLetter(models.Model):
    """Which letters are about which expression; the letters themselves do not know."""

    expression = models.ForeignKey(
        Expression, on_delete=models.CASCADE, related_name="letter_links"
    )
    letter = models.OneToOneField(Letter, on_delete=models.CASCADE, related_name="expression_link")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.letter} about {self.expression}"


class StudentLink(PrivateLink):
    """A student's way to their own expression."""

    cookie_name = "mine"

    expression = models.ForeignKey(Expression, on_delete=models.CASCADE, related_name="links")

    def __str__(self) -> str:
        return f"Link to {self.expression}"


class AccessLink(PrivateLink):
    """Lets one person in to the form although the call is closed; made by hand in the admin."""

    cookie_name = "let-in"

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
        return f"Late access for {self.for_whom}"
