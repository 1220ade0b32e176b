"""Checks of uploads: size, and PDFs and ZIP archives that visitors can download."""

import re
import secrets
import zipfile
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext

_MAX_BYTES = 50 * 1024 * 1024
_MAX_ENTRY_BYTES = 10 * 1024 * 1024
_CHUNK = 1024 * 1024
# The trailer of an encrypted PDF names its encryption dictionary and is never compressed
# (ISO 32000-1, 7.5.5 and 7.5.8).
_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_LONGEST_MATCH = 64
# Accepted types, by the ends of the names of files.
ATTACHMENT_TYPES = {".pdf": "application/pdf", ".zip": "application/zip"}
# The folders in which checked files are stored.
_FOLDERS = ("slides/", "attachments/", "files/", "entries/")


def random_attachment_name_in(folder: str, filename: str) -> str:
    """A file name in `folder` that cannot be guessed, with the suffix of an accepted type."""
    suffix = PurePath(filename).suffix.lower()
    return f"{folder}/{secrets.token_hex(12)}{suffix if suffix in ATTACHMENT_TYPES else ''}"


def attachment_type(name: str) -> str:
    """The media type of a stored file, by the suffix of its name."""
    return ATTACHMENT_TYPES.get(PurePath(name).suffix, "application/octet-stream")


def validate_slides(upload: File) -> None:
    """Raise ValidationError unless `upload` is an unencrypted PDF of at most 50 MB.

    The content decides, not the name. A stored file is not read again.
    """
    _validate_pdf(
        upload, gettext("This is not a PDF. Export the slides or the poster as PDF."), _MAX_BYTES
    )


def validate_entry_pdf(upload: File) -> None:
    """Raise ValidationError unless `upload` is an unencrypted PDF of at most 10 MB.

    The content decides, not the name. A stored file is not read again.
    """
    _validate_pdf(upload, gettext("This is not a PDF. Choose a PDF file."), _MAX_ENTRY_BYTES)


def _validate_pdf(upload: File, not_pdf: str, limit: int) -> None:
    if _is_stored(upload):
        return
    check_size(upload, limit)
    if not _is_pdf(upload):
        raise ValidationError(not_pdf, code="not_pdf")
    _refuse_encrypted(upload)


def validate_attachment(upload: File) -> None:
    """Raise ValidationError unless `upload` is an unencrypted PDF or a ZIP archive, at most 50 MB.

    Name and content must agree. A stored file is not read again.
    """
    if _is_stored(upload):
        return
    check_size(upload, _MAX_BYTES)
    match PurePath(upload.name or "").suffix.lower():
        case ".pdf" if _is_pdf(upload):
            _refuse_encrypted(upload)
        case ".zip" if _is_zip(upload):
            upload.seek(0)
        case _:
            raise ValidationError(
                "This is neither a PDF nor a ZIP archive. Choose a file whose name ends in .pdf "
                "or .zip.",
                code="not_accepted",
            )


def _is_stored(upload: File) -> bool:
    return isinstance(upload, FieldFile) and (upload.name or "").startswith(_FOLDERS)


def check_size(upload: File, limit: int) -> None:
    """Raise ValidationError for an empty file and for one of more than `limit` bytes."""
    if not upload.size:
        raise ValidationError(gettext("The file is empty. Choose another one."), code="empty")
    if upload.size > limit:
        raise ValidationError(
            gettext("The file has %(size)s MB. Choose one of at most %(limit)d MB."),
            code="too_large",
            params={"size": f"{upload.size / 1024**2:.3g}", "limit": limit // 1024**2},
        )


def _is_pdf(upload: File) -> bool:
    """Some readers accept other bytes before the header; browsers do not."""
    upload.seek(0)
    return bool(upload.read(5).startswith(b"%PDF-"))


def _is_zip(upload: File) -> bool:
    """Whether it begins and ends as an archive; its entries are not read."""
    upload.seek(0)
    begins = upload.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}  # the second one has no entries
    return bool(begins and zipfile.is_zipfile(upload))


def _refuse_encrypted(upload: File) -> None:
    upload.seek(0)
    tail = b""
    for chunk in upload.chunks(_CHUNK):
        if _ENCRYPTED.search(tail + chunk):
            raise ValidationError(
                gettext("This PDF is encrypted. Save it again without a password."),
                code="encrypted",
            )
        tail = chunk[-_LONGEST_MATCH:]
    upload.seek(0)
