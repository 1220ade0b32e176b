"""Models of the programme."""

from apps.programme.models.contributions import (
    Contribution,
    Contributor,
    Credit,
    validate_slides,
)
from apps.programme.models.releases import (
    MOVED_CONTRIBUTION,
    MOVED_SESSION,
    PLACED_CONTRIBUTION,
    ContributionLetter,
    Origin,
    ProgrammeRelease,
)
from apps.programme.models.sessions import (
    LONGEST_MINUTES,
    MOST_DAYS,
    Room,
    Session,
    SessionChair,
    SessionLabel,
    Slot,
)

__all__ = [
    "LONGEST_MINUTES",
    "MOST_DAYS",
    "MOVED_CONTRIBUTION",
    "MOVED_SESSION",
    "PLACED_CONTRIBUTION",
    "Contribution",
    "ContributionLetter",
    "Contributor",
    "Credit",
    "Origin",
    "ProgrammeRelease",
    "Room",
    "Session",
    "SessionChair",
    "SessionLabel",
    "Slot",
    "validate_slides",
]
