"""Models of the programme."""

from apps.programme.models.contributions import (
    Contribution,
    ContributionQuerySet,
    Contributor,
    Credit,
    random_slides_name,
    validate_slides,
)
from apps.programme.models.letters import ContributionLetter, ContributionLetterQuerySet
from apps.programme.models.releases import (
    Origin,
    OriginQuerySet,
    ProgrammeRelease,
    ProgrammeReleaseQuerySet,
)
from apps.programme.models.sessions import (
    LONGEST_MINUTES,
    MOST_DAYS,
    Room,
    RoomQuerySet,
    Session,
    SessionChair,
    SessionQuerySet,
    Slot,
    SlotQuerySet,
    board_taken,
    same_name,
)

__all__ = [
    "LONGEST_MINUTES",
    "MOST_DAYS",
    "Contribution",
    "ContributionLetter",
    "ContributionLetterQuerySet",
    "ContributionQuerySet",
    "Contributor",
    "Credit",
    "Origin",
    "OriginQuerySet",
    "ProgrammeRelease",
    "ProgrammeReleaseQuerySet",
    "Room",
    "RoomQuerySet",
    "Session",
    "SessionChair",
    "SessionQuerySet",
    "Slot",
    "SlotQuerySet",
    "board_taken",
    "random_slides_name",
    "same_name",
    "validate_slides",
]
