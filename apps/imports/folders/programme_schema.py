"""The kinds of entry in programme.yaml."""

from collections.abc import Iterable, Iterator
from datetime import time
from typing import Any

from django.utils.text import get_text_list

from apps.editions.models import Edition
from apps.imports.folders.entries import LINES, Entry, ListOf
from apps.imports.folders.values import CLOCK_TIME, LINE, SLUG, WHOLE_NUMBER, YES_NO, choice
from apps.imports.folders.yaml_text import Fault
from apps.programme.local_times import minutes_until
from apps.programme.models import (
    Contribution,
    ContributionLabel,
    ContributionLink,
    Contributor,
    Room,
    Session,
    SessionChair,
    SessionLabel,
    Slot,
)

_MINUTES_OF_DAY = 24 * 60


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

    def row_values(self, edition: Edition) -> dict[str, Any]:
        """Return the columns; an address takes the place of a file."""
        return super().row_values(edition) | ({"file": ""} if self["link"] else {})


class TimedEntry(Entry):
    """An entry with a beginning and an end, as far as these are known."""

    shapes = {"starts_at": CLOCK_TIME, "ends_at": CLOCK_TIME, "minutes": WHOLE_NUMBER}

    def problems(self) -> Iterator[str | Fault]:
        starts_at, ends_at = self["starts_at"], self["ends_at"]
        if starts_at and ends_at and ends_at <= starts_at:
            yield (
                f"the end must be after the start: {ends_at:%H:%M} is not after {starts_at:%H:%M}. "
                "If it goes past midnight, write “minutes” instead of the end"
            )
        elif ends_at and self["minutes"] is not None:
            yield "write either “ends_at” or “minutes”"
        elif ends_at and not starts_at:
            yield "an end needs a start. Add a line “starts_at”"

    @property
    def clock_minutes(self) -> int | None:
        """How long it lasts by the clock."""
        if self["starts_at"] and self["ends_at"]:
            return _minute_of_day(self["ends_at"]) - _minute_of_day(self["starts_at"])
        minutes: int | None = self["minutes"]
        return minutes


class PlacedEntry(TimedEntry):
    """An entry that has a place in a session; `starts_after` counts from the start of that."""

    shapes = {**TimedEntry.shapes, "starts_after": WHOLE_NUMBER, "board": LINE}
    defaults = {"board": ""}

    def problems(self) -> Iterator[str | Fault]:
        yield from super().problems()
        if self["starts_at"] and self["starts_after"] is not None:
            yield "write either “starts_at” or “starts_after”"


class ContributionEntry(PlacedEntry):
    model = Contribution
    columns = {
        **{name: f"{name}_url" for name in ("slides", "video", "paper", "arxiv", "code", "poster")},
        "more": "more_url",
        "slides_file": "slides",
    }
    shapes = {
        **PlacedEntry.shapes,
        "contributors": ListOf(ContributorEntry),
        "topics": ListOf(SLUG),
        "links": ListOf(LinkEntry),
    }
    # In a session the kind follows from that of the session.
    defaults = {
        **PlacedEntry.defaults,
        "is_published": True,
        "kind": Contribution.Kind.PAPER.value,
    }
    files = {"slides_file": "slides"}

    def related_rows(self) -> Iterator[Entry]:
        for number, topic in enumerate(self["topics"], start=1):
            place = self.place.at("topics", number)
            yield TopicOfContribution(place, {"contribution": self["slug"], "topic": topic})

    def follow_session(self, kind: str) -> None:
        """Take the kind of contribution that a session of `kind` consists of, unless it is written."""
        if "kind" not in self.written:
            self.values["kind"] = self.kind_in(kind)

    @staticmethod
    def kind_in(session_kind: str) -> str:
        """The kind of contribution that a session of this kind consists of."""
        own = session_kind.removesuffix("s")  # a session of posters has a poster
        return own if own in Contribution.Kind.values else Contribution.Kind.OTHER.value


class TopicOfContribution(Entry):
    model = Contribution.topics.through
    key = ("topic",)
    parent = "contribution"

    @classmethod
    def rows_name(cls, count: int) -> str:
        return "topic of a contribution" if count == 1 else "topics of contributions"


class RoomEntry(Entry):
    """A room, listed or made when a session names it."""

    model = Room
    key = ("name",)
    text_field = "name"

    def has_place(self) -> bool:
        """Whether it is listed: organisers set the order of other rooms."""
        return bool(self.written)


class SlotEntry(Entry):
    """The place of a contribution in a session."""

    model = Slot
    key = ("contribution",)
    parent = "session"


class RepeatEntry(PlacedEntry):
    """A contribution of another session that is repeated in this one."""

    text_field = "contribution"
    shapes = {
        "contribution": SLUG,
        **PlacedEntry.shapes,
        "kind": choice(Contribution.Kind.values),
        "position": WHOLE_NUMBER,
    }

    def problems(self) -> Iterator[str | Fault]:
        yield from super().problems()
        if not self["contribution"]:
            yield "“contribution” is missing. Write the slug of a contribution of another session."


