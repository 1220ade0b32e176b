"""Calls for expressions of interest."""

from __future__ import annotations

from datetime import datetime, time

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.dateformat import format as date_format
from simple_history.models import HistoricalRecords

from apps.core.markdown import fits_a_page
from apps.editions.models.edition import ANYWHERE_ON_EARTH, Deadline, Edition, last_moment


class Call(models.Model):
    """The call of an edition: dates, what is offered, what the form asks, rules of selection."""

    class Status(models.TextChoices):
        UNDATED = "undated", "Dates to be announced"
        BEFORE = "before", "Not open yet"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    class Notice(models.TextChoices):
        EACH = "each", "An email for each"
        DAILY = "daily", "One email a day"
        NONE = "none", "None"

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="call")
    text = models.TextField(
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown. Shown above the form: who can apply, what you offer, what happens next.",
    )
    opens_on = models.DateField("opens on", null=True, blank=True)
    opens_time = models.TimeField("at", default=time(9, 0))
    closes_on = models.DateField("closes on", null=True, blank=True)
    closes_time = models.TimeField("at", default=time(23, 59))
    is_open_ended = models.BooleanField(
        "open until further notice",
        default=False,
        help_text=(
            "Instead of a closing date. The form opens immediately, or on the opening day. "
            "Students can change their entries while it is open. Untick this to close the "
            "form."
        ),
    )
    is_anywhere_on_earth = models.BooleanField(
        "closes at the end of the day anywhere on Earth",
        default=False,
        help_text="Otherwise in the edition's time zone.",
    )
    edits_close_on = models.DateField(
        "changes until",
        null=True,
        blank=True,
        help_text=(
            "Students can change their entries until the end of this day. If empty, until "
            "the call closes."
        ),
    )
    decisions_on = models.DateField("decisions by", null=True, blank=True)
    offers_talks = models.BooleanField("lightning talks", default=True)
    offers_posters = models.BooleanField("posters", default=True)
    talk_minutes = models.PositiveSmallIntegerField("minutes per lightning talk", default=3)
    poster_size = models.CharField("size of a poster", max_length=100, blank=True)
    abstract_words = models.PositiveSmallIntegerField(
        "maximum words of an abstract", default=250, validators=[MinValueValidator(20)]
    )
    asks_career_stage = models.BooleanField("ask for the career stage", default=True)
    asks_supervisor = models.BooleanField("ask for the supervisor", default=False)
    asks_school = models.BooleanField("ask for the school or lab", default=False)
    asks_link = models.BooleanField("ask for a link", default=False)
    asks_pdf = models.BooleanField(
        "offer to add a PDF",
        default=False,
        help_text="Optional for students, at most 10 MB. Reviewers read it, but see “anonymous PDFs”.",
    )
    notice = models.CharField(
        "notice to organisers",
        max_length=5,
        choices=Notice,
        default=Notice.EACH,
        help_text="Sent to the edition's contact address, if it has one.",
    )
    sends_receipt = models.BooleanField("send receipts", default=True)
    reply_days = models.PositiveSmallIntegerField(
        "days to reply to an offer", default=10, validators=[MinValueValidator(1)]
    )

    sends_reminders = models.BooleanField("send reminders", default=True)
    remind_days = models.PositiveSmallIntegerField(
        "days before the reply is due",
        default=3,
        validators=[MinValueValidator(1)],
        help_text="Students who have not replied to an offer are reminded once.",
    )
    talk_places = models.PositiveSmallIntegerField(
        "places for lightning talks",
        null=True,
        blank=True,
        help_text=(
            "The number of places in the programme; decisions are counted against it. Leave "
            "empty for no limit."
        ),
    )
    poster_places = models.PositiveSmallIntegerField(
        "places for posters",
        null=True,
        blank=True,
        help_text="The number of poster boards. Leave empty for no limit.",
    )
    is_review_anonymous = models.BooleanField(
        "anonymous review",
        default=False,
        help_text="Reviewers do not see names, universities, supervisors, co-authors or links.",
    )
    has_anonymous_pdfs = models.BooleanField(
        "anonymous PDFs",
        default=False,
        help_text="Matters for an anonymous review alone: the form asks students to leave out who "
        "they are, and reviewers may open the PDFs. Otherwise only chairs and the helpdesk do.",
    )

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="call_offers_something",
                condition=Q(offers_talks=True) | Q(offers_posters=True),
                violation_error_message="Offer lightning talks, posters or both.",
            ),
            models.CheckConstraint(
                name="call_closes_after_opening",
                condition=Q(closes_on=None) | Q(opens_on=None) | Q(closes_on__gte=F("opens_on")),
                violation_error_message="The call must not close before it opens.",
            ),
            models.CheckConstraint(
                name="open_ended_call_has_no_end",
                condition=Q(is_open_ended=False) | Q(closes_on=None, edits_close_on=None),
                violation_error_message=(
                    "A call that is open until further notice has no closing date and no end of "
                    "changes. Clear both, or untick “open until further notice”."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Call of {self.edition}"

    @property
    def opens_at(self) -> datetime | None:
        """Opening time, in the edition's zone; None while unknown."""
        if self.opens_on is None:
            return None
        return datetime.combine(self.opens_on, self.opens_time, tzinfo=self.edition.zone)

    @property
    def closes_at(self) -> datetime | None:
        """End of the closing minute in its announced zone; None while unknown, or without an end."""
        if self.closes_on is None:
            return None
        zone = ANYWHERE_ON_EARTH if self.is_anywhere_on_earth else self.edition.zone
        return last_moment(self.closes_on, self.closes_time, zone)

    @property
    def edits_close_at(self) -> datetime | None:
        """Time until which students may edit; None while unknown, or without an end."""
        closes_at = self.closes_at
        if self.edits_close_on is None:
            return closes_at
        end = last_moment(self.edits_close_on, time(23, 59), self.edition.zone)
        return max(end, closes_at) if closes_at else end

    @property
    def allows_edits(self) -> bool:
        """Whether students may edit their submissions now."""
        if self.is_open_ended:
            return self.status != self.Status.CLOSED
        edits_close_at = self.edits_close_at
        return edits_close_at is not None and timezone.now() <= edits_close_at

    @property
    def status(self) -> Status:
        """Status now; a call without both dates opens only if it is open-ended.

        An open-ended call closes with its edition.
        """
        opens_at, closes_at = self.opens_at, self.closes_at
        if self.is_open_ended:
            is_over = self.edition.is_past or self.edition.is_cancelled
        elif opens_at is None or closes_at is None:
            return self.Status.UNDATED
        else:
            is_over = timezone.now() > closes_at
        if opens_at and timezone.now() < opens_at:
            return self.Status.BEFORE
        return self.Status.CLOSED if is_over else self.Status.OPEN

    @property
    def status_in_words(self) -> str:
        """ "Open until 3 May 2024, 17:00 BST", "Dates to be announced"."""
        if self.is_open_ended and self.status == self.Status.OPEN:
            return "Open until further notice"
        words = {
            self.Status.BEFORE: ("Opens", self.opens_at),
            self.Status.OPEN: ("Open until", self.closes_at),
            self.Status.CLOSED: ("Closed since", self.closes_at),
        }
        verb, moment = words.get(self.status, ("", None))
        if moment is None:
            return self.status.label
        return f"{verb} {date_format(moment, 'j F Y, H:i')} {moment.tzname()}"

    def closes_with(self, deadline: Deadline) -> bool:
        """Whether the call closes at `deadline`, so that one of both is enough to show."""
        return self.closes_at == deadline.due_at
