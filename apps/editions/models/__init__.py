"""Editions, their deadlines and their calls."""

from apps.editions.models.call import Call
from apps.editions.models.edition import (
    ANYWHERE_ON_EARTH,
    Deadline,
    Edition,
    EditionQuerySet,
    FormerAddress,
    sees_drafts,
    taken_addresses,
    validate_time_zone,
)

__all__ = [
    "ANYWHERE_ON_EARTH",
    "Call",
    "Deadline",
    "Edition",
    "EditionQuerySet",
    "FormerAddress",
    "sees_drafts",
    "taken_addresses",
    "validate_time_zone",
]
