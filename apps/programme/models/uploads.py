"""Random names of the files that contributions offer for download."""

import secrets
from pathlib import PurePath

from django.db import models

from apps.core.uploads import ATTACHMENT_TYPES, validate_attachment, validate_slides

# Migrations name the checks here.
__all__ = ["random_attachment_name", "random_slides_name", "validate_attachment", "validate_slides"]


def random_slides_name(instance: models.Model, filename: str) -> str:
    """A file name that cannot be guessed."""
    return f"slides/{secrets.token_hex(12)}.pdf"


def random_attachment_name(instance: models.Model, filename: str) -> str:
    """A file name that cannot be guessed, with the suffix of an accepted type."""
    suffix = PurePath(filename).suffix.lower()
    return f"attachments/{secrets.token_hex(12)}{suffix if suffix in ATTACHMENT_TYPES else ''}"
