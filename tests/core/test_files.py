"""Private files: whole, by range, or 304."""

import stat

import pytest
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.test import RequestFactory

from apps.core.files import file_response, private_storage
from apps.programme.models import Contribution

CONTENT = b"%PDF-1.7 0123456789"


@pytest.fixture
def file() -> FieldFile:
    name = private_storage().save("slides/any.pdf", ContentFile(CONTENT))
    return FieldFile(Contribution(), Contribution._meta.get_field("slides"), name)


def _get(file, method="get", is_public=True, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = getattr(RequestFactory(), method)("/any.pdf", headers=names)
    response = file_response(request, file, filename="talk.pdf", is_public=is_public)
    response.body = b"".join(response)  # type: ignore[attr-defined]
    if isinstance(response, FileResponse):
        # response.close() would end the test's transaction.
        response.file_to_stream.close()  # type: ignore[union-attr]
    return response


def test_private_files_are_outside_the_media_folder_and_closed_to_others(file, settings):
    path = settings.PRIVATE_ROOT / file.name

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert settings.MEDIA_ROOT not in path.parents
    with pytest.raises(ValueError, match="not accessible via a URL"):
        private_storage().url(file.name)


def test_a_file_is_a_download(file):
    response = _get(file)

    assert (response.status_code, response.body) == (200, CONTENT)
    assert {
        name: response[name] for name in ("Content-Type", "Content-Length", "Accept-Ranges")
    } == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(CONTENT)),
        "Accept-Ranges": "bytes",
    }
    assert response["Content-Disposition"] == 'attachment; filename="talk.pdf"'
    assert response["Cache-Control"] == "no-cache"


def test_a_cached_file_is_304_without_reading_the_disk(file, settings):
    etag = _get(file)["ETag"]
    (settings.PRIVATE_ROOT / file.name).unlink()

    response = _get(file, If_None_Match=etag)

    assert (response.status_code, response.body, response["ETag"]) == (304, b"", etag)
    assert response["Cache-Control"] == "no-cache"
    with pytest.raises(Http404):
        _get(file)


def test_a_file_that_is_not_public_is_never_cached(file):
    response = _get(file, is_public=False)

    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert response.body == CONTENT


@pytest.mark.parametrize(
    ("requested", "part", "sent"),
    [
        ("bytes=0-0", b"%", "0-0"),
        ("bytes=9-12", b"0123", "9-12"),
        ("bytes=17-", b"89", "17-18"),
        ("bytes=17-400", b"89", "17-18"),
        ("bytes=-2", b"89", "17-18"),
        ("bytes=-400", CONTENT, "0-18"),
    ],
)
def test_a_range_is_sent(file, requested, part, sent):
    response = _get(file, Range=requested)

    assert (response.status_code, response.body) == (206, part)
    assert response["Content-Range"] == f"bytes {sent}/19"
    assert response["Content-Length"] == str(len(part))
    assert response["Content-Disposition"] == 'attachment; filename="talk.pdf"'


@pytest.mark.parametrize("requested", ["bytes=19-", "bytes=400-500", "bytes=-0"])
def test_a_range_beyond_the_file_is_refused(file, requested):
    response = _get(file, Range=requested)

    assert (response.status_code, response.body) == (416, b"")
    assert response["Content-Range"] == "bytes */19"


@pytest.mark.parametrize(
    "requested",
    ["bytes=0-1,3-4", "bytes=5-2", "bytes=-", "items=0-1", "bytes=x", "", f"bytes=0-{'9' * 400}"],
)
def test_anything_but_a_single_range_is_sent_whole(file, requested):
    response = _get(file, Range=requested)

    assert (response.status_code, response.body) == (200, CONTENT)


def test_a_range_of_another_version_is_sent_whole(file):
    etag = _get(file)["ETag"]

    assert _get(file, Range="bytes=0-3", If_Range='"other"').status_code == 200
    assert _get(file, Range="bytes=0-3", If_Range=etag).status_code == 206
    assert _get(file, method="head", Range="bytes=0-3").status_code == 200


def test_an_empty_field_is_404(file):
    empty = FieldFile(Contribution(), Contribution._meta.get_field("slides"), "")

    with pytest.raises(Http404):
        _get(empty)
