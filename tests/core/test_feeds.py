"""What programs that come again and again are answered."""

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from apps.core.feeds import feed_response

CHANGED = datetime(2030, 5, 3, 12, 0, 0, 900_000, tzinfo=UTC)
DATE, BEFORE = "Fri, 03 May 2030 12:00:00 GMT", "Fri, 03 May 2030 11:59:59 GMT"


def fetched(
    headers: dict[str, str] | None = None,
    *,
    body: bytes = b"words",
    is_public: bool = True,
    changed_at: datetime | None = CHANGED,
):
    request = RequestFactory().get("/feed", headers=headers or {})
    return feed_response(
        request, body, content_type="text/plain", changed_at=changed_at, is_public=is_public
    )


def test_a_feed_says_what_it_is_and_when_it_changed():
    response = fetched()

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
def test_who_has_it_already_is_told_so(headers, status):
    assert fetched(headers).status_code == status


def test_its_tag_is_that_of_its_words():
    tag = fetched()["ETag"]

    again, weakly, changed = (
        fetched({"If-None-Match": tag}),
        fetched({"If-None-Match": f"W/{tag}"}),  # as it is called once it was compressed
        fetched({"If-None-Match": tag}, body=b"others"),
    )

    assert [answer.status_code for answer in (again, weakly, changed)] == [304, 304, 200]
    assert (again["ETag"], again["Access-Control-Allow-Origin"]) == (tag, "*")
    assert again.content == b""


def test_what_nobody_knows_the_date_of_is_known_by_its_tag():
    response = fetched({"If-Modified-Since": DATE}, changed_at=None)

    assert (response.status_code, "Last-Modified" in response) == (200, False)


def test_a_draft_is_kept_by_nobody_and_read_by_no_other_site():
    response = fetched(is_public=False)

    assert "no-store" in response["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response
