"""Private files: whole or 304, and closed to others."""

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


def _get(file, is_public=True, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = RequestFactory().get("/any.pdf", headers=names)
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
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(len(CONTENT))
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


def test_an_empty_field_is_404(file):
    empty = FieldFile(Contribution(), Contribution._meta.get_field("slides"), "")

    with pytest.raises(Http404):
        _get(empty)
