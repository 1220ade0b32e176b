"""Letters to students, speakers and chairs whose talk, poster or session is at another time or in
another room now.

They are drafts until a chair releases them. Nobody is written to of what was published first:
only of what a later release moved, and once for each move somebody is told of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from apps.core.exceptions import ChangedMeanwhile
from apps.core.locks import fair_turn
from apps.editions.models import Edition
from apps.interest.models import ExpressionLetter
from apps.mail.models import Letter, LetterText
from apps.mail.services import text_letter
from apps.mail.texts import format_day, text_of, texts_of
from apps.programme.addressees import Addressee, addressees_of
from apps.programme.cancelled import timetable_of_release
from apps.programme.letter_texts import MOVED, MOVED_SESSION
from apps.programme.models import Contribution, ContributionLetter, Session
from apps.programme.releases import latest_release
from apps.programme.scheduling.local_times import Span
from apps.programme.scheduling.poster_boards import shift_of
from apps.programme.timetable import Day, ScheduledSession, ScheduledSlot


@dataclass(frozen=True)
class Moved:
    """Somebody whose contribution or session moved, and when and where it is now, in words."""

    to: Addressee
    places: str


@dataclass
class Standing:
    """Who is to be told, and which letters there are for it."""

    undrafted: list[Moved] = field(default_factory=list)
    ready: list[ContributionLetter] = field(default_factory=list)
    # They say what is not true any more.
    stale: list[ContributionLetter] = field(default_factory=list)


def standing_of(edition: Edition) -> Standing:
    """How the letters of the latest release stand; eight queries, one if nothing was published."""
    places = _places(edition)
    if not places:
        return Standing()
    texts = texts_of(edition, [MOVED, MOVED_SESSION])
    links = ContributionLetter.objects.for_edition(edition)
    drafts = {link.key: link for link in links.drafts().with_all()}
    told = links.exclude(letter__state=Letter.State.DRAFT).order_by("pk")
    last_told = {link.key: link.places for link in told.defer("subject", "body")}
    standing = Standing()
    for to in addressees_of(edition):
        words, has_moved = places.get(to.place, ("", False))
        last = last_told.get(to.key)
        if not words or (words == last if last is not None else not has_moved):
            continue
        draft = drafts.pop(to.key, None)
        if draft is None:
            standing.undrafted.append(Moved(to, words))
        elif draft.places == words and (draft.has_own_words or _says(draft, texts[to.kind])):
            standing.ready.append(draft)
        else:
            standing.stale.append(draft)
            standing.undrafted.append(Moved(to, words))
    standing.stale += drafts.values()
    return standing


def _says(draft: ContributionLetter, text: LetterText) -> bool:
    return (draft.subject, draft.body) == (text.subject, text.body)


def _places(edition: Edition) -> dict[tuple[str, int], tuple[str, bool]]:
    """Of each contribution and session when and where it is published, and whether that was ever moved."""
    release = latest_release(edition)
    if release is None:
        return {}
    places: dict[tuple[str, int], tuple[str, bool]] = {}
    for day in timetable_of_release(release).days:
        for entry in day.sessions:
            there = _when_and_where(day, entry.span, entry.room_name)
            places["session", entry.pk] = there, entry.sequence > 0
            for slot in entry.slots:
                key = "contribution", slot.contribution_id
                words, has_moved = places.get(key, ("", False))
                here = _in_words(day, entry, slot)
                places[key] = (
                    f"{words}; {here}" if words else here,
                    has_moved or slot.sequence > 0,
                )
    return places


def _in_words(day: Day, entry: ScheduledSession, slot: ScheduledSlot) -> str:
    span = slot.span
    if entry.has_shifts:
        span = shift_of(span, slot.board) or span
    board = f"board {slot.board}" if slot.board else ""
    there = _when_and_where(day, span, entry.room_name)
    return ", ".join(filter(None, [entry.title, there, board]))


def _when_and_where(day: Day, span: Span, room_name: str) -> str:
    on = format_day(day.held_on) if day.held_on else f"day {day.number}"
    at = f"{span.starts_at:%H:%M}" if span.starts_at else ""
    if at and span.ends_at:
        at += f"–{span.ends_at:%H:%M}"
    return ", ".join(filter(None, [on, at, room_name]))


def draft_letters(*, edition: Edition) -> int:
    """Drafts a letter to each who is to be told and has none that is true; how many they were.

    A draft that is not true any more goes; words somebody gave it stay.
    """
    with fair_turn("submissions"), transaction.atomic():
        _lock(edition)
        standing = standing_of(edition)
        own = {link.key: link for link in standing.stale if link.has_own_words}
        texts = texts_of(edition, [MOVED, MOVED_SESSION])
        _delete(standing.stale)
        for moved in standing.undrafted:
            to = moved.to
            words = own.get(to.key) or texts[to.kind]
            subject, body = words.subject, words.body
            letter = written(to, edition=edition, subject=subject, body=body, places=moved.places)
            letter.save()
            if to.expression is not None:
                # It is among the student's letters, and goes when they have their data erased.
                ExpressionLetter.objects.create(expression=to.expression, letter=letter)
            ContributionLetter.objects.create(
                contribution=to.about if isinstance(to.about, Contribution) else None,
                session=to.about if isinstance(to.about, Session) else None,
                person=to.person,
                letter=letter,
                places=moved.places,
                subject=subject,
                body=body,
                has_own_words=to.key in own,
            )
    return len(standing.undrafted)


def written(to: Addressee, *, edition: Edition, subject: str, body: str, places: str) -> Letter:
    """The letter as it would go out today; a draft, not on record."""
    return text_letter(
        edition=edition,
        kind=to.kind,
        subject=subject,
        body=body,
        values={**to.values(edition), "places": places},
        to_email=to.email,
        to_name=to.name,
        link_maker=to.link_maker,
        link_subject=to.link_subject,
        as_draft=True,
    )


def addressee_of(link: ContributionLetter) -> Addressee | None:
    """To whom it goes; None if they are not to be written to any more."""
    edition = link.edition
    return {to.key: to for to in addressees_of(edition)}.get(link.key)


def edit_draft(*, link: ContributionLetter, stamp: str, subject: str, body: str) -> None:
    """Gives one draft words of its own. Raises ChangedMeanwhile if it is not as it was read."""
    edition = link.edition
    with fair_turn("submissions"), transaction.atomic():
        _lock(edition)
        current = ContributionLetter.objects.drafts().with_all().filter(pk=link.pk).first()
        to = addressee_of(link)
        if current is None or to is None or current.stamp != stamp:
            raise ChangedMeanwhile
        current.subject, current.body = subject, body
        current.has_own_words = not _says(current, text_of(edition, to.kind))
        current.save()
        _rewrite(current, to, edition, Letter.State.DRAFT)


def discard_draft(*, link: ContributionLetter) -> bool:
    """This one is not told of this move, and is not offered again; False if it is no draft."""
    drafts = Letter.objects.filter(pk=link.letter_id, state=Letter.State.DRAFT)
    return bool(drafts.update(state=Letter.State.DISCARDED))


def release_letters(*, edition: Edition, seen: Sequence[str]) -> int:
    """Queues those drafts that were `seen` (stamps) and are still so, and true; how many."""
    with fair_turn("submissions"), transaction.atomic():
        _lock(edition)
        wanted = set(seen)
        chosen = [link for link in standing_of(edition).ready if link.stamp in wanted]
        known = {to.key: to for to in addressees_of(edition)}
        return sum(_rewrite(link, known[link.key], edition, Letter.State.QUEUED) for link in chosen)


def _rewrite(link: ContributionLetter, to: Addressee, edition: Edition, state: Letter.State) -> int:
    """The letter anew, with what is true of its reader and edition now."""
    anew = written(to, edition=edition, subject=link.subject, body=link.body, places=link.places)
    columns = (
        *("to_name", "to_email", "reply_to", "link_maker", "link_subject"),
        *("subject", "body_text", "body_html"),
    )
    return Letter.objects.filter(pk=link.letter_id, state=Letter.State.DRAFT).update(
        state=state, due_at=timezone.now(), **{name: getattr(anew, name) for name in columns}
    )


def _delete(links: Sequence[ContributionLetter]) -> None:
    Letter.objects.filter(
        pk__in=[link.letter_id for link in links], state=Letter.State.DRAFT
    ).delete()


def _lock(edition: Edition) -> None:
    """Presses come one after the other, and none while a release is being published."""
    Edition.objects.select_for_update().get(pk=edition.pk)
