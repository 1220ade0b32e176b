"""The Atom feed of news (RFC 4287)."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from tests.factories import make_edition, make_news

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "<script>&amp; ]]> \x0b\x1b\ufffe 🎓"


@pytest.fixture
def edition(db):
    return make_edition(slug="2024", short_name="Small & <b>")


def fetch(client, **headers):
    return client.get("/2024/news.atom", headers=headers)


def tree(client) -> ElementTree.Element:
    return ElementTree.fromstring(fetch(client).content)  # noqa: S314  (our own bytes)


def children_of(element: ElementTree.Element) -> list[tuple]:
    """Name, text and attributes of the children of `element` other than entries."""
    parts = [part for part in element if part.tag not in {f"{ATOM}entry", f"{ATOM}author"}]
    return [(part.tag.removeprefix(ATOM), part.text or "", part.attrib) for part in parts]


def test_the_feed_contains_all_facts_with_absolute_links(edition, client):
    item = make_news(
        edition,
        title="Rooms & <i>",
        body="In [the hall](/2024/travel/), [more](../x/?a=1&b=2#c), [mail](mailto:a@example.org).",
        published_at=datetime(2024, 5, 3, 9, tzinfo=UTC),
    )

    feed = tree(client)

    assert children_of(feed) == [
        ("title", "News: Small & <b>", {}),
        ("link", "", {"rel": "alternate", "href": f"{SITE}/2024/news/"}),
        ("link", "", {"rel": "self", "href": f"{SITE}/2024/news.atom"}),
        ("id", f"{SITE}/2024/news.atom", {}),
        ("updated", "2024-05-03T09:00:00+00:00", {}),
    ]
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Small & <b>"
    address = f"{SITE}/2024/news/{item.slug}/"
    assert [children_of(entry) for entry in feed.iter(f"{ATOM}entry")] == [
        [
            ("title", "Rooms & <i>", {}),
            ("link", "", {"rel": "alternate", "href": address}),
            ("published", "2024-05-03T09:00:00+00:00", {}),
            ("updated", "2024-05-03T09:00:00+00:00", {}),
            ("id", f"urn:uuid:{item.uuid}", {}),
            (
                "summary",
                f'<p>In <a href="{SITE}/2024/travel/" rel="noopener">the hall</a>, '
                f'<a href="{SITE}/2024/news/x/?a=1&amp;b=2#c" rel="noopener">more</a>, '
                '<a href="mailto:a@example.org" rel="noopener">mail</a>.</p>\n',
                {"type": "html"},
            ),
        ]
    ]


def test_a_renamed_item_keeps_its_id_and_is_updated(edition, client):
    item = make_news(edition)
    before = tree(client).findtext(f"{ATOM}entry/{ATOM}id")
    item.title, item.changed_at = "Renamed", datetime(2025, 1, 1, tzinfo=UTC)
    item.save()

    feed = tree(client)

    assert feed.findtext(f"{ATOM}entry/{ATOM}id") == before
    assert feed.findtext(f"{ATOM}updated") == "2025-01-01T00:00:00+00:00"
    assert feed.findtext(f"{ATOM}entry/{ATOM}published") == "2024-05-03T12:00:00+00:00"


def test_hostile_texts_are_escaped(edition, client):
    make_news(edition, title=HOSTILE, body=HOSTILE + "\n\n[x](http://[broken)", published_at=None)

    entry = tree(client).find(f"{ATOM}entry")

    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == "<script>& ]]>  🎓"
    assert "<script" not in (entry.findtext(f"{ATOM}summary") or "")
    assert entry.find(f"{ATOM}published") is None


def test_a_feed_without_items_is_valid(edition, client):
    feed = tree(client)

    assert feed.find(f"{ATOM}entry") is None
    assert feed.findtext(f"{ATOM}updated")


def test_the_feed_contains_the_newest_fifty_items(edition, client):
    for minute in range(52):
        make_news(edition, published_at=datetime(2024, 5, 3, 12, minute, tzinfo=UTC))

    dates = [element.text for element in tree(client).iter(f"{ATOM}published")]

    assert len(dates) == 50
    assert dates[0] == "2024-05-03T12:51:00+00:00"
    assert dates == sorted(dates, key=str, reverse=True)


def test_an_unchanged_feed_is_answered_with_304(edition, client, time_machine):
    make_news(edition)
    item = make_news(edition)
    time_machine.move_to(timezone.now() + timedelta(minutes=1), tick=False)
    response = fetch(client)
    since = {"If-Modified-Since": response["Last-Modified"]}

    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert fetch(client, **{"If-None-Match": response["ETag"]}).status_code == 304
    assert fetch(client, **since).status_code == 304

    # A removed item is a change, too.
    item.is_published = False
    item.save()
    assert fetch(client, **since).status_code == 200
    assert fetch(client, **{"If-None-Match": response["ETag"]}).status_code == 200


def test_the_feed_changes_at_the_date_of_a_future_item(edition, client, time_machine):
    make_news(edition)
    to_come = timezone.now() + timedelta(hours=1)
    make_news(edition, published_at=to_come)
    response = fetch(client)

    time_machine.move_to(to_come)

    changed = fetch(client, **{"If-Modified-Since": response["Last-Modified"]})
    assert changed.status_code == 200
    assert changed.content.count(b"<entry>") == 2


def test_the_feed_of_a_draft_is_for_organisers_only(client, as_editor):
    make_news(make_edition(slug="2024", state="draft"))

    response = as_editor.get("/2024/news.atom")

    assert client.get("/2024/news.atom").status_code == 404
    assert "no-store" in response["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response


def test_other_pages_send_no_cors_header(edition, client):
    make_news(edition, title="Rooms")

    for path in ("/2024/", "/2024/news/", "/2024/news/rooms/"):
        assert "Access-Control-Allow-Origin" not in client.get(path)
