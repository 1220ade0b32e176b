"""News on public pages and in the admin."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertHTMLEqual, assertNotContains

from apps.news.models import NewsItem
from tests.factories import make_current_edition, make_edition, make_news, make_section

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(db):
    edition = make_current_edition(slug="2024", time_zone="Australia/Sydney")
    make_section(edition, heading="Announcements", shows="news")
    return edition


def titles(client, path: str) -> list[str]:
    page = client.get(path).content.decode()
    return [part.partition("<")[0] for part in page.split('/">')[1:] if part.startswith("News ")]


def test_news_is_listed_latest_first_and_three_on_the_home_page(edition, client):
    for day in (3, 1, 4, 2):
        make_news(edition, title=f"News {day}", published_at=datetime(2024, 5, day, tzinfo=UTC))
    make_news(edition, title="News undated", published_at=None)
    make_news(make_edition(slug="2023"), title="News of another year")

    assert titles(client, "/2024/news/") == [
        *("News 4", "News 3", "News 2", "News 1", "News undated")
    ]
    assert titles(client, "/") == ["News 4", "News 3", "News 2"]
    assertContains(client.get("/"), '<a href="/2024/news/">All news</a>')


def test_a_news_item_has_its_day_in_the_editions_time_zone(edition, client):
    item = make_news(
        edition,
        title="Rooms",
        body="In **the** hall",
        published_at=datetime(2024, 5, 2, 20, tzinfo=UTC),
    )

    page = client.get("/2024/news/rooms/").content.decode()

    assert item.published_on == date(2024, 5, 3)
    assert '<time datetime="2024-05-03">Friday 3 May 2024</time>' in page
    assert "<p>In <strong>the</strong> hall</p>" in page
    assert '<link rel="canonical" href="http://localhost:8000/2024/news/rooms/">' in page
    assert '<meta name="description" content="In the hall">' in page


def test_an_item_without_a_headline_is_named_by_its_first_words(edition, client):
    item = make_news(
        edition, title="", body="**Recordings** are [here](/r), for all.", published_at=None
    )

    page = client.get("/2024/news/").content.decode()

    assert (str(item), item.slug) == (
        *("Recordings are here, for all.", "recordings-are-here-for-all"),
    )
    assertHTMLEqual(
        page[page.index('<div class="news-head">') : page.index('<div class="prose"')],
        f"""<div class="news-head"><p class="news-date"><a href="/2024/news/{item.slug}/">
        Announcement<span class="vh">: Recordings are here, for all.</span></a></p></div>""",
    )


def test_future_news_appears_at_its_date(edition, client, as_editor, time_machine):
    to_come = timezone.now() + timedelta(hours=1)
    item = make_news(edition, title="News to come", published_at=to_come)
    paths = ("/", "/2024/news/", "/2024/news.atom", "/sitemap.xml")
    address = item.get_absolute_url()

    for path in paths:
        assertNotContains(client.get(path), "to-come")
    assertNotContains(client.get("/"), "news.atom")
    assert (client.get(address).status_code, as_editor.get(address).status_code) == (404, 200)
    assert "no-store" in as_editor.get(address)["Cache-Control"]

    time_machine.move_to(to_come)
    for path in paths:
        assertContains(client.get(path), "to-come")
    assertContains(
        client.get("/"),
        '<link rel="alternate" type="application/atom+xml" '
        f'title="News: {edition.name}" href="/2024/news.atom">',
        html=True,
    )
    assert client.get(address).status_code == 200


def test_without_news_the_section_is_hidden_and_the_page_shows_a_note(edition, client):
    make_news(edition, is_published=False)

    assertNotContains(client.get("/"), "Announcements")
    assertContains(client.get("/2024/news/"), "To be announced here.")


def _data(**fields) -> dict:
    empty = {"published_at_0": "", "published_at_1": ""}
    return {"title": "Rooms", "body": "In the hall."} | empty | fields


def test_publishing_without_a_date_means_now(edition, as_editor):
    add = {"edition": edition.pk}

    as_editor.post("/admin/news/newsitem/add/", _data(**add, title="Draft"))
    response = as_editor.post(
        "/admin/news/newsitem/add/", _data(**add, title="Out", is_published="on")
    )

    draft, out = NewsItem.objects.get(title="Draft"), NewsItem.objects.get(title="Out")
    assert response["Location"] == f"/admin/editions/edition/{edition.pk}/more/#news-group"
    assert (draft.is_visible, draft.published_at) == (False, None)
    assert out.is_visible
    assert out.published_at
    assert timezone.now() - out.published_at < timedelta(minutes=1)


@pytest.mark.parametrize("day", ["01/01/0001", "31/12/9999"])
def test_a_date_out_of_range_is_refused(edition, as_editor, day):
    data = _data(edition=edition.pk, published_at_0=day, published_at_1="23:59", is_published="on")

    page = as_editor.post("/admin/news/newsitem/add/", data)

    assertContains(page, "Choose a day between 1970 and 2999.")
    assert not NewsItem.objects.exists()


def test_published_news_without_a_date_stays_undated(edition, as_editor):
    item = make_news(edition, title="", published_at=None)

    as_editor.post(f"/admin/news/newsitem/{item.pk}/change/", _data(is_published="on"))

    item.refresh_from_db()
    assert (item.title, item.published_at) == ("Rooms", None)


def test_a_changed_text_is_an_update_and_a_changed_date_is_not(edition, as_editor):
    item = make_news(edition, body="In the hall.")
    address = f"/admin/news/newsitem/{item.pk}/change/"
    dated = {"published_at_0": "04/05/2024", "published_at_1": "10:00", "is_published": "on"}

    as_editor.post(address, _data(title=item.title, **dated))
    item.refresh_from_db()
    assert item.changed_at is None
    assert item.updated_at == item.published_at == datetime(2024, 5, 4, 9, tzinfo=UTC)

    as_editor.post(address, _data(title="Other rooms", **dated))
    item.refresh_from_db()
    assert item.updated_at == item.changed_at
    assert item.get_absolute_url() == f"/2024/news/{item.slug}/"
    assert "other" not in item.slug


def test_publishing_on_the_editions_page_sets_the_date(edition, as_chair):
    item = make_news(edition, is_published=False, published_at=None)
    page = as_chair.get(f"/admin/editions/edition/{edition.pk}/more/")
    data: dict[str, object] = {}
    for form in (page.context["adminform"].form, *_forms(page)):
        data |= {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    data = {name: value for name, value in data.items() if value is not False}

    response = as_chair.post(page.request["PATH_INFO"], data | {"news-0-is_published": "on"})

    item.refresh_from_db()
    assert response.status_code == 302
    assert (item.is_published, item.published_at is None) == (True, False)


def _forms(page):
    for inline in page.context["inline_admin_formsets"]:
        yield inline.formset.management_form
        yield from inline.formset.forms


def test_an_announcement_names_others_that_are_public(edition, client):
    make_news(edition, title="Rooms", slug="rooms")
    make_news(edition, title="Buses")
    make_news(edition, title="Secret", is_published=False)

    page = client.get("/2024/news/rooms/")

    assertContains(page, "Buses")
    assertNotContains(page, "Secret")
