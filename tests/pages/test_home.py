import re
from datetime import UTC, date, datetime, time

import pytest
import time_machine

from tests.factories import (
    make_award,
    make_chair,
    make_contribution,
    make_contributor,
    make_current_edition,
    make_edition,
    make_group,
    make_person,
    make_release,
    make_room,
    make_section,
    make_session,
    make_slot,
    make_topic,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("facts", "unknown"),
    [({}, 2), ({"date_note": "Dec 12 or 13"}, 1), ({"date_note": "In May", "venue": "Forum"}, 0)],
)
def test_unknown_date_and_place_are_to_be_announced(client, facts, unknown):
    make_current_edition(**facts)

    page = client.get("/").content.decode()

    assert page.count("To be announced") == unknown
    assert all(fact in page for fact in facts.values())


def test_empty_and_hidden_sections_are_not_shown(client):
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


def test_a_new_member_of_a_group_is_shown_at_the_next_request(client):
    edition = make_current_edition()
    group = make_group(edition, make_person(name="Ada Example"), heading="Organization Chairs")
    make_section(edition, shows="group", group=group, heading="")
    before = client.get("/").content.decode()
    group.memberships.create(person=make_person(name="Grace Example"))

    after = client.get("/").content.decode()

    assert "Grace Example" not in before
    assert "Grace Example" in after


def test_hostile_texts_are_escaped(client):
    hostile = '<script>alert(1)</script> & "quotes" {{ 7 }} \u202eesrever 🎓'
    link = "[x](javascript:alert(1))"
    edition = make_current_edition(
        slug="2024",
        title=hostile,
        short_name=hostile[:60],
        summary=hostile,
        venue=hostile,
        code_of_conduct=link,
    )
    person = make_person(name=hostile, affiliation=hostile + "\n" + "x" * 900)
    group = make_group(edition, person, heading=hostile)
    make_section(edition, heading=hostile, body=hostile + link + "y" * 10_000)
    make_section(edition, shows="group", group=group)
    make_topic(edition, heading=hostile, description="<img src=x onerror=alert(1)>")
    make_section(edition, shows="topics")
    session = make_session(edition, title=hostile, room=make_room(edition, name=hostile[:90]))
    make_chair(session, hostile)
    talk = make_contribution(edition, hostile, title=hostile, abstract=hostile, kind="keynote")
    make_slot(session, talk, board=hostile[:20])
    make_release(edition)

    pages = ["", "people/", "topics/", "code-of-conduct/", "programme/", "speakers/"]
    pages += [f"posters/?q={hostile}", f"programme/{session.slug}/", f"contributions/{talk.slug}/"]
    for path in pages:
        page = client.get(f"/2024/{path}").content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page


def test_the_root_without_a_current_edition_links_past_editions(client):
    make_edition(year=2019, state="archived", title="The nineteenth")

    response = client.get("/")

    assert response.status_code == 200
    assert "Nothing has been announced here yet" in response.content.decode()
    assert "The nineteenth" in response.content.decode()


def test_a_past_edition_links_the_current_one(client):
    make_current_edition(slug="2024", year=2024, short_name="This year's")
    make_edition(slug="2023", year=2023, state="archived")

    page = client.get("/2023/").content.decode()

    assert "This edition is over" in page
    assert 'href="/2024/">Go to This year&#x27;s</a>' in page


def test_a_replaced_edition_says_which_one_is_current_until_it_is_archived(client):
    make_current_edition(slug="2024", year=2024, short_name="This year's")
    make_edition(slug="2023", year=2023)
    make_edition(slug="2025", year=2025)

    pages = [client.get(f"/{slug}/people/").content.decode() for slug in ("2023", "2024", "2025")]

    assert [page.count("This is not the latest edition") for page in pages] == [1, 0, 0]
    assert 'href="/2024/">Go to This year&#x27;s</a>' in pages[0]


def test_empty_lists_of_a_past_edition_promise_nothing(client):
    edition = make_edition(slug="2023", year=2023, state="archived")
    make_section(edition, heading="Topics", shows="topics")
    make_award(edition, heading="Best paper")
    lists = ("topics", "people", "speakers", "posters", "awards", "news", "programme")
    paths = ["/2023/", *(f"/2023/{name}/" for name in lists)]

    pages = [client.get(path).content.decode() for path in paths]

    assert not any("announced" in page for page in pages)
    assert [page.count("on record") for page in pages] == [1, 1, 1, 1, 1, 0, 1, 1]


