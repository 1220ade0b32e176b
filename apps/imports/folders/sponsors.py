"""sponsors.yaml: who supports the workshop."""

from typing import Any, Self

from pydantic import Field, model_validator

from apps.imports.folders.values import (
    Entry,
    Line,
    PictureName,
    RequiredLine,
    Slug,
    WebAddress,
    YesNo,
)


class SponsorEntry(Entry):
    """Who supports the workshop."""

    slug: Slug = Field(description="Its permanent name.")
    name: RequiredLine = Field(description="What it is called.")
    link: WebAddress = Field(default="", description="Its own page.")
    words: Line = Field(default="", description="A few words below the name.")
    logo: PictureName | None = Field(
        default=None, description="The name of a JPEG, PNG or WebP file in logos/."
    )
    logo_dark: PictureName | None = Field(
        default=None, description="Another one there, for dark screens."
    )
    logo_alt: Line = Field(
        default="", description="What the logo shows, if it says more than the name."
    )
    is_shown: YesNo = Field(default=True, description="Whether visitors see it.")

    @model_validator(mode="after")
    def _dark_beside_light(self) -> Self:
        if self.logo_dark and not self.logo:
            raise ValueError("a logo for dark screens needs another one for light screens")
        return self

    def pictures(self) -> dict[str, str]:
        """The names of its files, by the field they are for."""
        named = {"logo": self.logo, "logo_dark": self.logo_dark}
        return {field: name for field, name in named.items() if name}

    def values(self) -> dict[str, Any]:
        """Without its files."""
        return self.model_dump(exclude={"slug", "logo", "logo_dark"})


class LevelEntry(Entry):
    """Sponsors of one level."""

    slug: Slug = Field(description="Its permanent name.")
    heading: Line = Field(default="", description="What the level is called, if there are several.")
    sponsors: list[SponsorEntry] = Field(default=[], description="The sponsors, in order.")

    def values(self) -> dict[str, Any]:
        """Without the sponsors, which are rows of their own."""
        return {"heading": self.heading}


class SponsorsEntry(Entry):
    """All sponsors of an edition."""

    levels: list[LevelEntry] = Field(default=[], description="The levels, highest first.")
