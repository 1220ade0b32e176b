"""Stretches of a day, and what is in them."""

from __future__ import annotations

from datetime import date, datetime, time

from admin_ordering.models import OrderableModel
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Prefetch, Q
from django.db.models.functions import Lower
from django.urls import reverse
from simple_history.models import HistoricalRecords

from apps.core.markdown import fits_a_page
from apps.core.models import Slugged
from apps.editions.models import Edition
from apps.programme.models.contributions import Contribution
from apps.programme.models.credits import Credit
from apps.programme.models.rooms import Room
from apps.programme.scheduling.local_times import Span, date_of_day, span_of

MOST_DAYS = 60
LONGEST_MINUTES = 24 * 60 - 1  # so that an end is told from a start by its clock time


class SessionQuerySet(models.QuerySet["Session"]):
    def for_edition(self, edition: Edition) -> SessionQuerySet:
        """Those of one edition, as they follow each other."""
        return self.filter(edition=edition).in_order()

    def in_order(self) -> SessionQuerySet:
        """By day and clock time; those without a time last on their day, in their own order."""
        return self.order_by(
            "day", F("starts_at").asc(nulls_last=True), "room__ordering", "ordering", "pk"
        )

    def free_from(self, day: int) -> time | None:
        """The clock time at which nothing of `day` goes on any more; None while nothing on it has a
        time, or if something passes midnight. One query."""
        rows = self.filter(day=day).exclude(starts_at=None).select_related("edition")
        spans = [row.span for row in rows]
        ends = [(span.finish or span.begin, span) for span in spans if span.begin]
        if not ends:
            return None
        last, span = max(ends, key=lambda end: end[0])
        return last.time() if span.begin and last.date() == span.begin.date() else None

    def with_chairs(self) -> SessionQuerySet:
        """Loads rooms, and chairs with their people with one query more, however many there are."""
        return self.select_related("room").prefetch_related(
            Prefetch("chairs", SessionChair.objects.select_related("person"))
        )

    def with_listing_data(self) -> SessionQuerySet:
        """Loads what a list shows with three queries: rooms, chairs with people, slots."""
        return self.with_chairs().select_related("edition").prefetch_related("slots")