def test_talks_of_a_past_edition_are_named_by_their_kind(client):
    edition = make_edition(slug="2023", year=2023, starts_on="2023-12-15")
    talk = make_contribution(edition, "Ada Example", title="")
    hidden = make_contribution(edition, title="", is_published=False)
    session = make_session(edition, title="Talks")
    for contribution in (talk, hidden):
        make_slot(session, contribution, minutes=30)
    make_release(edition)

    paths = ("", "programme/", "speakers/", f"contributions/{talk.slug}/", "schedule.json")
    pages = [client.get(f"/2023/{path}").content.decode() for path in paths]

    assert not any("announced" in page for page in pages)
    assert not any("Now and next" in page for page in pages)
    assert all("Invited talk" in page for page in pages[1:])
    assert f"<title>Invited talk: Ada Example, {edition.name}</title>" in pages[3]


def test_a_cancelled_edition_shows_a_banner_and_no_registration(client):
    make_current_edition(is_cancelled=True, registration_url="https://example.org/register")

    page = client.get("/").content.decode()

    assert "will not take place" in page
    assert "https://example.org/register" not in page
    assert "schema.org/EventCancelled" in page


def test_staff_see_a_draft_as_a_preview(as_reviewer):
    make_edition(slug="2025", state="draft")

    preview = as_reviewer.get("/2025/")

    assert "Draft preview" in preview.content.decode()
    assert "no-store" in preview["Cache-Control"]


def test_anonymous_pages_set_no_cookie(client):
    make_current_edition(slug="2024")

    responses = [client.get(path) for path in ("/", "/2024/people/", "/privacy/", "/nowhere/")]

    assert [dict(response.cookies) for response in responses] == [{}, {}, {}, {}]


def test_only_get_and_head_are_allowed(client):
    make_current_edition(slug="2024")

    assert client.post("/2024/").status_code == 405
    assert client.head("/2024/").status_code == 200


def _programme_of_days(edition, count: int) -> None:
    """`count` days, each with a keynote, two parallel sessions and posters."""
    rooms = [make_room(edition, name=name) for name in ("Hall", "Annex")]
    for day in range(1, count + 1):
        keynote = make_session(edition, day=day, kind="keynote", title="", starts_at=time(9))
        make_slot(keynote, make_contribution(edition, "Kay", title="Key", kind="keynote"))
        for room in rooms:
            session = make_session(
                edition, day=day, title="Parallel session", room=room, starts_at=time(11)
            )
            for name in "ABCDEF":
                row = make_contribution(edition, kind="contributed")
                make_contributor(row, f"{name} {room}", role="speaker")
                make_contributor(row, f"Coauthor {name}", role="author")
                make_slot(session, row, minutes=5)
            make_slot(session, make_contribution(edition, "Hidden", is_published=False), minutes=5)
        posters = make_session(edition, day=day, kind="posters", title="", starts_at=time(14))
        for _ in range(2):
            make_slot(posters, make_contribution(edition, "Pam", kind="poster"))
    make_section(edition, heading="Programme", shows="programme")
    make_release(edition)


def _main_words(client) -> str:
    main = client.get("/").content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r" ([,.;)])", r"\1", " ".join(re.sub(r"<[^>]+>", " ", main).split()))


def test_the_home_page_shows_a_day_with_rooms_and_speakers(client):
    edition = make_current_edition(starts_on=date(2024, 6, 27))
    _programme_of_days(edition, 1)

    words = _main_words(client)

    assert (
        "09:00 Key Kay 11:00 Parallel session Hall A Hall, B Hall, C Hall, D Hall and 2 more "
        "Parallel session Annex A Annex, B Annex, C Annex, D Annex and 2 more "
        "14:00 Posters 2 posters The whole programme"
    ) in words
    assert "Coauthor" not in words
    assert "Hidden" not in words
    assert "<details" not in client.get("/").content.decode()


@pytest.mark.parametrize(("today", "opened"), [(1, 27), (28, 28)])
def test_of_many_days_the_home_page_shows_the_first_or_today(client, today, opened):
    edition = make_current_edition(starts_on=date(2024, 6, 27), ends_on=date(2024, 6, 29))
    _programme_of_days(edition, 3)

    with time_machine.travel(datetime(2024, 6, today, 12, tzinfo=UTC), tick=False):
        page = client.get("/").content.decode()

    days = re.findall(
        r'<details class="short-day"( open)?>\s*<summary>\s*<h3>(?:<[^>]+>)?\w+ (\d+)', page
    )
    assert days == [(" open" if day == opened else "", str(day)) for day in (27, 28, 29)]
