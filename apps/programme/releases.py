"""Publishing the programme: the public reads the latest release, never the draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from apps.accounts.models import User
from apps.core.exceptions import NotAllowed
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.programme.cancelled import (
    Cancelled,
    bump_sequences,
    cancelled_in,
    cancelled_since,
    timetable_of_release,
)
from apps.programme.conflicts import find_conflicts
from apps.programme.models import Contribution, ProgrammeRelease
from apps.programme.timetable import (
    ScheduledSession,
    Timetable,
    draft_timetable,
    load_texts,
    snapshot,
    snapshot_session,
)


class NothingNew(NotAllowed):
    """The draft is published already."""


@dataclass(frozen=True)
class DraftVersion:
    """The draft a person looked at, so that only that is published."""

    after: int  # number of the release before, or 0
    dates: str  # first day and time zone
    sessions: dict[int, str]  # primary key → token of its content, in order

    @classmethod
    def of(cls, timetable: Timetable, edition: Edition, before: ProgrammeRelease | None) -> Self:
        """The version of the draft `timetable`, which follows the release `before`."""
        return cls(
            before.number if before else 0,
            f"{edition.starts_on or '-'}/{edition.time_zone}",
            {
                session.pk: version_token(snapshot_session(session))
                for session in timetable.sessions()
            },
        )

    def __str__(self) -> str:
        """The value of a form's hidden field."""
        sessions = (f"{pk}:{token}" for pk, token in self.sessions.items())
        return " ".join([str(self.after), self.dates, *sessions])

    @classmethod
    def parse(cls, text: str) -> Self:
        """The version that `str` wrote. Raises ValueError for any other text."""
        after, dates, *sessions = text.split(" ")
        pairs = (session.split(":") for session in sessions)
        return cls(int(after), dates, {int(pk): token for pk, token in pairs})

    def changes_to(self, now: DraftVersion, timetable: Timetable) -> str:
        """A sentence that names the differences to `now`, the version of `timetable`, or ""."""
        if str(now) == str(self):  # includes the order of sessions
            return ""
        if now.after != self.after:
            return (
                f"Release {now.after} was published meanwhile in another window. "
                "Look at what is left to publish."
            )
        if now.dates != self.dates:
            return "First day or time zone of the edition were changed meanwhile. Look at it once more."
        titles = [
            session.title
            for session in timetable.sessions()
            if self.sessions.get(session.pk) != now.sessions[session.pk]
        ]
        named = ", ".join(f"“{title}”" for title in titles[:3])
        if len(titles) > 3:
            named += f" and {len(titles) - 3} more"
        gone = len(self.sessions.keys() - now.sessions.keys())
        removed = f"{gone} removed" if gone else ""
        changed = " and ".join(filter(None, [named, removed])) or "The order of the sessions"
        return f"Changed since you looked: {changed}. Look at it once more."


@dataclass(frozen=True)
class PublishedProgramme:
    """The public part of an edition's programme."""

    release: ProgrammeRelease
    timetable: Timetable
    cancelled: list[Cancelled]  # for calendars that read an earlier release


def latest_release(edition: Edition) -> ProgrammeRelease | None:
    """The latest release, or None; one query."""
    return ProgrammeRelease.objects.for_edition(edition).first()


def published_programme(
    edition: Edition,
    *,
    texts_of: Callable[[Timetable], Iterable[ScheduledSession]] = Timetable.sessions,
    with_topics: bool = True,
) -> PublishedProgramme | None:
    """The latest release with today's texts; at most seven queries, or one if there is none.

    `texts_of` chooses the sessions whose texts are loaded. Contributions that are not published
    stay None. The caller checks whether the edition itself is public.
    """
    release = latest_release(edition)
    if release is None:
        return None
    timetable = timetable_of_release(release)
    load_texts(texts_of(timetable), edition=edition, only_published=True, with_topics=with_topics)
    return PublishedProgramme(release, timetable, cancelled_in(release))


def published_slots(
    edition: Edition, contribution: Contribution | None
) -> PublishedProgramme | None:
    """The latest release with the published `contribution` alone, or without texts; one query."""
    release = latest_release(edition)
    if release is None:
        return None
    timetable = timetable_of_release(release)
    for slot in timetable.slots():
        if contribution is not None and slot.contribution_id == contribution.pk:
            slot.contribution = contribution
    return PublishedProgramme(release, timetable, cancelled_in(release))


def published_timetable(
    edition: Edition,
    *,
    texts_of: Callable[[Timetable], Iterable[ScheduledSession]] = Timetable.sessions,
) -> Timetable | None:
    """The timetable of `published_programme`."""
    published = published_programme(edition, texts_of=texts_of)
    return published.timetable if published else None


def publish_programme(
    *,
    edition: Edition,
    by: User | None,
    note: str = "",
    seen: DraftVersion | None = None,
    shows: bool = False,
) -> ProgrammeRelease:
    """Publish the draft as the next release.

    With `shows` the contributions in it are published too. With `seen` only that version is
    published. Raises NotAllowed if a conflict prevents it, if the draft is another version, or if
    it is empty; NothingNew if it is published already, for example by a first click.
    """
    with transaction.atomic():
        # The lock makes two clicks wait for each other.
        edition = Edition.objects.select_for_update().get(pk=edition.pk)
        before = latest_release(edition)
        timetable = draft_timetable(edition)
        version = DraftVersion.of(timetable, edition, before)
        bump_sequences(timetable, before)
        plan = snapshot(timetable)
        if before is None and not plan:
            raise NotAllowed("There is no session yet, so there is nothing to publish.")
        if before is not None and (
            (plan, edition.time_zone, edition.starts_on)
            == (before.plan, before.time_zone, before.first_day)
        ):
            raise NothingNew(f"Nothing has changed since release {before.number}.")
        if seen is not None and (changes := seen.changes_to(version, timetable)):
            raise NotAllowed(changes)
        conflicts = find_conflicts(timetable, edition=edition)
        if reasons := [str(conflict) for conflict in conflicts if conflict.prevents_publishing]:
            raise NotAllowed(" ".join(["Not published.", *reasons]))
        if shows:
            _publish_contributions(timetable, by)
        return ProgrammeRelease.objects.create(
            edition=edition,
            number=before.number + 1 if before else 1,
            published_at=timezone.now(),
            published_by=by,
            note=note,
            time_zone=edition.time_zone,
            first_day=edition.starts_on,
            plan=plan,
            cancelled=[item.as_json() for item in cancelled_since(before, timetable)],
        )


def _publish_contributions(timetable: Timetable, by: User | None) -> None:
    hidden = {
        slot.contribution.pk: slot.contribution
        for slot in timetable.slots()
        if slot.contribution and not slot.contribution.is_published
    }
    for contribution in hidden.values():
        contribution.is_published = True
    bulk_update_with_history(
        list(hidden.values()), Contribution, ["is_published"], default_user=by, batch_size=500
    )
