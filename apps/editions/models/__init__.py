"""Editions, their deadlines, calls, pictures and downloads."""

from apps.editions.models.call import Call
from apps.editions.models.edition import (
    ANYWHERE_ON_EARTH,
    Deadline,
    Edition,
    EditionQuerySet,
    FormerAddress,
    sees_drafts,
    taken_addresses,
    time_zones,
    validate_time_zone,
)
from apps.editions.models.files import (
    Download,
    Picture,
    name_in_texts,
    validate_download_name,
    validate_picture_name,
)
from apps.editions.models.questions import FormQuestion

__all__ = [
    "ANYWHERE_ON_EARTH",
    "Call",
    "Deadline",
    "Download",
    "Edition",
    "EditionQuerySet",
    "FormQuestion",
    "FormerAddress",
    "Picture",
    "name_in_texts",
    "sees_drafts",
    "taken_addresses",
    "time_zones",
    "validate_download_name",
    "validate_picture_name",
    "validate_time_zone",
]
