"""awards.yaml: what was honoured."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from apps.imports.folders.values import Entry, Line, RequiredLine, Slug, Text, WebAddress, YesNo


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


class RecipientEntry(Entry):
    """What or who got an award: a contribution of the programme, a person, or a paper."""

    slug: Slug = Field(description="Its anchor on the awards page; never changed afterwards.")
    contribution: Slug | None = Field(
        default=None, description="The slug of a contribution in programme.yaml."
    )
    person: Slug | None = Field(default=None, description="Or a person's slug in people.yaml.")
    title: Line = Field(default="", description="Or the title of a paper elsewhere.")
    link: WebAddress = Field(default="", description="Where that paper can be read.")
    authors: list[AuthorEntry] = Field(
        default=[], description="Who wrote it, in order: names, or people of people.yaml."
    )

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(map(bool, (self.contribution, self.person, self.title))) != 1:
            raise ValueError("write one of “contribution”, “person” and “title”")
        if not self.title and (self.link or self.authors):
            raise ValueError("“link” and “authors” belong to a “title”")
        return self

    def values_with(self, names: Mapping[str, str]) -> dict[str, Any]:
        """What the row holds; `names` are those of people.yaml by their slugs."""
        authors = [names[one.person] if one.person else one.name for one in self.authors]
        return self.model_dump(exclude={"slug", "authors"}) | {"authors": "\n".join(authors)}


class AwardEntry(Entry):
    """One award."""

    slug: Slug = Field(description="Its anchor on the awards page; never changed afterwards.")
    heading: RequiredLine = Field(description="What the award is called.")
    kind: Literal["award", "honourable_mention"] = Field(
        default="award", description="award, or honourable_mention, which is set smaller."
    )
    description: Text = Field(default="", description="What it is given for, in Markdown.")
    is_published: YesNo = Field(default=True, description="Whether visitors see it.")
    given_to: list[RecipientEntry] = Field(default=[], description="What or who got it, in order.")

    def values(self) -> dict[str, Any]:
        """Without its recipients, which are rows of their own."""
        return self.model_dump(exclude={"slug", "given_to"})
