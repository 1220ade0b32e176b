"""The kinds of entry in programme.yaml."""

from collections.abc import Iterator
from datetime import time
from typing import Any

from apps.editions.models import Edition
from apps.imports.folders.entries import LINES, Entry, ListOf
from apps.imports.folders.values import CLOCK_TIME, LINE, SLUG, WHOLE_NUMBER, YES_NO
from apps.imports.folders.yaml_text import Fault
from apps.programme.local_times import minutes_until
from apps.programme.models import (
    Contribution,
    ContributionLink,
    Contributor,
    Room,
    Session,
    SessionChair,
    SessionLabel,
    Slot,
)


class ChairEntry(Entry):
    model = SessionChair
    key = ("person", "name")
    parent = "session"
    shapes = {"affiliation": LINES}


class ContributorEntry(Entry):
    model = Contributor
    key = ("person", "name")
    parent = "contribution"
    shapes = {"affiliation": LINES}


class LinkEntry(Entry):
    """A link or file of a contribution beside those that have a field of their own."""

    model = ContributionLink
    key = ("kind", "label")
    parent = "contribution"
    columns = {"link": "url"}
    files = {"file": "attachments"}


class TimedEntry(Entry):
    """An entry with a beginning and an end, as far as these are known."""

    def problems(self) -> Iterator[str | Fault]:
        starts_at, ends_at = self["starts_at"], self["ends_at"]
        if starts_at and ends_at and ends_at <= starts_at:
            yield (
                f"this must end after it begins: {ends_at:%H:%M} is not after {starts_at:%H:%M}. "
                "If it passes midnight, write “minutes” instead"
            )
        elif ends_at and self["minutes"] is not None:
            yield "write either “ends_at” or “minutes”"
        elif ends_at and not starts_at:
            yield "there is an end, so there must be a line “starts_at”"

    @property
    def clock_minutes(self) -> int | None:
        """How long it lasts by the clock."""
        if self["starts_at"] and self["ends_at"]:
            return _minute_of_day(self["ends_at"]) - _minute_of_day(self["starts_at"])
        minutes: int | None = self["minutes"]
        return minutes


class ContributionEntry(TimedEntry):
    model = Contribution
    columns = {
        **{name: f"{name}_url" for name in ("slides", "video", "paper", "arxiv", "code", "poster")},
        "more": "more_url",
        "slides_file": "slides",
    }
    shapes = {
        "starts_at": CLOCK_TIME,
        "ends_at": CLOCK_TIME,
        "minutes": WHOLE_NUMBER,
        "board": LINE,
        "contributors": ListOf(ContributorEntry),
        "topics": ListOf(SLUG),
        "links": ListOf(LinkEntry),
    }
    # In a session the kind follows from that of the session.
    defaults = {"is_published": True, "board": "", "kind": Contribution.Kind.PAPER.value}
    files = {"slides_file": "slides"}

    def related_rows(self) -> Iterator[Entry]:
        for number, topic in enumerate(self["topics"], start=1):
            place = self.place.at("topics", number)
            yield TopicOfContribution(place, {"contribution": self["slug"], "topic": topic})

    def follow_session(self, kind: str) -> None:
        """Take the kind of contribution that a session of `kind` consists of, unless it is written."""
        if "kind" not in self.written:
            own = kind.removesuffix("s")  # a session of posters has a poster
            is_known = own in Contribution.Kind.values and kind != Session.Kind.OTHER
            self.values["kind"] = own if is_known else Contribution.Kind.INVITED.value


class TopicOfContribution(Entry):
    model = Contribution.topics.through
    key = ("topic",)
    parent = "contribution"

    @classmethod
    def rows_name(cls, count: int) -> str:
        return "topic of a contribution" if count == 1 else "topics of contributions"


class RoomEntry(Entry):
    """A room, made when a session names it; organisers set the order of rooms."""

    model = Room
    key = ("name",)

    @classmethod
    def is_ordered(cls) -> bool:
        return False


class SlotEntry(Entry):
    """The place of a contribution in a session."""

    model = Slot
    key = ("contribution",)
    parent = "session"


