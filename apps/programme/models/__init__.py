"""What happens when and where, and who gives it."""

from apps.programme.models.contributions import Contribution, ContributionQuerySet, Contributor
from apps.programme.models.credits import Credit
from apps.programme.models.letters import ContributionLetter, ContributionLetterQuerySet
from apps.programme.models.origins import Origin, OriginQuerySet
from apps.programme.models.releases import ProgrammeRelease, ProgrammeReleaseQuerySet
from apps.programme.models.rooms import Room, RoomQuerySet
from apps.programme.models.sessions import (
    LONGEST_MINUTES,
    MOST_DAYS,
    Session,
    SessionChair,
    SessionQuerySet,
    Slot,
    SlotQuerySet,
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
]
