"""programme.yaml: what happens when, and who speaks."""

from datetime import time
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from apps.imports.folders.values import (
    Clock,
    Entry,
    Line,
    Lines,
    PdfName,
    Slug,
    Text,
    WebAddress,
    WholeNumber,
    YesNo,
)

# The links of a contribution, which the database calls slides_url and so on.
LINKS = ("slides", "video", "paper", "arxiv", "code", "poster", "more")


class ChairEntry(Entry):
    """Someone who is named: a person of people.yaml, or just a name."""

    person: Slug | None = Field(default=None, description="The person's slug in people.yaml.")
    name: Line = Field(default="", description="A bare name, for someone not in people.yaml.")
    affiliation: Lines = Field(
        default=[], description="Where they work; that of people.yaml if left out."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.person) == bool(self.name):
            raise ValueError("write either “person” (a slug of people.yaml) or “name”")
        return self

    @property
    def key(self) -> str:
        """What tells them apart from the others there."""
        return self.person or self.name

    def values(self) -> dict[str, Any]:
        """All but the person or name, which is its key."""
        said = self.model_dump(exclude={"person", "name"})
        return said | {"affiliation": "\n".join(self.affiliation)}


class ContributorEntry(ChairEntry):
    """Someone who speaks or writes."""

    role: Literal["speaker", "panellist", "moderator", "author"] = Field(
        default="speaker", description="speaker, panellist, moderator or author."
    )
    is_equal_contribution: YesNo = Field(
        default=False, description="Whether a mark says that they contributed equally."
    )
    is_corresponding: YesNo = Field(
        default=False, description="Whether a mark says that they answer letters."
    )


class TimedEntry(Entry):
    """Something with an address, a beginning and an end, as far as these are known."""

    slug: Slug = Field(description="The last word of its address; never changed afterwards.")
    starts_at: Clock | None = Field(default=None, description="The clock time it begins.")
    ends_at: Clock | None = Field(default=None, description="The clock time it ends.")
    minutes: WholeNumber | None = Field(
        default=None, description="How long it lasts, instead of its end; it may pass midnight."
    )

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError(
                f"this must end after it begins: {self.ends_at:%H:%M} is not after "
                f"{self.starts_at:%H:%M}. If it passes midnight, write “minutes” instead"
            )
        if self.ends_at and self.minutes is not None:
            raise ValueError("write either “ends_at” or “minutes”")
        if self.ends_at and not self.starts_at:
            raise ValueError("there is an end, so there must be a line “starts_at”")
        return self

    @property
    def clock_minutes(self) -> int | None:
        """How long it lasts by the clock."""
        if self.starts_at and self.ends_at:
            return _after_midnight(self.ends_at) - _after_midnight(self.starts_at)
        return self.minutes


class ContributionEntry(TimedEntry):
    """One thing said or shown in a session."""

    kind: Literal[
        "keynote",
        "invited",
        "contributed",
        "lightning",
        "poster",
        "paper",
        "panel",
        "demo",
        "tutorial",
    ] = Field(
        default="invited",
        description="keynote, invited, contributed, lightning, poster, paper, panel, demo or tutorial.",
    )
    title: Line = Field(default="", description="Its title, once it is known.")
    abstract: Text = Field(default="", description="What it is about, in Markdown.")
    is_remote: YesNo = Field(default=False, description="Whether it is given remotely.")
    is_published: YesNo = Field(default=True, description="Whether visitors see it.")
    board: Line = Field(default="", description="The number of its poster board.")
    contributors: list[ContributorEntry] = Field(default=[], description="Who gives it, in order.")
    topics: list[Slug] = Field(default=[], description="The slugs of its topics in topics.yaml.")
    slides_file: PdfName | None = Field(
        default=None, description="The name of a PDF file in slides/, of at most 50 MB."
    )
    slides: WebAddress = Field(default="", description="A link to the slides.")
    video: WebAddress = Field(default="", description="A link to the recording.")
    paper: WebAddress = Field(default="", description="A link to the paper.")
    arxiv: WebAddress = Field(default="", description="A link to arXiv.")
    code: WebAddress = Field(default="", description="A link to the code.")
    poster: WebAddress = Field(default="", description="A link to the poster.")
    more: WebAddress = Field(default="", description="A link to more, such as its authors' page.")

    def values(self) -> dict[str, Any]:
        """What it is by itself, without its place in the session."""
        facts = ("kind", "title", "abstract", "is_remote", "is_published")
        links = {f"{name}_url": getattr(self, name) for name in LINKS}
        return {name: getattr(self, name) for name in facts} | links

    def slot_values(self) -> dict[str, Any]:
        """Its place in the session."""
        return {"minutes": self.clock_minutes, "board": self.board}


class SessionEntry(TimedEntry):
    """A stretch of the day."""

    kind: Literal[
        "keynote", "talks", "panel", "lightning", "posters", "break", "lunch", "social", "other"
    ] = Field(
        description="keynote, talks, panel, lightning, posters, break, lunch, social or other."
    )
    title: Line = Field(default="", description="What it is called.")
    day: WholeNumber = Field(default=1, description="The day; 1 is the edition's first.")
    room: Line = Field(default="", description="The name of the room it is in.")
    description: Text = Field(default="", description="What it is about, in Markdown.")
    has_shifts: YesNo = Field(
        default=False,
        description="Whether posters on odd boards are attended in the first half, even ones in the second.",
    )
    chairs: list[ChairEntry] = Field(default=[], description="Who leads it, in order.")
    contributions: list[ContributionEntry] = Field(
        default=[], description="What is said or shown, in order."
    )
    repeats: list[Slug] = Field(
        default=[],
        description="The slugs of other sessions' contributions that are in this one, too, after its own.",
    )

    @model_validator(mode="after")
    def _holds_its_contributions(self) -> Self:
        for one in self.contributions:
            is_early = one.starts_at and self.starts_at and one.starts_at < self.starts_at
            is_late = one.ends_at and self.ends_at and one.ends_at > self.ends_at
            if is_early or is_late:
                raise ValueError(f"“{one.slug}” lies outside the hours of its session")
        return self

    @model_validator(mode="after")
    def _one_after_another(self) -> Self:
        """A session keeps order and minutes, and start times follow; so nothing may lie between."""
        if self.starts_at is None or self.kind == "posters":
            return self
        now: int | None = _after_midnight(self.starts_at)
        for one in self.contributions:
            if one.starts_at and (now is None or _after_midnight(one.starts_at) != now):
                before = "it is not known when" if now is None else f"at {now // 60}:{now % 60:02}"
                raise ValueError(
                    f"“{one.slug}” begins at {one.starts_at:%H:%M}, but {before} what is before it "
                    "is over. Make two sessions of it, or change the times"
                )
            lasts = one.clock_minutes
            now = None if now is None or lasts is None else now + lasts
        return self


class ProgrammeEntry(Entry):
    """The whole programme."""

    is_published: YesNo = Field(
        default=False,
        description="Whether visitors see days, times and rooms; later releases are the desk's.",
    )
    sessions: list[SessionEntry] = Field(default=[], description="The sessions, in order.")


def _after_midnight(at: time) -> int:
    return at.hour * 60 + at.minute
