"""Files that only some may read: whole, in parts, or not again."""

import stat

import pytest
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from django.http import Http404
from django.test import RequestFactory

from apps.core.files import file_response, private_storage
from apps.programme.models import Contribution

CONTENT = b"%PDF-1.7 0123456789"


@pytest.fixture
def file() -> FieldFile:
    name = private_storage().save("slides/any.pdf", ContentFile(CONTENT))
    return FieldFile(Contribution(), Contribution._meta.get_field("slides"), name)


def _answer(file, method="get", is_public=True, **headers):
    names = {name.replace("_", "-"): words for name, words in headers.items()}
    request = getattr(RequestFactory(), method)("/any.pdf", headers=names)
    answer = file_response(request, file, filename="talk.pdf", is_public=is_public)
    answer.body = b"".join(answer)  # type: ignore[attr-defined]  # read once, and let go
    # close() itself would end the test's transaction.
    for close in answer._resource_closers:  # type: ignore[attr-defined]  # not documented
        close()
    return answer


def _body(answer) -> bytes:
    return answer.body


def test_it_lies_beside_the_media_folder_closed_to_others(file, settings):
    path = settings.PRIVATE_ROOT / file.name

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert settings.MEDIA_ROOT not in path.parents
    with pytest.raises(ValueError, match="not accessible via a URL"):
        private_storage().url(file.name)


def test_a_file_is_handed_out_to_be_kept(file):
    answer = _answer(file)

    assert (answer.status_code, _body(answer)) == (200, CONTENT)
    assert {name: answer[name] for name in ("Content-Type", "Content-Length", "Accept-Ranges")} == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(CONTENT)),
        "Accept-Ranges": "bytes",
    }
    assert answer["Content-Disposition"] == 'attachment; filename="talk.pdf"'
    assert answer["Cache-Control"] == "no-cache"


def test_who_has_it_is_answered_304_without_a_look_at_the_disk(file, settings):
    etag = _answer(file)["ETag"]
    (settings.PRIVATE_ROOT / file.name).unlink()

    answer = _answer(file, If_None_Match=etag)

    assert (answer.status_code, _body(answer), answer["ETag"]) == (304, b"", etag)
    assert answer["Cache-Control"] == "no-cache"
    with pytest.raises(Http404):
        _answer(file)


def test_what_is_not_public_is_kept_by_no_cache(file):
    answer = _answer(file, is_public=False)

    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert _body(answer) == CONTENT


@pytest.mark.parametrize(
    ("asked", "part", "of"),
    [
        ("bytes=0-0", b"%", "0-0"),
        ("bytes=9-12", b"0123", "9-12"),
        ("bytes=17-", b"89", "17-18"),
        ("bytes=17-400", b"89", "17-18"),
        ("bytes=-2", b"89", "17-18"),
        ("bytes=-400", CONTENT, "0-18"),
    ],
)
def test_a_part_is_handed_out_as_it_lies(file, asked, part, of):
    answer = _answer(file, Range=asked)

    assert (answer.status_code, _body(answer)) == (206, part)
    assert answer["Content-Range"] == f"bytes {of}/19"
    assert answer["Content-Length"] == str(len(part))
    assert answer["Content-Disposition"] == 'attachment; filename="talk.pdf"'


@pytest.mark.parametrize("asked", ["bytes=19-", "bytes=400-500", "bytes=-0"])
def test_a_part_it_does_not_have_is_refused(file, asked):
    answer = _answer(file, Range=asked)

    assert (answer.status_code, _body(answer)) == (416, b"")
    assert answer["Content-Range"] == "bytes */19"


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,3-4", "bytes=5-2", "bytes=-", "items=0-1", "bytes=x", "", f"bytes=0-{'9' * 400}"],
)
def test_what_is_no_single_part_is_answered_whole(file, asked):
    answer = _answer(file, Range=asked)

    assert (answer.status_code, _body(answer)) == (200, CONTENT)


def test_a_part_of_another_version_is_answered_whole(file):
    etag = _answer(file)["ETag"]

    assert _answer(file, Range="bytes=0-3", If_Range='"other"').status_code == 200
    assert _answer(file, Range="bytes=0-3", If_Range=etag).status_code == 206
    assert _answer(file, method="head", Range="bytes=0-3").status_code == 200


def test_no_file_is_nothing(file):
    nothing = FieldFile(Contribution(), Contribution._meta.get_field("slides"), "")

    with pytest.raises(Http404):
        _answer(nothing)
