"""Files that only some may read: where they lie, and how they are handed out.

They lie beside the media folder and not in it, since a web server in front may serve that one by
itself. Only a view that has looked at who asks hands one out.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import models
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers, get_conditional_response

_BLOCK = 256 * 1024
# One part; of a list of parts we give the whole, as a server may (RFC 9110, 14.2).
_ONE_PART = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class PrivateStorage(FileSystemStorage):
    """The folder PRIVATE_ROOT, which other users of the machine cannot open; it has no addresses."""

    def __init__(self) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self) -> Path:
        """As the settings say now."""
        return Path(settings.PRIVATE_ROOT)

    @property
    def location(self) -> str:
        return str(self.base_location.absolute())

    @property
    def base_url(self) -> Any:
        """None: `url` then refuses."""
        return None


def private_storage() -> Storage:
    """Where such files lie, as the settings name it."""
    return storages["private"]


class _PrivateFile(FieldFile):
    @property
    def url(self) -> str:
        """Where those who may have it fetch it, as its row says."""
        row: Any = self.instance
        return str(row.file_address)


class PrivateFileField(models.FileField):
    """A file in PRIVATE_ROOT; its row has the address as `file_address`."""

    attr_class = _PrivateFile

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault("storage", private_storage)
        super().__init__(*args, **kwargs)


class _Part:
    """So many bytes of an open file, from where it stands."""

    def __init__(self, file: File, length: int) -> None:
        self._file, self._left = file, length

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes more of the part."""
        block = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        return block

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def hand_out(
    request: HttpRequest,
    file: FieldFile,
    *,
    filename: str = "",
    content_type: str = "application/pdf",
    is_public: bool = False,
) -> HttpResponseBase:
    """The stored `file`, whole or the part that is asked for; with a `filename`, to be kept.

    Whoever has it already is answered 304 and the disk is not read (RFC 9110, 13 and 14). A public
    one is asked about each time; of one that is not, no cache keeps anything. 404 without a file.
    """
    if not file:
        raise Http404
    # A file's name is random and never used twice, so it stands for what is in it.
    etag = f'"{hashlib.sha256((file.name or "").encode()).hexdigest()[:32]}"'
    answer: HttpResponseBase | None = get_conditional_response(request, etag)
    if answer is None:
        answer = _whole_or_part(request, _opened(file), etag, filename, content_type)
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    if is_public:
        answer["Cache-Control"] = "no-cache"
    else:
        add_never_cache_headers(answer)
    return answer


def _opened(file: FieldFile) -> File:
    try:
        return file.storage.open(file.name or "", "rb")
    except OSError:  # gone a moment ago
        raise Http404 from None


def _whole_or_part(
    request: HttpRequest, stored: File, etag: str, filename: str, content_type: str
) -> HttpResponseBase:
    size = stored.size
    part = _part_wanted(request, etag, size)
    if part is not None and not part:
        stored.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if part is None:
        answer = FileResponse(stored, as_attachment=bool(filename), filename=filename)
    else:
        stored.seek(part.start)
        rest = _Part(stored, len(part))
        answer = FileResponse(rest, as_attachment=bool(filename), filename=filename, status=206)
        answer["Content-Length"] = str(len(part))
        answer["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    answer.block_size = _BLOCK
    answer["Content-Type"] = content_type
    return answer


def _part_wanted(request: HttpRequest, etag: str, size: int) -> range | None:
    """The bytes that are asked for, none if the file has no such; None: all of it."""
    asked = _ONE_PART.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if request.method != "GET" or asked is None or asked[0] == "bytes=-":
        return None
    if request.headers.get("If-Range", etag) != etag:  # of another file than this
        return None
    if not asked[1]:
        return range(max(size - int(asked[2]), 0), size)
    first, last = int(asked[1]), int(asked[2] or size)
    if last < first:
        return None  # no range at all
    return range(first, min(last + 1, size))
