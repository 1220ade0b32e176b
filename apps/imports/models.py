"""Spreadsheets that wait for their import, and the record of those that were imported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from apps.editions.models import Edition
from apps.interest.models import Expression


class ConfirmedText(models.Model):
    """A text that an organiser marked as right although it names facts of an earlier edition.

    Only a hash of its place and words is stored, so that a changed text is to be checked again.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="confirmed_texts")
    digest = models.CharField(max_length=20)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["edition", "digest"], name="one_text_confirmed_once")
        ]

    def __str__(self) -> str:
        return self.digest


class SheetQuerySet(models.QuerySet["Sheet"]):
    def waiting(self) -> SheetQuerySet:
        """Sheets that are neither imported nor discarded."""
        return self.filter(imported_at=None)

    def expired(self) -> SheetQuerySet:
        """Sheets that waited longer than their contents may be kept."""
        return self.waiting().filter(read_at__lte=timezone.now() - Sheet.KEPT_FOR)

    def without_contents(self) -> SheetQuerySet:
        """Leave out the contents, which are large and private, for lists."""
        return self.defer("contents", "choices")


class Sheet(models.Model):
    """A spreadsheet of another form: its contents until the import, afterwards a record.

    `contents` is a Table of sheets/reading.py and `choices` are SheetChoices of sheets/checking.py;
    the import empties both.
    """

    class Holds(models.TextChoices):
        ENTRIES = "entries", "Entries"
        REGISTRATIONS = "guests", "Registrations"

    KEPT_FOR = timedelta(days=1)

    holds = models.CharField(max_length=10, choices=Holds, default=Holds.ENTRIES)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="sheets")
    file_name = models.CharField("file", max_length=200)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="sheets_read",
    )
    read_at = models.DateTimeField("uploaded", default=timezone.now)
    contents = models.JSONField(default=dict)
    choices = models.JSONField(default=dict)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="sheets_imported",
    )
    imported_at = models.DateTimeField("imported", null=True)
    imported_count = models.PositiveIntegerField("expressions", default=0)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = "spreadsheet"
        ordering = ["-read_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        is_ours = self.holds == self.Holds.ENTRIES
        name = "admin:imports_sheet_change" if is_ours else "imports:guest-sheet"
        return reverse(name, args=[self.pk])

    @property
    def is_imported(self) -> bool:
        return self.imported_at is not None

    @property
    def expires_at(self) -> datetime:
        """When the contents are deleted, unless the sheet is imported or discarded before."""
        return self.read_at + self.KEPT_FOR


class SheetEntry(models.Model):
    """The row of a spreadsheet that an expression was imported from."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="entries")
    expression = models.OneToOneField(
        Expression, on_delete=models.CASCADE, related_name="sheet_entry"
    )
    row = models.PositiveIntegerField()

    class Meta:
        ordering = ["sheet", "row"]

    def __str__(self) -> str:
        return f"Row {self.row} of {self.sheet}"


class SheetMemoryManager(models.Manager["SheetMemory"]):
    def recall(self, subject: str, texts: Iterable[str]) -> dict[str, str]:
        """Return the last choice for those of the texts about which there was one."""
        keys = {_hash(subject, text): text for text in texts}
        stored = self.filter(key__in=keys).values_list("key", "stands_for")
        return {keys[key]: stands_for for key, stands_for in stored}

    def forget(self, subject: str, texts: Iterable[str]) -> None:
        """Delete the choices about these texts."""
        self.filter(key__in=[_hash(subject, text) for text in texts]).delete()

    def remember(self, subject: str, choices: Mapping[str, str]) -> None:
        """Store what each text stands for."""
        rows = [
            SheetMemory(key=_hash(subject, text), stands_for=choice[:400])
            for text, choice in choices.items()
        ]
        self.bulk_create(
            rows, update_conflicts=True, unique_fields=["key"], update_fields=["stands_for"]
        )


class SheetMemory(models.Model):
    """The last choice of what a heading, or an answer below it, stands for.

    Heading and answer are stored as a hash alone, since they may be a student's words. `stands_for`
    is a label of the form, as its fields and answers have other keys in each edition.
    """

    key = models.CharField(max_length=64, unique=True)
    stands_for = models.CharField(max_length=400, blank=True)

    objects = SheetMemoryManager()

    class Meta:
        verbose_name_plural = "sheet memories"

    def __str__(self) -> str:
        return self.stands_for or "nothing"


def _hash(subject: str, text: str) -> str:
    return hashlib.sha256(f"{subject}\n{text}".encode()).hexdigest()
