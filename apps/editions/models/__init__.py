"""One year of the workshop, the moments it promises, and what it asks of students."""

from apps.editions.models.call import Call
from apps.editions.models.deadline import Deadline
from apps.editions.models.edition import Edition, EditionQuerySet, sees_drafts
from apps.editions.models.zones import ANYWHERE_ON_EARTH, validate_time_zone

__all__ = [
    "ANYWHERE_ON_EARTH",
    "Call",
    "Deadline",
    "Edition",
    "EditionQuerySet",
    "sees_drafts",
    "validate_time_zone",
]
