"""Rooms, sessions and slots: where and when contributions take place."""

from __future__ import annotations

from datetime import time

from admin_ordering.models import OrderableModel
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from simple_history.models import HistoricalRecords

from apps.core.inline_markup import plain_title
from apps.core.markdown import fits_a_page
from apps.core.models import Slugged
from apps.editions.models import Edition
from apps.programme.local_times import Span, span_of
from apps.programme.models.contributions import Contribution, Credit
from apps.programme.models.kinds import SessionKind

MOST_DAYS = 60
LONGEST_MINUTES = 24 * 60 - 1  # so that start and end differ as clock times


class Room(OrderableModel):
    """A room of one edition."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=100, help_text="As on the signs at the venue.")
    capacity = models.PositiveIntegerField(
        "seats", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    directions = models.TextField(
        "how to get there",
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown. For example floor, stairs, lifts and entrance.",
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                "edition",
                Lower("name"),
                name="one_room_per_name",
                violation_error_message="This edition has a room with this name already. "
                "Choose another name.",
            ),
            models.CheckConstraint(
                name="room_seats_somebody",
                condition=models.Q(capacity=None) | models.Q(capacity__gte=1),
                violation_error_message="A room has at least one seat; leave it empty if unknown.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SessionQuerySet(models.QuerySet["Session"]):
    def for_edition(self, edition: Edition) -> SessionQuerySet:
        """Sessions of one edition by day and clock time; those without a time last on their day."""
        return self.filter(edition=edition).order_by(
            "day", F("starts_at").asc(nulls_last=True), "room__ordering", "ordering", "pk"
        )

    def after_last_day(self, edition: Edition) -> SessionQuerySet:
        """Sessions on days that the edition does not have; none while its dates are unknown."""
        if edition.day_count is None:
            return self.none()
        return self.for_edition(edition).filter(day__gt=edition.day_count)

    def free_from(self, day: int) -> time | None:
        """The clock time at which all sessions of `day` are over; one query.

        None while no session has a time, or if one passes midnight.
        """
        rows = self.filter(day=day).exclude(starts_at=None).select_related("edition")
        spans = [row.span for row in rows]
        ends = [(span.finish or span.begin, span) for span in spans if span.begin]
        if not ends:
            return None
        last, span = max(ends, key=lambda end: end[0])
        return last.time() if span.begin and last.date() == span.begin.date() else None


class Session(Slugged):
    """A part of a day: talks, a break, posters. It may pass midnight and lasts under 24 hours."""

    slug_source = "shown_title"
    slug_route = "<slug:edition>/programme/"

    Kind = SessionKind

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="sessions")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.TALKS)
    title = models.CharField(
        max_length=200, blank=True, help_text="If empty, the name of its kind is shown."
    )
    description = models.TextField(blank=True, validators=[fits_a_page], help_text="Markdown.")
    room = models.ForeignKey(
        Room, on_delete=models.RESTRICT, related_name="sessions", null=True, blank=True
    )
    day = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text=(
            "1 is the edition's first day, 2 the next. The date follows from the edition's "
            "first day, so you can plan before it is known."
        ),
    )
    starts_at = models.TimeField(
        "starts at", null=True, blank=True, help_text="In the edition's time zone."
    )
    minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)],
        help_text="The length; the session may pass midnight.",
    )
    has_shifts = models.BooleanField(
        "posters in two shifts",
        default=False,
        help_text=(
            "Presenters with an odd board number are at their poster in the first half, "
            "those with an even number in the second. The programme shows this."
        ),
    )
    ordering = models.PositiveIntegerField(
        "order", default=0, help_text="The order among sessions of the day without a time."
    )

    history = HistoricalRecords()
    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["edition", "day", "starts_at", "ordering", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="one_session_per_slug"),
            models.CheckConstraint(
                name="session_on_a_day",
                condition=Q(day__gte=1, day__lte=MOST_DAYS),
                violation_error_message=f"The days are counted from 1 to {MOST_DAYS}.",
            ),
            models.CheckConstraint(
                name="session_lasts_under_a_day",
                condition=Q(minutes=None) | Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES),
                violation_error_message="A session lasts at least a minute and less than 24 hours.",
            ),
            models.CheckConstraint(
                name="session_of_known_kind",
                condition=Q(kind__in=SessionKind.values),
                violation_error_message="Choose the kind of session.",
            ),
        ]

    def __str__(self) -> str:
        return plain_title(self.shown_title)

    def get_absolute_url(self) -> str:
        return reverse("pages:session", args=[self.edition.slug, self.slug])

    def clean(self) -> None:
        """Refuse a room of another edition."""
        if self.room and self.room.edition_id != self.edition_id:
            raise ValidationError(
                {"room": f"“{self.room}” is a room of another edition. Choose one of this one."}
            )

    @property
    def shown_title(self) -> str:
        """The title, or the name of its kind."""
        return self.title or self.get_kind_display()

    @property
    def public_title(self) -> str:
        """The same with the edition's own name of the kind; one query without a title."""
        label = "" if self.title else self.edition.session_labels.filter(kind=self.kind).first()
        return str(label or self.shown_title)

    @property
    def span(self) -> Span:
        """Start and end, as far as they are known."""
        return span_of(
            first_day=self.edition.starts_on,
            zone=self.edition.zone,
            day=self.day,
            starts_at=self.starts_at,
            minutes=self.minutes,
        )

    @property
    def ends_at(self) -> time | None:
        """The clock time of the end, also while the date is unknown."""
        return self.span.ends_at


