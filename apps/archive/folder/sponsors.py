"""sponsors.yaml and news.yaml."""

from pydantic import Field

from apps.archive.folder.fields import (
    Day,
    Entry,
    Line,
    PictureName,
    RequiredLine,
    RequiredText,
    Slug,
    WebAddress,
)


class SponsorEntry(Entry):
    """Who supports the workshop."""

    slug: Slug = Field(description="Its permanent name.")
    name: RequiredLine = Field(description="What it is called.")
    link: WebAddress = Field(default="", description="Its own page.")
    logo: PictureName | None = Field(
        default=None, description="The name of a JPEG, PNG or WebP file in logos/."
    )


class LevelEntry(Entry):
    """Sponsors of one level."""

    slug: Slug = Field(description="Its permanent name.")
    heading: Line = Field(default="", description="What the level is called, if there are several.")
    sponsors: list[SponsorEntry] = Field(default=[], description="The sponsors, in order.")


class SponsorsEntry(Entry):
    """All sponsors of an edition."""

    heading: Line = Field(default="", description="What stands above all of them.")
    levels: list[LevelEntry] = Field(default=[], description="The levels, highest first.")


class NewsEntry(Entry):
    """One announcement."""

    slug: Slug = Field(description="Its permanent name.")
    title: Line = Field(default="", description="Its headline, if it has one.")
    body: RequiredText = Field(description="What it says, in Markdown.")
    date: Day | None = Field(default=None, description="The day it was announced, if known.")
