"""What a student's own page tells of the programme: their place, their slides, what is pending.

Only what is in a published release is told of day, time, room and board: a draft may change yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.contributors.snapshot import Field
from apps.contributors.student_edits import differences_of
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.programme.cancelled import timetable_of_release
from apps.programme.models import Contribution, Origin
from apps.programme.releases import latest_release
from apps.programme.scheduling.poster_boards import half_of, shift_of
from apps.programme.timetable import ScheduledSession, ScheduledSlot

# Others were never brought in, or went back into review and are nobody's to come.
_MAY_BE_ON_IT = {State.CONFIRMED, State.WITHDRAWN, State.CANCELLED}


@dataclass(frozen=True)
class Place:
    """Where and when something is, as it is published."""

    entry: ScheduledSession
    slot: ScheduledSlot
    kind: str

    @property
    def is_about(self) -> bool:
        """Whether its start follows from those before it, and may slip."""
        return not self.entry.is_simultaneous and len(self.entry.slots) > 1

    @property
    def zone(self) -> str:
        """ "BST"."""
        return self.slot.starts.tzname() or "" if self.slot.starts else ""

    @property
    def attendance(self) -> str:
        """When to be at the board: "16:00–16:45", "first half"; nothing without shifts."""
        if not self.entry.has_shifts or not self.entry.is_simultaneous:
            return ""
        span = shift_of(self.entry.span, self.slot.board)
        if span is None:
            return half_of(self.slot.board)
        return f"{span.starts_at:%H:%M}–{span.ends_at:%H:%M}"


def origin_of(expression: Expression) -> Origin | None:
    """Its way to the programme, if it was brought in and may still be seen there; one query."""
    if expression.state not in _MAY_BE_ON_IT:
        return None
    found = Origin.objects.select_related("contribution").filter(expression=expression).first()
    if found is not None:
        found.expression = expression
    return found


def places_of(contribution: Contribution) -> list[Place]:
    """Its places in the latest release, in their order; one query."""
    release = latest_release(contribution.edition)
    if release is None:
        return []
    return [
        Place(entry, slot, Contribution.Kind(slot.own_kind or contribution.kind).label)
        for entry in timetable_of_release(release).sessions()
        for slot in entry.slots
        if slot.contribution_id == contribution.pk
    ]


def draw(expression: Expression, request: HttpRequest) -> SafeString:
    """The panel; nothing while it is not on the programme."""
    origin = origin_of(expression)
    if origin is None:
        return SafeString("")
    origin.contribution.edition = expression.edition
    context = {
        "expression": expression,
        "edition": expression.edition,
        "contribution": origin.contribution,
        "is_coming": expression.state == State.CONFIRMED,
        "places": places_of(origin.contribution),
        "pending": _pending(origin),
    }
    return render_to_string("contributors/student_panel.html", context, request)


def everything_about(expression: Expression) -> dict[str, Any] | None:
    """What the programme holds of it, for the student's own file; None if nothing."""
    origin = Origin.objects.select_related("contribution").filter(expression=expression).first()
    if origin is None:
        return None
    contribution = origin.contribution
    return {
        "title": contribution.title,
        "abstract": contribution.abstract,
        "contributors": [
            {"name": one.shown_name, "affiliation": one.shown_affiliation, "role": one.role}
            for one in contribution.contributors.select_related("person")
        ],
        "topics": [topic.heading for topic in contribution.topics.all()],
        "is_published": contribution.is_published,
        "slides": contribution.slides.name or "",
        "format": origin.format,
        "brought_in_at": origin.brought_in_at,
        "taken_over": origin.taken,
        "left_as_it_was": origin.left,
    }


def _pending(origin: Origin) -> list[str]:
    """What the student changed and nobody decided on yet, in the words of its fields."""
    headings = dict(origin.expression.edition.topics.values_list("pk", "heading"))
    return [
        one.field.label.lower()
        for one in differences_of(origin, headings)
        if one.field is not Field.STANDING
    ]
