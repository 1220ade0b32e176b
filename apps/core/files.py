"""Private files: storage, deletion, responses, and the limit on uploads.

Private files lie beside the media folder, which a web server in front may serve by itself. Only a
view that has checked the visitor's permission sends one.
"""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.core.files.uploadhandler import FileUploadHandler
from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_delete, post_save, pre_save
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers, get_conditional_response

_BLOCK_SIZE = 256 * 1024  # bytes read and sent at a time


class LimitedUploadHandler(FileUploadHandler):
    """Refuses a request above LARGEST_REQUEST before anything is read.

    Django limits everything but files, and reads those of anonymous visitors too while it looks
    for the CSRF token: any of them could fill the disk.
    """

    def handle_raw_input(
        self, input_data, meta, content_length: int, boundary, encoding=None
    ) -> None:
        if content_length > settings.LARGEST_REQUEST:
            raise RequestDataTooBig("The request is larger than LARGEST_REQUEST.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers behind this one."""


class PrivateStorage(FileSystemStorage):
    """The folder PRIVATE_ROOT, closed to other users of the machine; its files have no URL."""

    def __init__(self) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self) -> Path:
        return Path(settings.PRIVATE_ROOT)  # as the settings are now

    @property
    def location(self) -> str:
        return str(self.base_location.absolute())

    @property
    def base_url(self) -> Any:
        return None  # so that `url` raises


def private_storage() -> Storage:
    """The storage "private" of the settings."""
    return storages["private"]


class _PrivateFile(FieldFile):
    @property
    def url(self) -> str:
        """Address of the view that sends the file, as its object says."""
        owner: Any = self.instance
        return str(owner.file_address)


class PrivateFileField(models.FileField):
    """A file in PRIVATE_ROOT; its model has the address as `file_address`."""

    attr_class = _PrivateFile

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault("storage", private_storage)
        super().__init__(*args, **kwargs)


def delete_unused_files(sender: type[models.Model], field: str) -> None:
    """Delete files of `field` after the commit that replaces or clears them or deletes their row.

    A file stays as long as another row has it: the rows of a copied edition share files.
    """
    for signal, receiver in ((pre_save, _remember), (post_save, _replaced), (post_delete, _gone)):
        signal.connect(
            partial(receiver, field),
            sender=sender,
            weak=False,
            dispatch_uid=f"{sender.__name__}_{field}_{receiver.__name__}",
        )


def _remember(
    field: str, sender, instance, raw: bool = False, update_fields=None, **kwargs
) -> None:
    if raw or instance.pk is None or (update_fields is not None and field not in update_fields):
        return
    rows = sender.objects.filter(pk=instance.pk)
    setattr(instance, f"{field}_before", rows.values_list(field, flat=True).first())


def _replaced(field: str, sender, instance, **kwargs) -> None:
    before = instance.__dict__.pop(f"{field}_before", None)
    if before and before != getattr(instance, field).name:
        transaction.on_commit(partial(_delete_if_unused, sender, field, before), robust=True)


def _gone(field: str, sender, instance, **kwargs) -> None:
    if name := getattr(instance, field).name:
        transaction.on_commit(partial(_delete_if_unused, sender, field, name), robust=True)


def _delete_if_unused(sender: type[models.Model], field: str, name: str) -> None:
    if not sender._default_manager.filter(**{field: name}).exists():
        column: Any = sender._meta.get_field(field)
        column.attr_class(sender(), column, name).delete(save=False)


def file_response(
    request: HttpRequest,
    file: FieldFile,
    *,
    filename: str = "",
    content_type: str = "application/pdf",
    is_public: bool = False,
) -> HttpResponseBase:
    """The stored `file`, as a download if it has a `filename`.

    304 for a browser that has it already (RFC 9110, 13); 404 if there is none. Browsers revalidate
    a public file each time; one that is not public is never cached.
    """
    if not file:
        raise Http404
    # A file's name is random and never used twice, so it stands for the content.
    etag = f'"{hashlib.sha256((file.name or "").encode()).hexdigest()[:32]}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag)
    if response is None:
        try:
            stored = file.storage.open(file.name or "", "rb")
        except OSError:  # deleted a moment ago
            raise Http404 from None
        response = FileResponse(
            stored, as_attachment=bool(filename), filename=filename, content_type=content_type
        )
        response.block_size = _BLOCK_SIZE
    response["ETag"] = etag
    if is_public:
        response["Cache-Control"] = "no-cache"
    else:
        add_never_cache_headers(response)
    return response
