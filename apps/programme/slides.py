"""Slides: what is let in, and that their files follow their rows."""

import re
import secrets
from functools import partial

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_delete, post_save, pre_save

from apps.core.files import private_storage

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

    What counts is what it holds, whatever its name says. What is stored already was looked at
    when it came.
    """
    if isinstance(upload, FieldFile) and getattr(upload, "_committed", False):
        return
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


def follow_rows(sender: type[models.Model], field: str = "slides") -> None:
    """Lets the files of `field` go, after the commit, once replaced, cleared or left without a row."""
    for signal, receiver in ((pre_save, _remember), (post_save, _follow), (post_delete, _forget)):
        signal.connect(
            partial(receiver, field),
            sender=sender,
            weak=False,
            dispatch_uid=f"{field}_{receiver.__name__}",
        )


def _remember(
    field: str, sender, instance, raw: bool = False, update_fields=None, **kwargs
) -> None:
    if raw or instance.pk is None or (update_fields is not None and field not in update_fields):
        return
    rows = sender._default_manager.filter(pk=instance.pk)
    instance.__dict__[_BEFORE] = rows.values_list(field, flat=True).first() or ""


def _follow(field: str, sender, instance, **kwargs) -> None:
    before = instance.__dict__.pop(_BEFORE, "")
    if before and before != getattr(instance, field).name:
        transaction.on_commit(partial(private_storage().delete, before), robust=True)


def _forget(field: str, sender, instance, **kwargs) -> None:
    if file := getattr(instance, field):
        transaction.on_commit(partial(private_storage().delete, file.name), robust=True)
