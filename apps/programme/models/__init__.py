"""Models of the programme."""

from apps.programme.models.contributions import (
    INVITED_KINDS,
    OTHER_TALK_KINDS,
    Contribution,
    ContributionQuerySet,
    Contributor,
    Credit,
)
from apps.programme.models.kinds import (
    ContributionLabel,
    SessionLabel,
    heading_of_contributions,
    label_of_contributions,
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
    Slot,
)

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
    "ContributionLabel",
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
    "heading_of_contributions",
    "label_of_contributions",
]
