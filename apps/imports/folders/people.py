"""people.yaml and groups.yaml: who they are and where they stand."""

from typing import Any

from pydantic import Field, model_validator

from apps.imports.folders.values import (
    Entry,
    Focus,
    Lines,
    PictureName,
    RequiredLine,
    Slug,
    Text,
    WebAddress,
)


class PersonEntry(Entry):
    """A human. People are shared by all editions, so what is left out here stays as it is."""

    name: RequiredLine = Field(description="The name as they write it themselves.")
    link: WebAddress = Field(default="", description="Their own page.")
    affiliation: Lines = Field(
        default=[], description="Where they work: a text, or a list with one line each."
    )
    bio: Text = Field(default="", description="A biography in Markdown.")
    photo: PictureName | None = Field(
        default=None, description="The name of a JPEG, PNG or WebP file in photos/."
    )
    focus: Focus = Field(
        default="0.5x0.5",
        description="The middle of the face: how far across and down, from 0 to 1, as in 0.5x0.4.",
    )

    def pictures(self) -> dict[str, str]:
        """The names of its files, by the field they are for."""
        return {"photo": self.photo} if self.photo else {}

    def values(self) -> dict[str, Any]:
        """Only what the file speaks of, and the photo apart."""
        said = self.model_dump(exclude={"photo", "focus"}, exclude_unset=True)
        if "affiliation" in said:
            said["affiliation"] = "\n".join(self.affiliation)
        if "focus" in self.model_fields_set:
            said["photo_focus"] = self.focus
        return said


class MemberEntry(Entry):
    """One person's place in a group."""

    person: Slug = Field(description="The person's slug in people.yaml.")
    affiliation: Lines = Field(
        default=[], description="Where they worked that year, if it differs from people.yaml."
    )

    @model_validator(mode="before")
    @classmethod
    def _a_bare_slug_will_do(cls, value: Any) -> Any:
        return {"person": value} if isinstance(value, str) else value

    def values(self) -> dict[str, Any]:
        """The person is its key."""
        return {"affiliation": "\n".join(self.affiliation)}


class GroupEntry(Entry):
    """People under one heading."""

    slug: Slug = Field(description="The anchor on the people page; never changed afterwards.")
    heading: RequiredLine = Field(description="What stands above them.")
    members: list[MemberEntry] = Field(
        default=[],
        description="Who is in it, in order: a person's slug, or a person with an affiliation.",
    )

    def values(self) -> dict[str, Any]:
        """Without the members, which are rows of their own."""
        return {"heading": self.heading}
