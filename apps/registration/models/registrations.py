"""Registrations: people who come or wait for a place, with what they said and when they came."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.tokens import new_token
from apps.editions.models import Edition
from apps.interest.models import REFERENCE_ALPHABET, Expression
from apps.mail.models import Letter
from apps.people.models import Person
from apps.private_links.models import PrivateLink
from apps.registration.models.period import (
    AttendanceKind,
    RegistrationConsent,
    RegistrationQuestion,
)

CODE_LENGTH = 6


def new_code() -> str:
    """A random code such as "R7K2QD", without characters that look alike."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(CODE_LENGTH))


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def for_edition(self, edition: Edition) -> RegistrationQuerySet:
        return self.filter(edition=edition)

    def attending(self) -> RegistrationQuerySet:
        """People with a place; not those who wait or cancelled."""
        return self.filter(status=Registration.Status.REGISTERED)

    def waiting(self) -> RegistrationQuerySet:
        """The waiting list, first come first."""
        return self.filter(status=Registration.Status.WAITING).order_by("waiting_since", "pk")

    def cancelled(self) -> RegistrationQuerySet:
        return self.filter(status=Registration.Status.CANCELLED)

    def current(self) -> RegistrationQuerySet:
        """All that are not cancelled."""
        return self.exclude(status=Registration.Status.CANCELLED)

    def checked_in(self) -> RegistrationQuerySet:
        """People who came."""
        return self.exclude(checked_in_at=None)

    def of_address(self, email: str) -> RegistrationQuerySet:
        """Those with this address in any case."""
        return self.filter(email__iexact=email)

    def in_name_order(self) -> RegistrationQuerySet:
        return self.order_by(Lower("name"), "pk")


class Registration(models.Model):
    """One person's registration for an edition."""

    class Status(models.TextChoices):
        REGISTERED = "registered", _("Registered")
        WAITING = "waiting", _("On the waiting list")
        CANCELLED = "cancelled", _("Cancelled")

    class Source(models.TextChoices):
        FORM = "form", "Form"
        STUDENT = "student", "Accepted student"
        SPEAKER = "speaker", "Speaker"
        IMPORT = "import", "Import"
        DESK = "desk", "Added at the desk"
        WALK_IN = "walk_in", "Walk-in"

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="registrations")
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="registrations"
    )
    expression = models.ForeignKey(
        Expression, null=True, blank=True, on_delete=models.SET_NULL, related_name="registrations"
    )
    name = models.CharField("full name", max_length=200)
    email = models.EmailField("email address", max_length=254, blank=True)
    affiliation = models.CharField(max_length=200, blank=True)
    pronunciation = models.CharField("pronunciation of the name", max_length=200, blank=True)
    badge_note = models.CharField(
        "note on the badge", max_length=60, blank=True, help_text="Such as “Speaker” or pronouns."
    )
    kind = models.ForeignKey(
        AttendanceKind,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="registrations",
    )
    extras = models.ManyToManyField(AttendanceKind, blank=True, related_name="extra_registrations")
    status = models.CharField(max_length=10, choices=Status, default=Status.REGISTERED)
    waiting_since = models.DateTimeField(null=True, blank=True, editable=False)
    source = models.CharField(max_length=10, choices=Source, default=Source.FORM, editable=False)
    # Typed at the desk where a ticket cannot be scanned.
    code = models.CharField(max_length=CODE_LENGTH, default=new_code, editable=False)
    # In the QR code. It is stored as it is, since the ticket is shown again and again; it opens no
    # data, and only organisers can do something with it.
    ticket_token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    # Empty for speakers and students who were registered by organisers and have not answered.
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_in_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Incremented by each change, for optimistic locking.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        permissions = [("check_in_registration", "Can check people in")]
        indexes = [
            models.Index(fields=["edition", "status"], name="registration_by_status"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="one_registration_per_code"),
            models.UniqueConstraint(
                "edition",
                Lower("email"),
                condition=~Q(email="") & ~Q(status="cancelled"),
                name="one_registration_per_address",
                violation_error_message="This address is registered already. Search for it in the list.",
            ),
            models.UniqueConstraint(
                fields=["edition", "person"],
                condition=Q(person__isnull=False) & ~Q(status="cancelled"),
                name="one_registration_per_person",
                violation_error_message="This person is registered already. Search for the name in the list.",
            ),
            models.CheckConstraint(
                name="waiting_registration_says_since_when",
                condition=~Q(status="waiting") | Q(waiting_since__isnull=False),
                violation_error_message="A registration on the waiting list says since when.",
            ),
        ]

    def __str__(self) -> str:
        # Without the name: Django's log keeps it.
        return f"Registration {self.display_code}"

    def get_absolute_url(self) -> str:
        """The person's own page, for browsers that hold the cookie of the private link."""
        return reverse("registration:mine", args=[self.edition.slug, self.code])

    @property
    def display_code(self) -> str:
        """The code in two halves: "R7K-2QD"."""
        return f"{self.code[:3]}-{self.code[3:]}"

    @property
    def ticket_url(self) -> str:
        """The address in the QR code of the ticket and the badge."""
        path = reverse("registration:ticket", args=[self.edition.slug, self.ticket_token])
        return f"{settings.SITE_URL}{path}"

    @property
    def is_attending(self) -> bool:
        return self.status == self.Status.REGISTERED

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED


class AttendeeNeeds(models.Model):
    """Dietary and access needs, in a table of their own because they are erased first."""

    registration = models.OneToOneField(
        Registration, on_delete=models.CASCADE, related_name="needs"
    )
    diet = models.TextField("dietary needs", blank=True, max_length=1000)
    access = models.TextField("access needs", blank=True, max_length=1000)

    class Meta:
        # Read with the registration by those who may see it; no role has a permission for the rows.
        default_permissions = ()

    def __str__(self) -> str:
        return f"Needs {self.pk}"


class RegistrationAnswer(models.Model):
    """The answer to one question."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(
        RegistrationQuestion, on_delete=models.PROTECT, related_name="answers"
    )
    text = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["question__ordering", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "question"], name="one_registration_answer_each"
            )
        ]

    def __str__(self) -> str:
        return f"Answer {self.pk}"

    @property
    def in_words(self) -> str:
        """The answer as it is displayed."""
        return self.question.say(self.text)


class GivenConsent(models.Model):
    """A consent that a person gave, with its text as they read it."""

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="consents"
    )
    consent = models.ForeignKey(
        RegistrationConsent, null=True, on_delete=models.SET_NULL, related_name="given"
    )
    text = models.TextField()
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "consent"], name="one_given_consent_each"
            )
        ]

    def __str__(self) -> str:
        return self.text


class RegistrationLink(PrivateLink):
    """Private link of a person to their registration."""

    cookie_name = "registration"

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="links")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Link to {self.registration}"


class RegistrationLetter(models.Model):
    """Connects a letter with the registration that it is about."""

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="letter_links"
    )
    letter = models.OneToOneField(
        Letter, on_delete=models.CASCADE, related_name="registration_link"
    )

    class Meta:
        default_permissions = ()
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.letter} about {self.registration}"


class CheckIn(models.Model):
    """One scan of a ticket on one device; the first one sets `Registration.checked_in_at`."""

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="check_ins"
    )
    device_id = models.CharField(max_length=40)
    scanned_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ["scanned_at", "pk"]
        constraints = [
            # A device that sends the same scan again after a lost answer makes no second row.
            models.UniqueConstraint(
                fields=["registration", "device_id", "scanned_at"], name="one_check_in_per_scan"
            )
        ]

    def __str__(self) -> str:
        return f"Check-in of {self.registration}"
