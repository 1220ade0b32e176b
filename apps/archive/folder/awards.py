"""awards.yaml: which papers were honoured."""

from typing import Any, Self

from pydantic import Field, model_validator

from apps.archive.folder.fields import Entry, Line, RequiredLine, Slug, WebAddress


class AuthorEntry(Entry):
    """An author: a bare name, or a person of people.yaml."""

    person: Slug | None = Field(default=None, description="The person's slug in people.yaml.")
    name: Line = Field(default="", description="A bare name, for someone not in people.yaml.")

    @model_validator(mode="before")
    @classmethod
    def _a_bare_name_will_do(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.person) == bool(self.name):
            raise ValueError("write either “person” (a slug of people.yaml) or “name”")
        return self


class PaperEntry(Entry):
    """A paper that got an award."""

    slug: Slug = Field(description="Its permanent name.")
    title: RequiredLine = Field(description="Its title.")
    link: WebAddress = Field(default="", description="Where it can be read.")
    authors: list[AuthorEntry] = Field(
        default=[], description="Who wrote it, in order: names, or people of people.yaml."
    )


class AwardEntry(Entry):
    """One award."""

    slug: Slug = Field(description="Its permanent name.")
    heading: RequiredLine = Field(description="What the award is called.")
    papers: list[PaperEntry] = Field(default=[], description="Which papers got it, in order.")


class AwardsEntry(Entry):
    """All awards of an edition."""

    heading: Line = Field(default="", description="What stands above all of them.")
    awards: list[AwardEntry] = Field(default=[], description="The awards, in order.")
