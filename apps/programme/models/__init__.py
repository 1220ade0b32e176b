"""Models of the programme."""

from apps.programme.models.contributions import (
    Contribution,
    Contributor,
    Credit,
    random_slides_name,
    validate_slides,
)
from apps.programme.models.releases import (
    MOVED_CONTRIBUTION,
    MOVED_SESSION,
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
    Slot,
    board_taken,
    same_name,
)

__all__ = [
    "LONGEST_MINUTES",
    "MOST_DAYS",
    "MOVED_CONTRIBUTION",
    "MOVED_SESSION",
    "Contribution",
    "ContributionLetter",
    "Contributor",
    "Credit",
    "Origin",
    "ProgrammeRelease",
    "Room",
    "Session",
    "SessionChair",
    "Slot",
    "board_taken",
    "random_slides_name",
    "same_name",
    "validate_slides",
]