class Session(Slugged):
    """A stretch of one day: talks, a break, posters. It may pass midnight and lasts under a day."""

    slug_source = "slug_words"
    slug_route = "<slug:edition>/programme/"

    class Kind(models.TextChoices):
        KEYNOTE = "keynote", "Keynote"
        TALKS = "talks", "Invited talks"
        PANEL = "panel", "Panel"
        LIGHTNING = "lightning", "Lightning round"
        POSTERS = "posters", "Posters"
        BREAK = "break", "Break"
        LUNCH = "lunch", "Lunch"
        SOCIAL = "social", "Social"
        OTHER = "other", "Other"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="sessions")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TALKS)
    title = models.CharField(max_length=200, blank=True, help_text="The name of its kind if empty.")
    description = models.TextField(blank=True, validators=[fits_a_page], help_text="Markdown.")
    room = models.ForeignKey(
        Room, on_delete=models.RESTRICT, related_name="sessions", null=True, blank=True
    )
    day = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text="1 is the edition's first day, 2 the next. The date follows from the edition's, "
        "so a programme can be planned before that is known.",
    )
    starts_at = models.TimeField(
        "starts at", null=True, blank=True, help_text="In the edition's time zone."
    )
    minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)],
        help_text="How long it lasts; it may pass midnight.",
    )
    has_shifts = models.BooleanField(
        "posters in two shifts",
        default=False,
        help_text="Those who show a poster on an odd board stand at it in the first half, the even "
        "ones in the second; the programme then says so.",
    )
    ordering = models.PositiveIntegerField(
        "order", default=0, help_text="Among the sessions of its day that have no time yet."
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
                condition=Q(
                    kind__in=[
                        "keynote",
                        "talks",
                        "panel",
                        "lightning",
                        "posters",
                        "break",
                        "lunch",
                        "social",
                        "other",
                    ]
                ),
                violation_error_message="Choose what kind of session it is.",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_title

    def get_absolute_url(self) -> str:
        return reverse("pages:session", args=[self.edition.slug, self.slug])

    def clean(self) -> None:
        """Refuses a room of another year."""
        if self.room and self.room.edition_id != self.edition_id:
            raise ValidationError(
                {"room": f"“{self.room}” is a room of another edition. Choose one of this one."}
            )

    @property
    def shown_title(self) -> str:
        """The title, or what kind it is."""
        return self.title or self.get_kind_display()

    @property
    def slug_words(self) -> str:
        """What its address is made of."""
        return self.shown_title

    @property
    def is_pause(self) -> bool:
        """Whether nobody speaks in it: a break or lunch."""
        return self.kind in {self.Kind.BREAK, self.Kind.LUNCH}

    @property
    def is_simultaneous(self) -> bool:
        """Whether all in it is there the whole time, as posters are, and not one after another."""
        return self.kind == self.Kind.POSTERS

    @property
    def span(self) -> Span:
        """From when to when, as far as it is known."""
        return span_of(
            first_day=self.edition.starts_on,
            zone=self.edition.zone,
            day=self.day,
            starts_at=self.starts_at,
            minutes=self.minutes,
        )

    @property
    def held_on(self) -> date | None:
        """Its date; None while the edition's is unknown."""
        return date_of_day(self.edition.starts_on, self.day)

    @property
    def starts(self) -> datetime | None:
        """The moment it starts, in the edition's zone; None while date or time are unknown."""
        return self.span.starts

    @property
    def ends(self) -> datetime | None:
        """The moment it ends, likewise."""
        return self.span.ends

    @property
    def ends_at(self) -> time | None:
        """The clock time it ends; known without a date, too."""
        return self.span.ends_at


class SessionChair(Credit):
    """Who leads a session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="chairs")

    history = HistoricalRecords()

    class Meta(Credit.Meta):
        constraints = [
            *Credit.Meta.constraints,
            models.UniqueConstraint(
                fields=["session", "person"],
                name="once_a_session_chair",
                violation_error_message="This person chairs the session already.",
            ),
        ]


class SlotQuerySet(models.QuerySet["Slot"]):
    def for_edition(self, edition: Edition) -> SlotQuerySet:
        """Those of one edition's sessions."""
        return self.filter(session__edition=edition)


class Slot(OrderableModel):
    """A contribution's place in a session: a paper may have one as a lightning talk, one as a poster."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="slots")
    contribution = models.ForeignKey(Contribution, on_delete=models.CASCADE, related_name="slots")
    kind = models.CharField(
        "shown as",
        max_length=12,
        choices=Contribution.Kind,
        blank=True,
        help_text="What it is in this session, if not what it is by itself.",
    )
    minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)],
        help_text="Start times inside the session follow from these. The last one without takes "
        "what is left.",
    )
    board = models.CharField(max_length=20, blank=True, help_text="The number of the poster board.")

    history = HistoricalRecords()
    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "contribution"],
                name="once_in_a_session",
                violation_error_message="This contribution is in the session already.",
            ),
            models.UniqueConstraint(
                "session",
                Lower("board"),
                condition=~Q(board=""),
                name="one_slot_per_board",
                violation_error_message="This board is taken in this session.",
            ),
            models.CheckConstraint(
                name="slot_lasts_under_a_day",
                condition=Q(minutes=None) | Q(minutes__gte=1, minutes__lte=LONGEST_MINUTES),
                violation_error_message="It lasts at least a minute and less than 24 hours.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contribution} in {self.session}"

    def clean(self) -> None:
        """Refuses what belongs to another year."""
        if self.contribution_id is None or self.session_id is None:
            return
        if self.contribution.edition_id != self.session.edition_id:
            raise ValidationError(
                {"contribution": f"“{self.contribution}” belongs to another edition."}
            )
        self.board = self.board.strip()

    def validate_constraints(self, exclude=None) -> None:
        """Refuses a board that is taken, naming both sides."""
        known = {"session", "contribution", "board"} - set(exclude or ())
        if self.board and len(known) == 3:
            others = Slot.objects.filter(session=self.session_id, board__iexact=self.board)
            other = others.exclude(pk=self.pk).select_related("contribution").first()
            if other is not None:
                raise ValidationError(
                    {"board": board_taken(self.board, self.contribution, other.contribution)}
                )
        super().validate_constraints(exclude)

    @property
    def shown_kind(self) -> Contribution.Kind:
        """What it is in this session."""
        return Contribution.Kind(self.kind or self.contribution.kind)


def board_taken(board: str, wanted_by: Contribution, held_by: Contribution) -> str:
    """What is said when two want one board."""
    return f"Board {board} is taken by “{held_by}”, so “{wanted_by}” needs another one."
