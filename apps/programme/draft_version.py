"""What somebody looked at before they pressed, so that nothing else is published."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from apps.editions.models import Edition
from apps.programme.models import ProgrammeRelease
from apps.programme.timetable import Entry, Timetable


@dataclass(frozen=True)
class Seen:
    """A draft as it stood when it was shown: the release it follows, its frame, its sessions."""

    after: int  # the number of the release before, or 0
    frame: str  # first day and time zone
    sessions: dict[int, str]  # key → a word that changes with the session

    @classmethod
    def of(cls, timetable: Timetable, edition: Edition, before: ProgrammeRelease | None) -> Self:
        """`timetable` as it stands now."""
        return cls(
            before.number if before else 0,
            f"{edition.starts_on or '-'}/{edition.time_zone}",
            {entry.plan.pk: _word_of(entry) for entry in timetable.entries()},
        )

    def __str__(self) -> str:
        """For a form's hidden field."""
        sessions = (f"{pk}:{word}" for pk, word in self.sessions.items())
        return " ".join([str(self.after), self.frame, *sessions])

    @classmethod
    def read(cls, words: str) -> Self:
        """What `str` made. Raises ValueError for anything else."""
        after, frame, *sessions = words.split(" ")
        pairs = (session.split(":") for session in sessions)
        return cls(int(after), frame, {int(pk): word for pk, word in pairs})


def changed_since(
    seen: Seen, timetable: Timetable, edition: Edition, before: ProgrammeRelease | None
) -> str:
    """A sentence that names what is not as it was `seen`; empty if all is."""
    now = Seen.of(timetable, edition, before)
    if str(now) == str(seen):  # their order, too
        return ""
    if now.after != seen.after:
        return (
            f"Release {now.after} was published meanwhile in another window. "
            "Look at what is left to publish."
        )
    if now.frame != seen.frame:
        return "First day or time zone of the edition were changed meanwhile. Look at it once more."
    titles = [
        entry.title
        for entry in timetable.entries()
        if seen.sessions.get(entry.plan.pk) != now.sessions[entry.plan.pk]
    ]
    named = ", ".join(f"“{title}”" for title in titles[:3])
    if len(titles) > 3:
        named += f" and {len(titles) - 3} more"
    gone = len(seen.sessions.keys() - now.sessions.keys())
    removed = f"{gone} removed" if gone else ""
    what = " and ".join(filter(None, [named, removed])) or "The order of the sessions"
    return f"Changed since you looked: {what}. Look at it once more."


def _word_of(entry: Entry) -> str:
    return blake2b(repr(entry.plan).encode(), digest_size=6).hexdigest()
