"""Registration of an edition: its dates, places, kinds of attendance, questions and consents."""

from __future__ import annotations

from datetime import datetime, time

from admin_ordering.models import OrderableModel
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apps.core.markdown import fits_a_page
from apps.editions.models import Call, Edition, FormQuestion
from apps.editions.models.edition import last_moment


class RegistrationPeriod(models.Model):
    """The registration of an edition. Without both dates it does not open."""

    Status = Call.Status

    edition = models.OneToOneField(
        Edition, on_delete=models.CASCADE, related_name="registration_period"
    )
    is_public = models.BooleanField(
        "published",
        default=False,
        help_text="The site then links to this registration instead of an external one.",
    )
    introduction = models.TextField(
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown. Shown above the form: who can come, what it includes.",
    )
    opens_on = models.DateField("opens on", null=True, blank=True)
    opens_time = models.TimeField("at", default=time(9, 0))
    closes_on = models.DateField("closes on", null=True, blank=True)
    closes_time = models.TimeField("at", default=time(23, 59))
    capacity = models.PositiveIntegerField(
        "places",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Leave empty for no limit.",
    )
    has_waiting_list = models.BooleanField(
        "waiting list",
        default=True,
        help_text="When all places are taken, people can join it. The first gets the next free place.",
    )
    payment_note = models.TextField(
        "how to pay",
        blank=True,
        validators=[fits_a_page],
        help_text="Markdown. A link or a note, such as “You will get an invoice” or “Paid at the desk”.",
    )
    asks_diet = models.BooleanField("ask for dietary needs", default=True)
    asks_access = models.BooleanField("ask for access needs", default=True)

    class Meta:
        verbose_name = "registration period"
        constraints = [
            models.CheckConstraint(
                name="registration_closes_after_opening",
                condition=Q(closes_on=None) | Q(opens_on=None) | Q(closes_on__gte=F("opens_on")),
                violation_error_message="The registration must not close before it opens.",
            ),
        ]

    def __str__(self) -> str:
        return f"Registration of {self.edition}"

    @property
    def opens_at(self) -> datetime | None:
        """Opening time, in the edition's zone; None while unknown."""
        if self.opens_on is None:
            return None
        return datetime.combine(self.opens_on, self.opens_time, tzinfo=self.edition.zone)

    @property
    def closes_at(self) -> datetime | None:
        """End of the closing minute in the edition's zone; None while unknown."""
        if self.closes_on is None:
            return None
        return last_moment(self.closes_on, self.closes_time, self.edition.zone)

    @property
    def status(self) -> Call.Status:
        """Status now, as that of a call with two dates; closed if the edition is cancelled."""
        opens_at, closes_at = self.opens_at, self.closes_at
        if opens_at is None or closes_at is None:
            return Call.Status.UNDATED
        if timezone.now() > closes_at or self.edition.is_cancelled:
            return Call.Status.CLOSED
        return Call.Status.BEFORE if timezone.now() < opens_at else Call.Status.OPEN

    @property
    def is_open(self) -> bool:
        return self.status == Call.Status.OPEN


class AttendanceKind(OrderableModel, models.Model):
    """A way to attend, of which people choose one, or an extra such as the dinner."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="attendance_kinds")
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=300, blank=True)
    price_note = models.CharField(
        "price", max_length=100, blank=True, help_text="As text: “€ 80”, “free for students”."
    )
    is_extra = models.BooleanField(
        "extra",
        default=False,
        help_text="People choose one of the kinds, and as many extras as they like.",
    )
    capacity = models.PositiveIntegerField(
        "places",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Of this kind. Leave empty for no limit of its own.",
    )
    takes_place = models.BooleanField(
        "takes one of the places",
        default=True,
        help_text="Untick it for those who need no place in the room, such as online.",
    )

    class Meta:
        verbose_name = "kind of attendance"
        verbose_name_plural = "kinds of attendance"
        ordering = ["ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "name"],
                name="one_attendance_kind_per_name",
                violation_error_message="This edition already has a kind of this name. Choose another name.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RegistrationQuestion(FormQuestion):
    """A question of the organisers in the registration form."""

    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="registration_questions"
    )


class RegistrationConsent(OrderableModel, models.Model):
    """A consent that the registration form asks for, by itself."""

    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="registration_consents"
    )
    text = models.TextField(
        max_length=1000, help_text="As the person says it: “I may be photographed.”"
    )
    is_required = models.BooleanField(
        "must be given",
        default=False,
        help_text="Only for rules that everyone has to agree to, such as the code of conduct.",
    )

    class Meta:
        verbose_name = "consent"
        ordering = ["ordering", "pk"]

    def __str__(self) -> str:
        return self.text
