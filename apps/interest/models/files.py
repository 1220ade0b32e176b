"""Files that are made beside the server, for one person to fetch."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

# They hold what students told in private: a file nobody has fetched by then is asked for again.
KEPT_FOR = timedelta(hours=12)
# Whoever makes a file says so more often than this; after it, another may take it up.
SILENT_FOR = timedelta(seconds=60)


class ExpressionFileQuerySet(models.QuerySet["ExpressionFile"]):
    def to_make(self) -> ExpressionFileQuerySet:
        """Nobody makes these, or whoever did has died."""
        silent = Q(state="making", alive_at__lt=timezone.now() - SILENT_FOR)
        return self.filter(Q(state="waiting") | silent, expires_at__gt=timezone.now())

    def with_content(self) -> ExpressionFileQuerySet:
        """Of these something lies on disk."""
        return self.filter(state__in=("making", "ready"))

    def expired(self) -> ExpressionFileQuerySet:
        return self.filter(expires_at__lte=timezone.now())


def new_key() -> str:
    """What nobody guesses, fit for an address and for the name of a folder."""
    return secrets.token_urlsafe(24)


def end_of_keeping() -> datetime:
    """Until when a file asked for now is kept."""
    return timezone.now() + KEPT_FOR


class ExpressionFile(models.Model):
    """A list of expressions as an Excel file: asked for, made by a worker, fetched, gone."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be made"
        MAKING = "making", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Not made"

    key = models.CharField(max_length=64, unique=True, default=new_key, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="expression_files"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=end_of_keeping, editable=False)
    query = models.TextField("filter", blank=True, help_text="As the list's address has it.")
    sight = models.TextField(help_text="What this person saw when they asked.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    rows_done = models.PositiveIntegerField(default=0, editable=False)
    rows_in_all = models.PositiveIntegerField(default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    failure = models.CharField(max_length=300, blank=True, editable=False)
    # Names the folder it lies in, and who makes it: a new one for each attempt.
    folder_name = models.CharField(max_length=64, blank=True, editable=False)
    alive_at = models.DateTimeField(null=True, editable=False)
    made_at = models.DateTimeField(null=True, editable=False)

    objects = ExpressionFileQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Excel file for {self.asked_by}"

    def get_absolute_url(self) -> str:
        """The page that says how far it is."""
        return reverse("admin:interest_expression_file", args=[self.key])

    @property
    def path(self) -> Path:
        """Where it lies once it is ready."""
        return files_folder() / self.folder_name / "expressions.xlsx"

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.MAKING}


def files_folder() -> Path:
    """Where all of them lie: beside the database, outside every backup."""
    return settings.DATA_DIR / "exports"
