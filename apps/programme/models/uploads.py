"""Random names of the files that contributions offer for download."""

import secrets

from django.db import models

from apps.core.uploads import random_attachment_name_in, validate_attachment, validate_slides

# Migrations name the checks here.
__all__ = ["random_attachment_name", "random_slides_name", "validate_attachment", "validate_slides"]


def random_slides_name(instance: models.Model, filename: str) -> str:
    """A file name that cannot be guessed."""
    return f"slides/{secrets.token_hex(12)}.pdf"


def random_attachment_name(instance: models.Model, filename: str) -> str:
    """A file name that cannot be guessed, with the suffix of an accepted type."""
    return random_attachment_name_in("attachments", filename)
