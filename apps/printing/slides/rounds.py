"""Lightning rounds: their talks in running order, with names, times and slides.

Chairs expect the order that was published, so a round is read from the latest release. Only a round that
no release has yet is read from the draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext

from apps.core.inline_markup import plain_title
from apps.editions.models import Edition
from apps.programme.local_times import Span
from apps.programme.models import Contribution, LinkKind, Origin, Session
from apps.programme.releases import latest_release
from apps.programme.timetable import (
    ScheduledSession,
    ScheduledSlot,
    build_timetable,
    draft_sessions,
    load_texts,
    timetable_of_release,
)
from apps.registration.models import Registration


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of one talk in a round."""

    number: int  # from 1
    title: str
    names: str = ""
    affiliation: str = ""
    pronunciation: str = ""
    span: Span = field(default_factory=Span)
    contribution: Contribution | None = None  # None: deleted, or not published
    slides: FieldFile | None = None  # a PDF
    elsewhere: str = ""  # slides that are no PDF here: the name of a file, or an address

    @property
    def seconds(self) -> int | None:
        """The length of the talk; None while it is unknown."""
        if not self.span.begin or not self.span.finish:
            return None
        return int(self.span.finish.timestamp() - self.span.begin.timestamp())


@dataclass(frozen=True, slots=True)
class Round:
    """A lightning round in running order."""

    edition: Edition
    session: ScheduledSession
    turns: list[Turn]
    is_draft: bool  # no release has it
    has_other_draft: bool  # the draft has other talks, or another order


def find_round(edition: Edition, pk: int, *, only_published: bool = False) -> Round | None:
    """The lightning round with the key `pk`; None if there is none.

    With `only_published` the public programme alone: nothing of a draft, and no names or slides of
    talks that are not published.
    """
    release = latest_release(edition)
    published = timetable_of_release(release).sessions() if release else ()
    found = next((row for row in published if _is_round(row, pk)), None)
    draft = (
        None
        if only_published
        else next((row for row in draft_sessions(edition) if _is_round(row, pk)), None)
    )
    session = found or draft
    if session is None or (found is None and only_published):
        return None
    if found is None:
        build_timetable([session], zone=edition.zone, first_day=edition.starts_on)
    load_texts([session], edition=edition, only_published=only_published)
    return Round(
        edition,
        session,
        _turns(edition, session),
        is_draft=found is None,
        has_other_draft=found is not None and draft is not None and _order(found) != _order(draft),
    )


def list_rounds(edition: Edition) -> list[ScheduledSession]:
    """The published rounds, and those of the draft that no release has, without texts."""
    release = latest_release(edition)
    timetable = timetable_of_release(release) if release else None
    published = [row for row in timetable.sessions() if _is_round(row)] if timetable else []
    draft = build_timetable(draft_sessions(edition), zone=edition.zone, first_day=edition.starts_on)
    keys = {row.pk for row in published}
    new = [row for row in draft.sessions() if _is_round(row) and row.pk not in keys]
    return published + new


def _is_round(session: ScheduledSession, pk: int | None = None) -> bool:
    return session.kind == Session.Kind.LIGHTNING and pk in {None, session.pk}


def _order(session: ScheduledSession) -> list[int]:
    return [slot.contribution_id for slot in session.slots]


def _turns(edition: Edition, session: ScheduledSession) -> list[Turn]:
    """One for each talk; if no talk has a length, all get an equal part of the session."""
    slots = session.shown_slots
    spans = [slot.span for slot in slots]
    lengths = [slot.minutes for slot in session.slots]
    if slots and session.minutes and not any(lengths):
        part = session.minutes // len(slots)
        spans = [session.span.part(number * part, part) for number in range(len(slots))]
    pronunciations = _pronunciations(edition, slots)
    return [
        replace(_turn(number, slot, pronunciations), span=span)
        for number, (slot, span) in enumerate(zip(slots, spans, strict=True), start=1)
    ]


def _turn(number: int, slot: ScheduledSlot, pronunciations: Mapping[tuple, str]) -> Turn:
    row = slot.contribution
    if row is None:
        return Turn(number, gettext("Talk %(number)d") % {"number": number})
    presenters = row.presenters
    affiliations = dict.fromkeys(
        line for one in presenters for line in one.shown_affiliation.splitlines() if line.strip()
    )
    said = [
        words
        for one in presenters
        if (words := pronunciations.get(one.identity) or pronunciations.get((row.pk, one.name)))
    ]
    return Turn(
        number,
        plain_title(row.title) or str(row),
        names=", ".join(one.shown_name for one in presenters),
        affiliation="; ".join(affiliations),
        pronunciation="; ".join(said),
        contribution=row,
        slides=row.slides or _linked_pdf(row),
        elsewhere="" if row.slides else _slides_elsewhere(row),
    )


def _linked_pdf(row: Contribution) -> FieldFile | None:
    """A PDF among the further files that is named as slides."""
    files = [link.file for link in row.links.all() if link.kind == LinkKind.SLIDES and link.file]
    return next((file for file in files if (file.name or "").endswith(".pdf")), None)


def _slides_elsewhere(row: Contribution) -> str:
    """The file or address of slides that cannot be merged, as a person needs it to find them."""
    if row.slides_url:
        return row.slides_url
    links = [link for link in row.links.all() if link.kind == LinkKind.SLIDES]
    return next((link.url or f"{row.slug}-{link.kind}{link.suffix}" for link in links), "")


def _pronunciations(edition: Edition, slots: list[ScheduledSlot]) -> dict[tuple, str]:
    """Pronunciations of names as people gave them when they registered; two queries.

    By the identity of the credit, or by contribution and name of a student.
    """
    keys = {slot.contribution_id for slot in slots}
    rows = Registration.objects.filter(edition=edition).exclude(pronunciation="")
    rows = rows.exclude(status=Registration.Status.CANCELLED)
    said: dict[tuple, str] = {
        ("person", str(row.person_id)): row.pronunciation
        for row in rows.filter(person__contributor_credits__contribution__in=keys)
    }
    origins = Origin.objects.filter(contribution__in=keys)
    by_expression = dict(origins.values_list("expression_id", "contribution_id"))
    for row in rows.filter(expression__in=by_expression):
        said[by_expression[row.expression_id or 0], row.name] = row.pronunciation
    return said
