"""Feeds: conditional requests, CORS, caching."""

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from apps.core.feeds import feed_response

CHANGED = datetime(2030, 5, 3, 12, 0, 0, 900_000, tzinfo=UTC)
DATE, BEFORE = "Fri, 03 May 2030 12:00:00 GMT", "Fri, 03 May 2030 11:59:59 GMT"


def fetch(
    headers: dict[str, str] | None = None,
    *,
    body: bytes = b"content",
    is_public: bool = True,
    changed_at: datetime | None = CHANGED,
):
    request = RequestFactory().get("/feed", headers=headers or {})
    return feed_response(
        request, body, content_type="text/plain", changed_at=changed_at, is_public=is_public
    )


def test_a_public_feed_has_its_headers():
    response = fetch()

    headers = dict(response.headers)
    assert len(headers.pop("ETag")) == 34
    assert headers == {
        "Content-Type": "text/plain",
        "Last-Modified": DATE,
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag",
        "Cache-Control": "no-cache",
    }


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Modified-Since": DATE}, 304),
        ({"If-Modified-Since": BEFORE}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"another"', "If-Modified-Since": DATE}, 200),
    ],
)
def test_conditional_requests(headers, status):
    assert fetch(headers).status_code == status


def test_the_etag_belongs_to_the_content():
    tag = fetch()["ETag"]

    same, weak, changed = (
        fetch({"If-None-Match": tag}),
        fetch({"If-None-Match": f"W/{tag}"}),  # as after compression
        fetch({"If-None-Match": tag}, body=b"other"),
    )

    assert [response.status_code for response in (same, weak, changed)] == [304, 304, 200]
    assert (same["ETag"], same["Access-Control-Allow-Origin"]) == (tag, "*")
    assert same.content == b""


def test_a_feed_without_a_known_date_has_no_last_modified():
    response = fetch({"If-Modified-Since": DATE}, changed_at=None)

    assert (response.status_code, "Last-Modified" in response) == (200, False)


def test_a_feed_that_is_not_public_is_neither_cached_nor_shared():
    response = fetch(is_public=False)

    assert "no-store" in response["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response
