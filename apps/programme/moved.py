"""Letters to students whose talk or poster is at another time or in another room than before.

They are drafts until a chair releases them. Nobody is written to of what was published first:
only of what a later release moved, and once for each move somebody is told of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from apps.core.locks import fair_turn
from apps.editions.models import Edition
from apps.interest.letter_texts import OF_EVERY_LETTER, day_in_words, values_of
from apps.interest.models import Expression, ExpressionLetter
from apps.interest.services import ChangedMeanwhile
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.mail.services import text_letter
from apps.programme.boards import shift_of
from apps.programme.frozen import timetable_in
from apps.programme.models import ContributionLetter, Origin
from apps.programme.releases import latest_release
from apps.programme.timetable import Day, Entry, SlotEntry

KIND = "programme/moved"
PLACEHOLDERS = OF_EVERY_LETTER | {
    "places": "When and where it is now: session, day, times, room, board",
}
SUBJECT = "New time or room for {reference} at {workshop}"
BODY = """\
Hello {name},

The programme of {workshop} has changed, and with it the time or the room of “{title}”. It is now:

{places}

If you cannot come at that time, please tell us as soon as you can. This link opens your own page \
and is for you alone, so please do not pass this letter on:

{private_link}"""


@dataclass(frozen=True)
class Moved:
    """A student's contribution that moved, and when and where it is now, in words."""

    origin: Origin
    places: str


@dataclass
class Standing:
    """Who is to be told, and which letters there are for it."""

    undrafted: list[Moved] = field(default_factory=list)
    ready: list[ContributionLetter] = field(default_factory=list)
    # They say what is not true any more.
    stale: list[ContributionLetter] = field(default_factory=list)


def standing_of(edition: Edition) -> Standing:
    """How the letters of the latest release stand; four queries, one if nothing was published."""
    places = _places(edition)
    if not places:
        return Standing()
    links = ContributionLetter.objects.for_edition(edition)
    drafts = {
        link.contribution_id: link
        for link in links.drafts().select_related("letter", "contribution")
    }
    told = links.exclude(letter__state=Letter.State.DRAFT).order_by("pk")
    last_told = dict(told.values_list("contribution", "places"))
    standing = Standing()
    for origin in _origins(edition):
        words, has_moved = places.get(origin.contribution_id, ("", False))
        last = last_told.get(origin.contribution_id)
        if not words or (words == last if last is not None else not has_moved):
            continue
        draft = drafts.pop(origin.contribution_id, None)
        if draft is None:
            standing.undrafted.append(Moved(origin, words))
        elif draft.places == words:
            standing.ready.append(draft)
        else:
            standing.stale.append(draft)
            standing.undrafted.append(Moved(origin, words))
    standing.stale += drafts.values()
    return standing


def _origins(edition: Edition) -> list[Origin]:
    """Of those who come, by title."""
    found = Origin.objects.for_edition(edition).filter(
        expression__state=State.CONFIRMED, expression__is_test=False
    )
    return list(found.select_related("expression__edition", "contribution"))


def _places(edition: Edition) -> dict[int, tuple[str, bool]]:
    """Of each contribution when and where it is published, and whether that was ever moved."""
    release = latest_release(edition)
    if release is None:
        return {}
    places: dict[int, tuple[str, bool]] = {}
    for day in timetable_in(release).days:
        for entry in day.entries:
            for slot in entry.slots:
                words, has_moved = places.get(slot.plan.contribution, ("", False))
                here = _in_words(day, entry, slot)
                places[slot.plan.contribution] = (
                    f"{words}; {here}" if words else here,
                    has_moved or slot.plan.sequence > 0,
                )
    return places


def _in_words(day: Day, entry: Entry, slot: SlotEntry) -> str:
    span = slot.span
    if entry.plan.has_shifts:
        span = shift_of(span, slot.board) or span
    on = day_in_words(day.held_on) if day.held_on else f"day {day.number}"
    at = f"{span.starts_at:%H:%M}" if span.starts_at else ""
    if at and span.ends_at:
        at += f"–{span.ends_at:%H:%M}"
    board = f"board {slot.board}" if slot.board else ""
    return ", ".join(filter(None, [entry.title, on, at, entry.room_name, board]))


