"""Change notices: on the pages of their edition for a time, and at the desk."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from apps.core.frozen import freezing
from apps.news.models import Notice
from tests.factories import (
    make_current_edition,
    make_edition,
    make_expression,
    make_notice,
    make_release,
    make_session,
)
from tests.interest.students import browser_of
from tests.page_cache import Site
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 5, 3, 10, tzinfo=UTC)  # in Berlin
DESK = "/admin/notices"


@pytest.fixture
def edition(db):
    return make_current_edition(slug="2024", time_zone="Europe/Berlin", language="de")


def desk(edition) -> str:
    return f"{DESK}/{edition.pk}/"


def test_a_notice_is_on_every_page_of_its_edition_and_on_no_other(edition, client):
    make_session(edition)
    make_release(edition)
    make_notice(edition, text="Room <change>: Hall 2", url="/2024/programme/")
    make_edition(slug="2023")

    for path in ("/", "/2024/news/", "/2024/programme/", "/2024/speaker/new-link/"):
        assertContains(client.get(path), "Room &lt;change&gt;: Hall 2", count=1)
    assertContains(client.get("/"), '<a href="/2024/programme/" dir="auto">Mehr dazu</a>')
    assertNotContains(client.get("/2023/"), "banner-notice")


def test_applicants_see_it_on_their_own_page(edition):
    expression = make_expression(edition)
    make_notice(edition, text="Room change")

    page = browser_of(expression).get(f"/2024/interest/{expression.reference}/")

    assertContains(page, "Room change")


def test_it_begins_and_ends_by_itself_also_in_cached_pages(edition):
    make_notice(edition, text="Room change", starts_at=NOON, ends_at=NOON + timedelta(minutes=30))
    site = Site()

    with time_machine.travel(NOON - timedelta(seconds=1), tick=False) as clock:
        before = site.get("/2024/").text
        clock.shift(11)
        during = site.get("/2024/").text
        clock.move_to(NOON + timedelta(minutes=30) - timedelta(seconds=1))
        last = site.get("/2024/").text
        clock.shift(11)
        after = site.get("/2024/").text

    assert ["Room change" in page for page in (before, during, last, after)] == [
        *(False, True, True, False)
    ]


def test_a_static_copy_has_no_notices(edition, client):
    make_notice(edition, text="Room change")

    with freezing():
        assertNotContains(client.get("/2024/"), "Room change")
        assert not Notice.objects.current(edition).exists()


def test_pages_without_a_notice_need_no_query_for_it(edition, client):
    without = count_queries(lambda: client.get("/2024/news/"))
    for _ in range(3):
        make_notice(edition)

    assert count_queries(lambda: client.get("/2024/news/")) == without + 1


def test_one_press_shows_a_notice_for_two_hours(edition, as_editor, client):
    with time_machine.travel(NOON, tick=False):
        response = as_editor.post(desk(edition), {"text": "Raum 2", "now": "1"}, follow=True)
        times = {"starts_at": "2030-05-03T18:00"}  # for the other button
        again = as_editor.post(desk(edition), {"text": "Raum 2", "now": "1"} | times, follow=True)

    notice = Notice.objects.get()
    assert (notice.starts_at, notice.ends_at) == (NOON, NOON + timedelta(hours=2))
    assertContains(response, "It is shown until 14:00 CEST on 3 May.")
    assertContains(again, "This notice is there already.")


def test_times_are_in_the_zone_of_the_edition(edition, as_editor):
    data = {"text": "Dinner", "starts_at": "2030-05-03T18:00", "ends_at": "2030-05-03T20:00"}

    response = as_editor.post(desk(edition), data, follow=True)

    notice = Notice.objects.get()
    assert notice.starts_at == datetime(2030, 5, 3, 16, tzinfo=UTC)
    assertContains(response, "It will be shown from 18:00 CEST on 3 May until 20:00 CEST on 3 May.")
    page = as_editor.get(reverse("news:notice", args=[notice.pk]))
    assertContains(page, 'value="2030-05-03T18:00"')


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"text": " "}, "Write the message"),
        ({"text": "x" * 201}, "at most 200 characters"),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"url": "//example.org/x"}, "Enter a valid URL"),
        ({"ends_at": "2020-01-01T10:00"}, "Choose an end that is later than now"),
        (
            {"starts_at": "2030-05-03T18:00", "ends_at": "2030-05-03T17:00"},
            "Choose an end that is later than now and than the start.",
        ),
        ({"ends_at": "tomorrow"}, "Enter a valid date/time."),
        ({"ends_at": "2030-03-31T02:30"}, "couldn’t be interpreted in time zone Europe/Berlin"),
        ({"starts_at": "9999-12-31T23:59"}, "Choose a day"),
    ],
)
def test_wrong_forms_are_shown_again_with_what_is_wrong(edition, as_editor, data, sentence):
    response = as_editor.post(desk(edition), {"text": "Room"} | data)

    assertContains(response, sentence)
    assert not Notice.objects.exists()


def test_end_now_takes_it_off_the_pages_and_deletes_one_that_has_not_begun(
    edition, as_editor, client
):
    shown = make_notice(edition, text="Room change")
    later = make_notice(edition, text="Later", starts_at=timezone.now() + timedelta(minutes=30))

    first, second, third = (
        as_editor.post(reverse("news:end-notice", args=[notice.pk]), follow=True)
        for notice in (shown, later, shown)
    )

    assertNotContains(client.get("/2024/"), "Room change")
    assertContains(first, "Ended. Pages that are open")
    assertContains(second, "Deleted: “Later”.")
    assertContains(third, "This notice has ended already.")
    assert [notice.text for notice in Notice.objects.all()] == ["Room change"]


def test_two_people_who_change_one_notice_do_not_overwrite_each_other(edition, as_editor):
    notice = make_notice(edition, text="Room change")
    page = as_editor.get(reverse("news:notice", args=[notice.pk]))
    data = {"text": "Mine", "ends_at": "2099-05-03T20:00"}
    token = {"version_token": page.context["version_token"]}

    first = as_editor.post(reverse("news:notice", args=[notice.pk]), data | token, follow=True)
    second = as_editor.post(
        reverse("news:notice", args=[notice.pk]), data | token | {"text": "Other"}, follow=True
    )

    assertContains(first, "Saved.")
    assertContains(second, "Someone changed this notice while you had the page open.")
    assert Notice.objects.get().text == "Mine"


def test_only_those_who_edit_content_see_the_desk(edition, client, as_reviewer, as_helpdesk):
    notice = make_notice(edition)

    for browser, status in ((client, 302), (as_reviewer, 403), (as_helpdesk, 403)):
        for path in (desk(edition), f"{DESK}/change/{notice.pk}/"):
            assert browser.get(path).status_code == status
            assert browser.post(path, {"text": "Mine"}).status_code == status
        assert browser.post(f"{DESK}/end/{notice.pk}/").status_code == status
    assert Notice.objects.current(edition).count() == 1