class SessionChair(Credit):
    """The chair of a session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="chairs")

    history = HistoricalRecords()

    class Meta(Credit.Meta):
        constraints = [
            *Credit.Meta.constraints,
            models.UniqueConstraint(
                fields=["session", "person"],
                name="once_a_session_chair",
                violation_error_message="This person already chairs the session. Choose someone else.",
            ),
        ]

    @property
    def edition(self) -> Edition:
        return self.session.edition


class Slot(OrderableModel):
    """The place of a contribution in a session. A paper may have one for a talk and one for a poster."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="slots")
    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="slots")
    kind = models.CharField(
        "shown as",
        max_length=12,
        choices=Contribution.Kind,
        blank=True,
        help_text="The kind in this session, if it differs from the contribution's own.",
    )
    minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)],
        help_text=(
            "Start times in the session follow from these. The last contribution without "
            "minutes gets the remaining time."
        ),
    )
    starts_after = models.PositiveSmallIntegerField(
        "starts after minutes",
        null=True,
        blank=True,
        validators=[MaxValueValidator(LONGEST_MINUTES)],
        help_text="Counted from the start of the session. If empty, it starts when the previous one ends.",
    )
    board = models.CharField(max_length=20, blank=True, help_text="The number of the poster board.")

    history = HistoricalRecords()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "contribution"],
                name="once_in_a_session",
                violation_error_message="This contribution is in the session already. "
                "Choose another one.",
            ),
            models.CheckConstraint(
                name="slot_lasts_under_a_day",
                condition=Q(minutes=None) | Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES),
                violation_error_message="The length is at least a minute and less than 24 hours.",
            ),
            models.CheckConstraint(
                name="slot_starts_within_a_day",
                condition=Q(starts_after=None) | Q(starts_after__lte=LONGEST_MINUTES),
                violation_error_message="The start is less than 24 hours after the start of its session.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contribution} in {self.session}"

    def clean(self) -> None:
        """Refuse a contribution of another edition."""
        if self.contribution_id is None or self.session_id is None:
            return
        if self.contribution.edition_id != self.session.edition_id:
            raise ValidationError(
                {"contribution": f"“{self.contribution}” belongs to another edition."}
            )
        self.board = self.board.strip()
