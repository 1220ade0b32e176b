"""Feedback on contributions: a rating and an optional sentence, from visitors without an account."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.programme.models import Contribution
from apps.programme.timetable import ScheduledSession

MAX_SENTENCE = 300  # characters
LEAST_SHOWN = 3  # fewer ratings could tell who gave which


class FeedbackSettings(models.Model):
    """Whether an edition asks for feedback, and until when; it does not without a row."""

    edition = models.OneToOneField(
        Edition, on_delete=models.CASCADE, related_name="feedback_settings"
    )
    is_on = models.BooleanField(
        "ask for feedback",
        default=False,
        help_text="Pages of talks and posters then link to a page with three buttons.",
    )
    days_after = models.PositiveSmallIntegerField(
        "days after the session",
        default=7,
        validators=[MaxValueValidator(60)],
        help_text="Feedback is open from the start of the session until the end of this day.",
    )
    needs_approval = models.BooleanField(
        "approve sentences",
        default=True,
        help_text="Otherwise presenters see sentences at once, unless you hide them.",
    )

    class Meta:
        verbose_name = "feedback settings"
        verbose_name_plural = "feedback settings"

    def __str__(self) -> str:
        return f"Feedback settings of {self.edition}"

    @classmethod
    def of(cls, edition: Edition) -> FeedbackSettings:
        """The stored settings of an edition, or an unsaved row with the defaults."""
        return cls.objects.filter(edition=edition).first() or cls(edition=edition)

    def opening(self, session: ScheduledSession) -> tuple[datetime, datetime] | None:
        """When feedback on the session opens and closes; None while its day is unknown."""
        day = session.held_on or (session.starts.date() if session.starts else None)
        if day is None:
            return None
        zone = self.edition.zone
        opens_at = session.starts or datetime.combine(day, time.min, tzinfo=zone)
        ends = session.ends or opens_at
        last_day = ends.astimezone(zone).date() + timedelta(days=self.days_after + 1)
        return opens_at, datetime.combine(last_day, time.min, tzinfo=zone)


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def for_edition(self, edition: Edition) -> FeedbackQuerySet:
        return self.filter(contribution__edition=edition)

    def with_sentence(self) -> FeedbackQuerySet:
        return self.exclude(sentence="")

    def for_presenters(self, settings: FeedbackSettings) -> FeedbackQuerySet:
        """Sentences that presenters may read."""
        states = [Feedback.State.APPROVED]
        if not settings.needs_approval:
            states.append(Feedback.State.WAITING)
        return self.with_sentence().filter(state__in=states)


class Feedback(models.Model):
    """What one browser said about a contribution. The day is kept, no time, name or address."""

    class Rating(models.IntegerChoices):
        VERY = 3, _("Very useful")
        USEFUL = 2, _("Useful")
        NOT = 1, _("Not useful to me")

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        APPROVED = "approved", "Approved"
        HIDDEN = "hidden", "Hidden"

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="feedback"
    )
    # Keyed hash of the browser's cookie and the contribution, so that rows of one browser cannot be
    # linked; None once it is erased.
    browser = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001  # unique
    rating = models.PositiveSmallIntegerField(choices=Rating)
    sentence = models.CharField(max_length=MAX_SENTENCE, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    given_on = models.DateField(default=timezone.localdate)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "feedback"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contribution", "browser"], name="one_feedback_per_browser"
            ),
            models.CheckConstraint(name="feedback_rating_known", condition=Q(rating__range=(1, 3))),
        ]

    def __str__(self) -> str:
        return f"{self.contribution}: {self.get_rating_display()}"

    @property
    def version_token(self) -> str:
        """Token of the sentence as a chair reads it."""
        return version_token(self.sentence)


def browser_digest(cookie: str, contribution: Contribution) -> str:
    """Hash that stands for a browser, another one for each contribution."""
    return salted_hmac("feedback", f"{contribution.pk}:{cookie}", algorithm="sha256").hexdigest()
