"""The moments a call promises, in the shape in which the pages' `moment` tag says them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from apps.editions.models import ANYWHERE_ON_EARTH


@dataclass(frozen=True)
class Moment:
    """A moment in the zone it was promised in; for {% moment %}."""

    due_at: datetime

    @property
    def is_anywhere_on_earth(self) -> bool:
        return self.due_at.tzinfo is ANYWHERE_ON_EARTH

    @property
    def due_at_utc(self) -> datetime:
        return self.due_at.astimezone(UTC)

    @property
    def zone_name(self) -> str:
        return self.due_at.tzname() or ""


def moment_of(at: datetime | None) -> Moment | None:
    """`at` for the tag; None where it is unknown."""
    return Moment(at) if at else None
