import pytest
from django.test import Client

from tests.factories import (
    make_current_edition,
    make_deadline,
    make_edition,
    make_group,
    make_page,
    make_person,
    make_section,
    make_topic,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


def _fill(edition, *, count: int):
    """An edition with `count` of everything the home page lists."""
    for number in range(count):
        group = make_group(edition, *[make_person() for _ in range(count)])
        make_section(edition, shows="group", group=group, heading="")
        make_topic(edition)
        make_deadline(edition)
        make_page(edition, is_in_navigation=number % 2 == 0)
        make_edition(state="archived")
    for shows in ("topics", "deadlines", "past_editions", "venue"):
        make_section(edition, shows=shows, body="Words before the list.")


@pytest.mark.parametrize(("page", "most_queries"), [("", 12), ("people/", 7), ("topics/", 6)])
def test_pages_cost_the_same_with_one_row_and_ten(client, page, most_queries):
    def count_for(slug: str, rows: int) -> int:
        _fill(make_edition(slug=slug, venue="Forum, Edinburgh"), count=rows)
        return count_queries(lambda: client.get(f"/{slug}/{page}"))

    assert count_for("2024", 1) == count_for("2025", 10) <= most_queries


def test_a_thousand_people_cost_no_more_queries(client):
    edition = make_current_edition()
    group = make_group(edition, make_person())
    make_section(edition, shows="group", group=group)
    before = count_queries(lambda: client.get("/"))
    for _ in range(999):
        group.memberships.create(person=make_person())

    assert count_queries(lambda: client.get("/")) == before
    assert client.get("/").content.count(b'class="person"') == 1000


def test_what_is_not_known_is_to_be_announced(client):
    make_current_edition()

    page = client.get("/").content.decode()

    assert page.count("To be announced") == 2


def test_a_date_that_is_not_settled_is_shown_as_it_is_known(client):
    make_current_edition(date_note="Dec 12 or 13", venue="Forum")

    page = client.get("/").content.decode()

    assert "Dec 12 or 13" in page
    assert "To be announced" not in page


def test_empty_and_hidden_sections_do_not_render(client):
    edition = make_current_edition()
    make_section(edition, heading="No words")
    make_section(edition, heading="No topics", shows="topics")
    make_section(edition, heading="No members", shows="group", group=make_group(edition))
    make_section(edition, heading="No dates", shows="deadlines")
    make_section(edition, heading="No place", shows="venue")
    make_section(edition, heading="No past", shows="past_editions")
    make_section(edition, heading="Hidden", body="Words", is_shown=False)
    make_section(edition, heading="Shown", body="Words")

    page = client.get("/").content.decode()

    assert page.count("<section") == 1
    assert "Shown" in page


def test_a_chair_added_to_the_group_is_on_the_home_page_at_the_next_request(client):
    edition = make_current_edition()
    group = make_group(edition, make_person(name="Ada Example"), heading="Organization Chairs")
    make_section(edition, shows="group", group=group, heading="")
    before = client.get("/").content.decode()
    group.memberships.create(person=make_person(name="Grace Example"))

    after = client.get("/").content.decode()

    assert "Grace Example" not in before
    assert "Grace Example" in after


def test_hostile_words_are_only_words(client):
    hostile = '<script>alert(1)</script> & "quotes" \u202eesrever 🎓'
    edition = make_current_edition(
        title=hostile,
        short_name=hostile[:60],
        summary=hostile,
        venue=hostile,
        code_of_conduct="[x](javascript:alert(1))",
    )
    group = make_group(
        edition, make_person(name=hostile, affiliation=hostile + "\n" + "x" * 900), heading=hostile
    )
    make_section(
        edition, heading=hostile, body=hostile + "[x](javascript:alert(1)) " + "y" * 10_000
    )
    make_section(edition, shows="group", group=group)
    make_topic(edition, heading=hostile, description="<img src=x onerror=alert(1)>")
    make_section(edition, shows="topics")

    pages = [
        client.get(path).content.decode()
        for path in (f"/{edition.slug}/", f"/{edition.slug}/people/", f"/{edition.slug}/topics/")
    ]

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
        assert page.count("<script") == 1, "the data block of the event, and nothing else"


def test_without_a_current_edition_the_root_says_so_and_names_the_others(client):
    make_edition(year=2019, state="archived", title="The nineteenth")

    response = client.get("/")

    assert response.status_code == 200
    assert "Nothing has been announced here yet" in response.content.decode()
    assert "The nineteenth" in response.content.decode()


def test_a_past_edition_leads_to_the_current_one(client):
    make_current_edition(slug="2024", year=2024, short_name="This year's")
    make_edition(slug="2023", year=2023, state="archived")

    page = client.get("/2023/").content.decode()

    assert "This edition is over" in page
    assert 'href="/2024/">Go to This year&#x27;s</a>' in page


def test_a_cancelled_edition_says_so_and_offers_no_registration(client):
    make_current_edition(is_cancelled=True, registration_url="https://example.org/register")

    page = client.get("/").content.decode()

    assert "will not take place" in page
    assert "https://example.org/register" not in page
    assert "schema.org/EventCancelled" in page


@pytest.mark.parametrize("path", ["/nowhere/", "/nowhere/people/", "/2024/nothing/"])
def test_what_is_not_there_is_not_found(client, path):
    make_current_edition(slug="2024")

    assert client.get(path).status_code == 404


def test_a_draft_is_not_found_by_anybody_but_staff(client, as_stranger, as_reviewer, as_chair):
    edition = make_edition(slug="2025", state="draft")
    make_page(edition, slug="venue")
    make_topic(edition)
    paths = ["/2025/", "/2025/people/", "/2025/topics/", "/2025/venue/", "/2025/card.png"]

    def statuses(who: Client) -> set[int]:
        return {who.get(path).status_code for path in paths}

    assert statuses(client) == {404}
    assert statuses(as_stranger) == {404}
    assert statuses(as_reviewer) == {200}
    assert statuses(as_chair) == {200}


def test_a_draft_is_marked_and_never_kept_by_a_browser(as_chair):
    make_edition(slug="2025", state="draft")

    response = as_chair.get("/2025/")

    assert "Draft preview" in response.content.decode()
    assert "no-store" in response["Cache-Control"]


def test_an_unpublished_page_is_seen_by_editors_only(client, as_editor):
    make_page(make_current_edition(slug="2024"), slug="secret", is_published=False)

    assert client.get("/2024/secret/").status_code == 404
    assert as_editor.get("/2024/secret/").status_code == 200


def test_anonymous_pages_set_no_cookie(client):
    make_current_edition(slug="2024")

    responses = [client.get(path) for path in ("/", "/2024/people/", "/privacy/", "/nowhere/")]

    assert [dict(response.cookies) for response in responses] == [{}, {}, {}, {}]


def test_reading_writes_nothing_and_other_methods_are_refused(client):
    make_current_edition(slug="2024")

    assert client.post("/2024/").status_code == 405
    assert client.head("/2024/").status_code == 200