class SessionEntry(TimedEntry):
    model = Session
    needed = ("kind",)
    shapes = {
        "ends_at": CLOCK_TIME,
        "room": LINE,
        "chairs": ListOf(ChairEntry),
        "contributions": ListOf(ContributionEntry),
        "repeats": ListOf(SLUG),
    }

    def problems(self) -> Iterator[str | Fault]:
        yield from super().problems()
        starts_at, ends_at = self["starts_at"], self["ends_at"]
        for entry in self["contributions"]:
            is_early = entry["starts_at"] and starts_at and entry["starts_at"] < starts_at
            is_late = entry["ends_at"] and ends_at and entry["ends_at"] > ends_at
            if is_early or is_late:
                yield entry.fault(f"“{entry['slug']}” lies outside the hours of its session")
                return
        if starts_at and self["kind"] != Session.Kind.POSTERS:
            yield from self._gaps()

    def _gaps(self) -> Iterator[Fault]:
        """A session stores order and minutes, from which start times follow: gaps would be lost."""
        now: int | None = _minute_of_day(self["starts_at"])
        for entry in self["contributions"]:
            starts_at = entry["starts_at"]
            if starts_at and now != _minute_of_day(starts_at):
                before = "it is not known when" if now is None else f"at {now // 60}:{now % 60:02}"
                yield entry.fault(
                    f"“{entry['slug']}” begins at {starts_at:%H:%M}, but {before} what is before "
                    "it is over. Make two sessions of it, or change the times",
                    "starts_at",
                )
                return
            minutes = entry.clock_minutes
            now = None if now is None or minutes is None else now + minutes

    def row_values(self, edition: Edition) -> dict[str, Any]:
        """Return the columns, with elapsed minutes, also on the night the clocks change."""
        minutes = self["minutes"]
        if self["starts_at"] and self["ends_at"]:
            minutes = minutes_until(
                first_day=edition.starts_on,
                zone=edition.zone,
                day=self["day"],
                starts_at=self["starts_at"],
                ends_at=self["ends_at"],
            )
        room = self["room"] or None
        return super().row_values(edition) | {"minutes": minutes, "room": room}

    def related_rows(self) -> Iterator[Entry]:
        if self["room"]:
            yield RoomEntry(self.place, {"name": self["room"]})
        session = self["slug"]
        for entry in self["contributions"]:
            entry.follow_session(self["kind"])
            values = {"minutes": entry.clock_minutes, "board": entry["board"]}
            key = {"session": session, "contribution": entry["slug"]}
            yield SlotEntry(entry.place, key | values)
        for number, slug in enumerate(self["repeats"], start=1):
            place = self.place.at("repeats", number)
            yield SlotEntry(place, {"session": session, "contribution": slug})


class SessionLabelEntry(Entry):
    model = SessionLabel
    key = ("kind",)


class ProgrammePartEntry(Entry):
    """A file in programme/: a part of the lists of programme.yaml."""

    shapes = {
        "session_labels": ListOf(SessionLabelEntry),
        "sessions": ListOf(SessionEntry),
        "contributions": ListOf(ContributionEntry),
    }

    def problems(self) -> Iterator[Fault]:
        for entry in self["contributions"]:
            for name in sorted(entry.written & {"starts_at", "ends_at", "minutes", "board"}):
                message = f"{name}: a contribution that is in no session has none"
                yield entry.fault(message, name)


class ProgrammeEntry(ProgrammePartEntry):
    shapes = {
        "is_published": YES_NO,
        "lists_in_order": YES_NO,
        **ProgrammePartEntry.shapes,
    }
    defaults = {"is_published": False, "lists_in_order": False}


class ListedContributionEntry(ContributionEntry):
    """A row of contributions.csv, which names its session, if it has one."""

    shapes = {**ContributionEntry.shapes, "session": SLUG}
    defaults = {**ContributionEntry.defaults, "session": ""}


def _minute_of_day(at: time) -> int:
    return at.hour * 60 + at.minute
