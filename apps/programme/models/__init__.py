"""Models of the programme."""

from apps.programme.models.contributions import (
    INVITED_KINDS,
    OTHER_TALK_KINDS,
    Contribution,
    ContributionQuerySet,
    Contributor,
    Credit,
)
from apps.programme.models.links import PAPER_LINKS, ContributionLink, LinkKind
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
from apps.programme.models.uploads import validate_attachment, validate_slides

__all__ = [
    "INVITED_KINDS",
    "LONGEST_MINUTES",
    "MOST_DAYS",
    "MOVED_CONTRIBUTION",
    "MOVED_SESSION",
    "OTHER_TALK_KINDS",
    "PAPER_LINKS",
    "PLACED_CONTRIBUTION",
    "Contribution",
    "ContributionLetter",
    "ContributionLink",
    "ContributionQuerySet",
    "Contributor",
    "Credit",
    "LinkKind",
    "Origin",
    "ProgrammeRelease",
    "Room",
    "Session",
    "SessionChair",
    "SessionLabel",
    "Slot",
    "validate_attachment",
    "validate_slides",
]
