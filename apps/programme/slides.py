"""Slides: what is let in, and that their files follow their rows."""

import re
import secrets
from functools import partial

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.signals import post_delete, post_save, pre_save

MAX_BYTES = 50 * 1024 * 1024
_BEFORE = "_slides_before"
_PIECE = 1024 * 1024
# ISO 32000-1, 7.5.5: the trailer of an encrypted document names its encryption dictionary. The
# trailer, also as a cross-reference stream's dictionary (7.5.8), is never compressed.
_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_LONGEST_MARK = 64


def random_slides_name(instance: models.Model, filename: str) -> str:
    """A name that cannot be guessed, and is always a PDF's."""
    return f"slides/{secrets.token_hex(12)}.pdf"


def validate_slides(upload: File) -> None:
    """Raises ValidationError unless `upload` is a PDF of at most 50 MB that is not encrypted.

    What counts is what it holds, whatever its name says.
    """
    if not upload.size:
        raise ValidationError("The file is empty. Choose another one.", code="empty")
    if upload.size > MAX_BYTES:
        raise ValidationError(
            f"The file has {upload.size / 1024**2:.0f} MB. Choose a PDF of at most 50 MB.",
            code="too_large",
        )
    upload.seek(0)
    # Readers accept rubbish before the header; browsers do not, and we go by them.
    if not upload.read(5).startswith(b"%PDF-"):
        raise ValidationError("This is not a PDF. Export the slides as PDF.", code="not_pdf")
    upload.seek(0)
    seen = b""
    while piece := upload.read(_PIECE):
        if _ENCRYPTED.search(seen + piece):
            raise ValidationError(
                "This PDF is encrypted. Save it again without a password.", code="encrypted"
            )
        seen = piece[-_LONGEST_MARK:]
    upload.seek(0)


def follow_rows(sender: type[models.Model]) -> None:
    """Lets files of slides go, after the commit, once replaced, cleared or left without a row."""
    pre_save.connect(_remember, sender=sender, dispatch_uid="slides_before")
    post_save.connect(_follow, sender=sender, dispatch_uid="slides_saved")
    post_delete.connect(_forget, sender=sender, dispatch_uid="slides_deleted")


def _remember(sender, instance, raw: bool = False, update_fields=None, **kwargs) -> None:
    if raw or instance.pk is None or (update_fields is not None and "slides" not in update_fields):
        return
    rows = sender._default_manager.filter(pk=instance.pk)
    instance.__dict__[_BEFORE] = rows.values_list("slides", flat=True).first() or ""


def _follow(sender, instance, **kwargs) -> None:
    before = instance.__dict__.pop(_BEFORE, "")
    if before and before != instance.slides.name:
        transaction.on_commit(partial(default_storage.delete, before), robust=True)


def _forget(sender, instance, **kwargs) -> None:
    if instance.slides:
        transaction.on_commit(partial(default_storage.delete, instance.slides.name), robust=True)