def draft_letters(*, edition: Edition) -> int:
    """Drafts a letter to each who is to be told and has none that is true; how many they were.

    A draft that is not true any more goes; words somebody gave it stay.
    """
    with fair_turn("submissions"), transaction.atomic():
        _lock(edition)
        standing = standing_of(edition)
        words = {link.contribution_id: (link.subject, link.body) for link in standing.stale}
        _delete(standing.stale)
        for moved in standing.undrafted:
            contribution, expression = moved.origin.contribution, moved.origin.expression
            subject, body = words.get(contribution.pk, (SUBJECT, BODY))
            letter = written(expression, subject=subject, body=body, places=moved.places)
            letter.save()
            # The letter is among the student's, too, and goes when they have their data erased.
            ExpressionLetter.objects.create(expression=expression, letter=letter)
            ContributionLetter.objects.create(
                contribution=contribution,
                letter=letter,
                places=moved.places,
                subject=subject,
                body=body,
            )
    return len(standing.undrafted)


def written(expression: Expression, *, subject: str, body: str, places: str) -> Letter:
    """The letter as it would go out today; a draft, not on record."""
    return text_letter(
        edition=expression.edition,
        kind=KIND,
        subject=subject,
        body=body,
        values=_values(expression, places),
        to_email=expression.email,
        to_name=expression.name,
        link_maker="interest",
        link_subject=expression.pk,
        as_draft=True,
    )


def _values(expression: Expression, places: str) -> Mapping[str, str]:
    return {**values_of(expression), "places": places}


def edit_draft(*, link: ContributionLetter, stamp: str, subject: str, body: str) -> None:
    """Gives one draft words of its own. Raises ChangedMeanwhile if it is not as it was read."""
    with fair_turn("submissions"), transaction.atomic():
        _lock(link.contribution.edition)
        current = _draft(link.pk)
        if current is None or current.stamp != stamp:
            raise ChangedMeanwhile
        current.subject, current.body = subject, body
        current.save()
        _rewrite(current, Letter.State.DRAFT)


def discard_draft(*, link: ContributionLetter) -> bool:
    """This student is not told of this move, and is not offered again; False if it is no draft."""
    drafts = Letter.objects.filter(pk=link.letter_id, state=Letter.State.DRAFT)
    return bool(drafts.update(state=Letter.State.DISCARDED))


def release_letters(*, edition: Edition, seen: Sequence[str]) -> int:
    """Queues those drafts that were `seen` (stamps) and are still so, and true; how many."""
    with fair_turn("submissions"), transaction.atomic():
        _lock(edition)
        wanted = set(seen)
        chosen = [link for link in standing_of(edition).ready if link.stamp in wanted]
        return sum(_rewrite(link, Letter.State.QUEUED) for link in chosen)


def _rewrite(link: ContributionLetter, state: Letter.State) -> int:
    """The letter anew, with what is true of its student and edition now."""
    origin = Origin.objects.select_related("expression__edition").get(
        contribution=link.contribution_id
    )
    anew = written(origin.expression, subject=link.subject, body=link.body, places=link.places)
    columns = (
        *("to_name", "to_email", "reply_to", "link_maker", "link_subject"),
        *("subject", "body_text", "body_html"),
    )
    return Letter.objects.filter(pk=link.letter_id, state=Letter.State.DRAFT).update(
        state=state, due_at=timezone.now(), **{name: getattr(anew, name) for name in columns}
    )


def _draft(pk: int) -> ContributionLetter | None:
    return ContributionLetter.objects.drafts().filter(pk=pk).first()


def _delete(links: Sequence[ContributionLetter]) -> None:
    Letter.objects.filter(
        pk__in=[link.letter_id for link in links], state=Letter.State.DRAFT
    ).delete()


def _lock(edition: Edition) -> None:
    """Presses come one after the other, and none while a release is being published."""
    Edition.objects.select_for_update().get(pk=edition.pk)
