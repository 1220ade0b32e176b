"""news.yaml: what was announced."""

from datetime import datetime, time, tzinfo
from typing import Any

from pydantic import Field

from apps.imports.folders.values import Clock, Day, Entry, Line, RequiredText, Slug, YesNo


class NewsEntry(Entry):
    """One announcement."""

    slug: Slug = Field(description="The last word of its address; never changed afterwards.")
    title: Line = Field(default="", description="Its headline, if it has one.")
    body: RequiredText = Field(description="What it says, in Markdown.")
    date: Day | None = Field(
        default=None,
        description="The day it was announced, if known; one to come hides it until then.",
    )
    time: Clock = Field(default=time(0), description="The clock time on that day.")
    is_published: YesNo = Field(default=True, description="Whether visitors see it.")

    def values_in(self, zone: tzinfo) -> dict[str, Any]:
        """What the row holds, its moment by the clock of `zone`."""
        moment = datetime.combine(self.date, self.time, tzinfo=zone) if self.date else None
        return self.model_dump(exclude={"slug", "date", "time"}) | {"published_at": moment}
