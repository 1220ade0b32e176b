"""topics.yaml, sections/*.md and pages/*.md: what the public site says."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from apps.imports.folders.values import Entry, Line, RequiredLine, Slug, Text, YesNo, clipped
from apps.pages.models import Section


class TopicEntry(Entry):
    """Something the workshop is about."""

    slug: Slug = Field(description="The anchor on the topics page; never changed afterwards.")
    heading: RequiredLine = Field(description="What it is called.")
    description: Text = Field(default="", description="What is meant by it, in Markdown.")


def _known_list(value: str) -> str:
    known = [choice for choice in Section.Shows.values if choice]
    if value and value not in known:
        raise ValueError(f"“{clipped(value)}” is not one of {', '.join(known)}")
    return value


class SectionEntry(Entry):
    """The front matter of a part of the home page; its text follows below."""

    slug: Slug = Field(description="The anchor on the home page; never changed afterwards.")
    heading: Line = Field(
        default="", description="What stands above it; a group's own heading if left out."
    )
    shows: Annotated[Line, AfterValidator(_known_list)] = Field(
        default="",
        description="The list below the text: topics, group, programme, speakers, posters, "
        "deadlines, venue, awards, sponsors, news or past_editions.",
    )
    group: Slug | None = Field(
        default=None,
        validate_default=True,
        description="The slug of the group in groups.yaml, just when shows says group.",
    )
    is_shown: YesNo = Field(default=True, description="Whether visitors see it.")

    @field_validator("group")
    @classmethod
    def _goes_with_shows(cls, value: str | None, info: ValidationInfo) -> str | None:
        shows = info.data.get("shows")
        if shows == "group" and not value:
            raise ValueError("the section shows a group, so it must say which")
        if value and shows is not None and shows != "group":
            raise ValueError("a group is named, so there must be a line “shows: group”")
        return value


class PageEntry(Entry):
    """The front matter of a free page; its text follows below."""

    slug: Slug = Field(description="The last word of its address; never changed afterwards.")
    title: RequiredLine = Field(description="What stands above it.")
    is_in_navigation: YesNo = Field(
        default=False, description="Whether the header links to it; otherwise the footer does."
    )
    is_published: YesNo = Field(default=False, description="Whether visitors see it.")
