"""Letters, mailings and the texts of letters."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.editions.models import Edition

# A worker that holds a letter longer than this has died.
CLAIM_LASTS = timedelta(minutes=10)
# A letter due for longer than this was never tried, for want of a mail server or a worker. A chair
# decides about it: a late receipt does more harm than none.
DUE_LASTS = timedelta(days=7)


class LetterQuerySet(models.QuerySet["Letter"]):
    def waiting(self) -> LetterQuerySet:
        """Queued, due or not."""
        return self.filter(state=Letter.State.QUEUED)

    def due(self) -> LetterQuerySet:
        """Letters a worker may claim now, oldest first."""
        now = timezone.now()
        due = self.waiting().filter(due_at__lte=now, due_at__gt=now - DUE_LASTS)
        return due.order_by("due_at", "pk")

    def overdue(self) -> LetterQuerySet:
        """Queued for so long that a chair decides whether they go out."""
        return self.waiting().filter(due_at__lte=timezone.now() - DUE_LASTS)

    def to_address(self, email: str) -> LetterQuerySet:
        """Letters to one address, in any case, oldest first."""
        return self.filter(to_email__iexact=email).order_by("created_at", "pk")

    def claimed_too_long(self) -> LetterQuerySet:
        """Claimed by a worker that died: sent or not is unknown."""
        return self.filter(state=Letter.State.SENDING, claimed_at__lt=timezone.now() - CLAIM_LASTS)


class Mailing(models.Model):
    """One text sent to many people: one letter each, however often the button is pressed."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="mailings")
    # Made for the page it is written on: a page sent twice is one mailing.
    key = models.CharField(max_length=64, unique=True, editable=False)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    chosen = models.TextField("to whom", blank=True, help_text="The list of recipients.")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mailings"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.subject


class Letter(models.Model):
    """One mail to one person. The apps above link to it; it does not know what it is about.

    As it is sent, PRIVATE_LINK in the text is replaced by a new link, made by the function
    registered under `link_maker` (apps.mail.services). The stored text has no working link.
    """

    PRIVATE_LINK = "[private link]"
    # Kind of a letter to another person that a chair sent to themselves.
    TEST_KIND = "interest/test"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        QUEUED = "queued", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        UNCONFIRMED = "unconfirmed", "In doubt: delivery not confirmed"
        FAILED = "failed", "Failed"
        DISCARDED = "discarded", "Discarded"

    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.CASCADE, related_name="letters"
    )
    mailing = models.ForeignKey(
        Mailing, null=True, blank=True, on_delete=models.SET_NULL, related_name="letters"
    )
    kind = models.CharField(max_length=40, help_text="Kind: receipt, resent link, …")
    to_name = models.CharField(max_length=200, blank=True)
    to_email = models.EmailField(max_length=254)
    reply_to = models.EmailField(max_length=254, blank=True)
    subject = models.CharField(max_length=300)
    body_text = models.TextField()
    body_html = models.TextField(blank=True)
    calendar = models.TextField(
        "calendar file", blank=True, help_text="Attached to the email (RFC 5545)."
    )
    qr_text = models.CharField(
        "QR code", max_length=300, blank=True, help_text="Its text. Attached as a picture."
    )
    link_maker = models.CharField(max_length=40, blank=True, editable=False)
    link_subject = models.PositiveBigIntegerField(null=True, editable=False)

    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    failure = models.TextField(blank=True, editable=False, help_text="Why the last attempt failed.")
    # Without a mail server on this machine the worker prints the link to the terminal, once.
    announced_at = models.DateTimeField(null=True, editable=False)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "email"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="letters_due"),
            models.Index(fields=["to_email"], name="letters_of_an_address"),
        ]
        constraints = [
            models.CheckConstraint(
                name="sent_letter_has_its_moment",
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"),
                violation_error_message="A sent email says when it was sent.",
            ),
            models.CheckConstraint(
                name="letter_names_its_link",
                condition=Q(link_maker="", link_subject=None)
                | (~Q(link_maker="") & Q(link_subject__isnull=False)),
                violation_error_message="An email with a private link says what it leads to.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to_name or self.to_email}"

    @property
    def is_overdue(self) -> bool:
        """Whether it waits for a chair to decide."""
        return self.state == self.State.QUEUED and self.due_at <= timezone.now() - DUE_LASTS

    @property
    def needs_decision(self) -> bool:
        """Whether it goes nowhere until a chair decides."""
        return self.state in {self.State.FAILED, self.State.UNCONFIRMED} or self.is_overdue

    @property
    def standing(self) -> str:
        """State in words."""
        return "Too old to be sent automatically" if self.is_overdue else self.get_state_display()


class LetterText(models.Model):
    """An edition's own text for one kind of letter, with placeholders such as {name}.

    Placeholders are replaced, never run (apps.mail.texts).
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="letter_texts")
    kind = models.CharField(max_length=40, editable=False)
    subject = models.CharField(max_length=300)
    body = models.TextField()

    class Meta:
        verbose_name = "email text"
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "kind"],
                name="one_text_of_a_kind",
                violation_error_message="This edition has a text of this kind already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.edition}"
