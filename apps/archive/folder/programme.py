"""programme.yaml: what happens when, and who speaks."""

from typing import Literal, Self

from pydantic import Field, model_validator

from apps.archive.folder.fields import (
    Clock,
    Day,
    Entry,
    Line,
    Lines,
    Slug,
    Text,
    WebAddress,
)


class ContributorEntry(Entry):
    """Someone who speaks or writes: a person of people.yaml, or just a name."""

    person: Slug | None = Field(default=None, description="The person's slug in people.yaml.")
    name: Line = Field(default="", description="A bare name, for someone not in people.yaml.")
    affiliation: Lines = Field(
        default=[], description="Where they work; that of people.yaml if left out."
    )
    role: Literal["speaker", "panellist", "moderator", "author"] = Field(
        default="speaker", description="speaker, panellist, moderator or author."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.person) == bool(self.name):
            raise ValueError("write either “person” (a slug of people.yaml) or “name”")
        return self


class ContributionEntry(Entry):
    """One thing said or shown in a session."""

    slug: Slug = Field(description="The last word of its address; never changed afterwards.")
    kind: Literal[
        "talk", "keynote", "lightning_talk", "poster", "paper", "panel", "demo", "tutorial"
    ] = Field(
        default="talk",
        description="talk, keynote, lightning_talk, poster, paper, panel, demo or tutorial.",
    )
    title: Line = Field(default="", description="Its title, once it is known.")
    abstract: Text = Field(default="", description="What it is about, in Markdown.")
    starts_at: Clock | None = Field(default=None, description="The clock time it begins.")
    ends_at: Clock | None = Field(default=None, description="The clock time it ends.")
    contributors: list[ContributorEntry] = Field(default=[], description="Who gives it, in order.")
    slides: WebAddress = Field(default="", description="A link to the slides.")
    video: WebAddress = Field(default="", description="A link to the recording.")
    paper: WebAddress = Field(default="", description="A link to the paper.")

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("this must end after it begins")
        return self


class SessionEntry(Entry):
    """A stretch of the day."""

    slug: Slug = Field(description="Its anchor on the programme; never changed afterwards.")
    kind: Literal["keynote", "talks", "panel", "lightning_round", "posters", "break", "social"] = (
        Field(description="keynote, talks, panel, lightning_round, posters, break or social.")
    )
    title: Line = Field(default="", description="What it is called.")
    day: Day | None = Field(
        default=None, description="The day; left out while unknown or if there is only one."
    )
    starts_at: Clock | None = Field(default=None, description="The clock time it begins.")
    ends_at: Clock | None = Field(default=None, description="The clock time it ends.")
    room: Line = Field(default="", description="Where it is.")
    description: Text = Field(default="", description="What it is about, in Markdown.")
    contributions: list[ContributionEntry] = Field(
        default=[], description="What is said or shown, in order."
    )

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("this must end after it begins")
        return self

    @model_validator(mode="after")
    def _holds_its_contributions(self) -> Self:
        for one in self.contributions:
            is_early = one.starts_at and self.starts_at and one.starts_at < self.starts_at
            is_late = one.ends_at and self.ends_at and one.ends_at > self.ends_at
            if is_early or is_late:
                raise ValueError(f"“{one.slug}” lies outside the hours of its session")
        return self


class ProgrammeEntry(Entry):
    """The whole programme."""

    sessions: list[SessionEntry] = Field(default=[], description="The sessions, in order.")