class SessionEntry(TimedEntry):
    model = Session
    needed = ("kind",)
    shapes = {
        "ends_at": CLOCK_TIME,
        "room": LINE,
        "chairs": ListOf(ChairEntry),
        "contributions": ListOf(ContributionEntry),
        "repeats": ListOf(RepeatEntry),
        "repeats_session": SLUG,
    }

    def problems(self) -> Iterator[str | Fault]:
        yield from super().problems()
        for part in self._parts():
            starts_at = part["starts_at"]
            if starts_at and not self["starts_at"]:
                message = f"“{_slug_of(part)}” has a clock time, but its session has none"
                yield part.fault(f"{message}. Write “starts_at” for the session", "starts_at")
            elif (self._minutes_before(part) or 0) < 0:
                message = f"“{_slug_of(part)}” begins at {starts_at:%H:%M}, before its session"
                yield part.fault(f"{message} at {self['starts_at']:%H:%M}", "starts_at")

    def notes(self) -> Iterator[str | Fault]:
        """Gaps, overlaps and overruns; also times of posters, which are those of their session."""
        if self["kind"] == Session.Kind.POSTERS:
            if timed := [_slug_of(part) for part in self._parts() if part["starts_at"]]:
                yield f"posters have the times of their session. Remove the times of {_listed(timed)}"
            return
        gaps: list[str] = []
        overlaps: list[str] = []
        overruns: list[str] = []
        end: int | None = 0
        for row in self.slot_rows():
            start = end if row["starts_after"] is None else row["starts_after"]
            if start is not None and end is not None and start != end:
                (gaps if start > end else overlaps).append(row["contribution"])
            end = None if start is None else start + (row["minutes"] or 0)
            if self.clock_minutes is not None and (end or 0) > self.clock_minutes:
                overruns.append(row["contribution"])
            end = end if row["minutes"] else None
        if gaps:
            yield f"there is a gap before {_listed(gaps)}"
        if overlaps:
            yield f"the contribution before has not ended at the start of {_listed(overlaps)}"
        if overruns:
            yield f"the session ends before the end of {_listed(overruns)}"

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
        for entry in self["contributions"]:
            entry.follow_session(self["kind"])
        yield from self.slot_rows()

    def slot_rows(self) -> Iterator[SlotEntry]:
        """The places of its contributions and of those it repeats one by one.

        A start is kept where it does not follow from what is before.
        """
        end: int | None = 0
        for part in self._parts():
            start = written = part["starts_after"]
            if written is None and self["kind"] != Session.Kind.POSTERS:
                start = self._minutes_before(part)
            minutes = part.clock_minutes
            values = {
                "session": self["slug"],
                "contribution": _slug_of(part),
                "minutes": minutes,
                "starts_after": None if written is None and start == end else start,
                "board": part["board"],
            }
            if isinstance(part, RepeatEntry) and part["kind"]:
                values["kind"] = part["kind"]
            yield SlotEntry(part.place, values)
            begin = end if start is None else start
            end = None if begin is None or minutes is None else begin + minutes

    def slots_repeated_from(self, others: Iterable["SessionEntry"]) -> Iterator[SlotEntry]:
        """The places in `others`, each of which the one before repeats, as places in this session."""
        known = {row["contribution"] for row in self.slot_rows()}
        for row in (row for other in others for row in other.slot_rows()):
            if row["contribution"] not in known:
                known.add(row["contribution"])
                place = self.place.at("repeats_session")
                yield SlotEntry(place, row.values | {"session": self["slug"]})

    def _parts(self) -> list[ContributionEntry | RepeatEntry]:
        """Its contributions, and those it repeats one by one; by start if all have one.

        Those it repeats follow the others, unless they have a position.
        """
        parts = [*self["contributions"]]
        for repeat in self["repeats"]:
            position = repeat["position"]
            parts.insert(len(parts) if position is None else max(position - 1, 0), repeat)
        if self["starts_at"] and all(part["starts_at"] for part in parts):
            parts.sort(key=lambda part: self._minutes_before(part) or 0)
        return parts

    def _minutes_before(self, part: TimedEntry) -> int | None:
        """Minutes from the start of the session to that of `part`, by the clock."""
        if not (self["starts_at"] and part["starts_at"]):
            return None
        starts_at = _minute_of_day(self["starts_at"])
        minutes = _minute_of_day(part["starts_at"]) - starts_at
        is_over_midnight = starts_at + (self["minutes"] or 0) > _MINUTES_OF_DAY
        return minutes + _MINUTES_OF_DAY if minutes < 0 and is_over_midnight else minutes


def _slug_of(part: ContributionEntry | RepeatEntry) -> str:
    slug: str = part["contribution" if isinstance(part, RepeatEntry) else "slug"]
    return slug


def _listed(slugs: list[str]) -> str:
    """The first three in quotes, and the number of the others."""
    names = [f"“{slug}”" for slug in slugs[:3]]
    if more := len(slugs) - len(names):
        names.append(f"{more} more")
    return get_text_list(names, "and")


class SessionLabelEntry(Entry):
    model = SessionLabel
    key = ("kind",)


class ContributionLabelEntry(Entry):
    model = ContributionLabel
    key = ("kind",)


class ProgrammePartEntry(Entry):
    """A file in programme/: a part of the lists of programme.yaml."""

    shapes = {
        "session_labels": ListOf(SessionLabelEntry),
        "contribution_labels": ListOf(ContributionLabelEntry),
        "sessions": ListOf(SessionEntry),
        "contributions": ListOf(ContributionEntry),
    }

    def problems(self) -> Iterator[Fault]:
        for entry in self["contributions"]:
            for name in sorted(entry.written & PlacedEntry.shapes.keys()):
                message = (
                    f"{name}: only contributions in a session have one. Move this one to a session"
                )
                yield entry.fault(message, name)


class ProgrammeEntry(ProgrammePartEntry):
    shapes = {
        "is_published": YES_NO,
        "lists_in_order": YES_NO,
        "rooms": ListOf(RoomEntry),
        **ProgrammePartEntry.shapes,
    }
    defaults = {"is_published": False, "lists_in_order": False}


class ListedContributionEntry(ContributionEntry):
    """A row of contributions.csv, which names its session, if it has one."""

    shapes = {**ContributionEntry.shapes, "session": SLUG}
    defaults = {**ContributionEntry.defaults, "session": ""}


def _minute_of_day(at: time) -> int:
    return at.hour * 60 + at.minute
