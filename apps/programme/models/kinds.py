"""Kinds of sessions and contributions, and an edition's own names for them."""

from __future__ import annotations

from django.db import models
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy
from simple_history.models import HistoricalRecords

from apps.editions.models import Edition


class SessionKind(models.TextChoices):
    OPENING = "opening", gettext_lazy("Opening")
    KEYNOTE = "keynote", gettext_lazy("Keynote")
    TALKS = "talks", gettext_lazy("Talks")
    INVITED = "invited", gettext_lazy("Invited talks")
    CONTRIBUTED = "contributed", gettext_lazy("Contributed talks")
    INDUSTRY = "industry", gettext_lazy("Industry talks")
    TUTORIAL = "tutorial", gettext_lazy("Tutorial")
    PANEL = "panel", gettext_lazy("Panel")
    DISCUSSION = "discussion", gettext_lazy("Discussion")
    LIGHTNING = "lightning", gettext_lazy("Lightning round")
    POSTERS = "posters", gettext_lazy("Posters")
    DEMOS = "demos", gettext_lazy("Demos")
    CLOSING = "closing", gettext_lazy("Closing")
    BREAK = "break", gettext_lazy("Break")
    LUNCH = "lunch", gettext_lazy("Lunch")
    SOCIAL = "social", gettext_lazy("Social")
    OTHER = "other", gettext_lazy("Other")


class ContributionKind(models.TextChoices):
    KEYNOTE = "keynote", gettext_lazy("Keynote")
    INVITED = "invited", gettext_lazy("Invited talk")
    CONTRIBUTED = "contributed", gettext_lazy("Contributed talk")
    TALK = "talk", gettext_lazy("Talk")
    INDUSTRY = "industry", gettext_lazy("Industry talk")
    LIGHTNING = "lightning", gettext_lazy("Lightning talk")
    POSTER = "poster", gettext_lazy("Poster")
    PAPER = "paper", gettext_lazy("Paper")
    PANEL = "panel", gettext_lazy("Panel")
    DISCUSSION = "discussion", gettext_lazy("Discussion")
    DEMO = "demo", gettext_lazy("Demo")
    TUTORIAL = "tutorial", gettext_lazy("Tutorial")
    OTHER = "other", gettext_lazy("Other")


class SessionLabel(models.Model):
    """An edition's own name for a kind of session; public with the next release, like titles."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="session_labels")
    kind = models.CharField("kind of session", max_length=12, choices=SessionKind)
    label = models.CharField(
        "its name",
        max_length=60,
        help_text="Shown instead of the default name, for example “Talks by partners” for industry talks. "
        "Public with the next release of the programme.",
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = "name of a kind of session"
        verbose_name_plural = "names of kinds of session"
        ordering = ["edition", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "kind"],
                name="one_label_per_kind_of_session",
                violation_error_message=(
                    "This edition already has a name for this kind of session. Change that one."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class ContributionLabel(models.Model):
    """An edition's own name for a kind of contribution; public at once, like their titles."""

    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="contribution_labels"
    )
    kind = models.CharField("kind of contribution", max_length=12, choices=ContributionKind)
    label = models.CharField(
        "its name",
        max_length=60,
        help_text=(
            "Shown instead of the default name, for example “Oral” for contributed talks. "
            "Public immediately."
        ),
    )
    plural = models.CharField(
        "plural",
        max_length=60,
        blank=True,
        help_text="The heading of a list, for example “Orals”. If empty, the name above is used.",
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = "name of a kind of contribution"
        verbose_name_plural = "names of kinds of contribution"
        ordering = ["edition", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "kind"],
                name="one_label_per_kind_of_contribution",
                violation_error_message=(
                    "This edition already has a name for this kind of contribution. Change that one."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.label


def label_of_contributions(edition: Edition, kind: str) -> str:
    """The name of a kind of contribution in `edition`; "" without a kind, or for other ones.

    One query for each Edition object.
    """
    if not kind:
        return ""
    if label := _own_label(edition, kind):
        return label.label
    return "" if kind == ContributionKind.OTHER else str(ContributionKind(kind).label)


def heading_of_contributions(edition: Edition, kind: str, default: str) -> str:
    """The heading of a list of one kind of contribution; `default` unless the edition has a name."""
    label = _own_label(edition, kind)
    return (label.plural or label.label) if label else default


def _own_label(edition: Edition, kind: str) -> ContributionLabel | None:
    prefetch_related_objects([edition], "contribution_labels")  # the first time only
    labels = edition.contribution_labels.all()
    return next((label for label in labels if label.kind == kind), None)
