"""Public pages of the programme: days, current sessions, sessions, contributions, posters."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile

from apps.programme.models import Session
from tests.factories import (
    make_chair,
    make_contribution,
    make_contributor,
    make_current_edition,
    make_edition,
    make_person,
    make_release,
    make_room,
    make_section,
    make_session,
    make_slot,
    make_topic,
)
from tests.pages.full_edition import fill_edition

pytestmark = pytest.mark.django_db

SEARCH = "Search the programme Title, name or word of an abstract"
TOOLS = "Search Presenters A to Z My programme"

in_may_2024 = time_machine.travel(datetime(2024, 5, 1, tzinfo=UTC), tick=False)


@pytest.fixture
def edition():
    return make_current_edition(
        slug="2024", year=2024, starts_on=date(2024, 6, 27), ends_on=date(2024, 6, 28)
    )


def _words(client, path="/2024/programme/") -> str:
    """The text of the page in one line."""
    main = re.search(r"<main.*?</main>", client.get(path).content.decode(), re.DOTALL)
    assert main
    return re.sub(r" ([,.;)])", r"\1", " ".join(re.sub(r"<[^>]+>", " ", main[0]).split()))


@in_may_2024
def test_a_day_lists_sessions_speakers_and_rooms(client, edition):
    hall = make_room(edition, name="Main Hall")
    keynote = make_session(edition, kind="keynote", title="", room=hall)
    ada = make_person(name="Ada Example", affiliation="One\nTwo")
    make_slot(keynote, make_contribution(edition, ada, kind="keynote", title="Joules"))
    make_chair(keynote, "Grace Example")
    make_session(edition, kind="break", title="", starts_at=time(10), minutes=30)
    panel = make_session(edition, kind="panel", title="Bills", starts_at=time(11))
    row = make_contribution(edition, kind="panel", title="Who pays?")
    for name, role in (("Mo", "moderator"), ("Pa", "panellist"), ("Ne", "panellist")):
        make_contributor(row, name, role=role)
    make_slot(panel, row, minutes=60)
    make_session(edition, kind="other", title="Wrap-up", starts_at=None, minutes=20)
    make_release(edition)

    page = _words(client)

    assert page == (
        "2024 Programme All times are London time (BST, UTC+1). Now and next "
        "Subscribe in your calendar Calendar file "
        f"{SEARCH} Kind All kinds Keynote Panel {TOOLS} Thursday 27 June "
        "09:00 – 10:00 AE Joules Ada Example, One, Two Keynote Main Hall chaired by Grace Example "
        "10:00 – 10:30 Break "
        "11:00 – 12:00 Bills Panel Who pays? Moderator: Mo Panellists: Pa, Ne "
        "20 minutes Wrap-up"
    )
    page = client.get("/2024/programme/").content.decode()
    assert '<time datetime="2024-06-27T09:00+01:00">09:00</time>' in page


def test_days_without_a_date_have_numbers(client):
    edition = make_edition(slug="2024", time_zone="Australia/Sydney")
    make_session(edition, title="Early", starts_at=time(9), minutes=60)
    make_session(edition, title="Late", day=2, starts_at=time(23), minutes=120)
    make_release(edition)

    page = client.get("/2024/programme/").content.decode()

    assert '<time datetime="09:00">09:00</time>' in page
    assert (
        f"All times are Sydney time. Now and next Day 1 Day 2 {SEARCH} "
        f"Day All days Day 1 Day 2 {TOOLS} Day 1 09:00 – 10:00 Early "
        "Talks Day 2 23:00 – 01:00 the next day Late Talks"
    ) in _words(client)


def test_links_lead_to_the_days_and_mark_today(client, edition):
    for day in (1, 2):
        make_session(edition, day=day)
    make_release(edition)

    with time_machine.travel(datetime(2024, 6, 27, 23, 30, tzinfo=UTC), tick=False):
        page = client.get("/2024/programme/").content.decode()

    assert re.findall(r'<a href="#(day-\d)"( aria-current="date")?>([^<]+)<', page) == [
        ("day-1", "", "Thu 27 June"),
        ("day-2", ' aria-current="date"', "Today, Fri 28 June"),  # 00:30 in London
    ]
    assert all(f'id="day-{day}"' in page for day in (1, 2))


@pytest.mark.parametrize(
    ("zone", "first", "zone_name"),
    [
        ("Pacific/Honolulu", date(2024, 6, 27), "Honolulu time (HST, UTC−10)"),
        ("Asia/Kathmandu", date(2024, 6, 27), "Kathmandu time (UTC+5:45)"),
        ("UTC", date(2024, 6, 27), "UTC"),
        ("Etc/UTC", date(2024, 6, 27), "UTC"),
        (
            "Europe/London",
            date(2024, 10, 26),
            "London time (BST, UTC+1; from 27 October GMT, UTC+0)",
        ),
    ],
)
def test_the_time_zone_is_named_once(client, zone, first, zone_name):
    edition = make_edition(
        slug="2024", starts_on=first, ends_on=first + timedelta(days=1), time_zone=zone
    )
    for day in (1, 2):
        make_session(edition, day=day)
    make_release(edition)

    assert f"All times are {zone_name}." in _words(client)


def test_a_lightning_round_is_a_running_order(client, edition):
    session = make_session(edition, kind="lightning", title="Round", starts_at=time(14), minutes=30)
    for title in ("One", "Two", "Three"):
        row = make_contribution(edition, "Sam", title=title, kind="lightning")
        make_slot(session, row, minutes=3)
    edition.contributions.filter(title="Two").update(is_published=False)
    make_release(edition)

    assert "about 14:00 One Sam about 14:06 Three Sam" in _words(client)


@pytest.mark.parametrize("board", ["", "P"])
def test_many_posters_are_folded_away_with_and_without_boards(client, edition, board):
    session = make_session(edition, kind="posters", title="")
    for number in range(7):
        own_board = board and f"{board}{number}"
        row = make_contribution(edition, title=f"Poster {number}", kind="poster")
        make_slot(session, row, board=own_board)
    make_release(edition)

    page = client.get("/2024/programme/").content.decode()

    assert "<summary>7 posters</summary>" in page
    assert ("P0 Poster 0 P1 Poster 1" if board else "Poster 0 Poster 1") in _words(client)


def test_posters_in_two_shifts_show_the_time_of_their_shift(client, edition):
    session = make_session(edition, kind="posters", title="", minutes=60, has_shifts=True)
    for board, title in (("P1", "Odd"), ("P2", "Even")):
        make_slot(session, make_contribution(edition, kind="poster", title=title), board=board)
    make_release(edition)

    assert "at odd boards first, at even boards from 09:30" in _words(client)
    assert "Boards Odd numbers first, even numbers from 09:30" in _words(
        client, "/2024/programme/posters/"
    )
    assert "09:00 – 09:30 BST" in _words(client, "/2024/contributions/odd/")
    assert "09:30 – 10:00 BST" in _words(client, "/2024/contributions/even/")


def test_shifts_are_told_once_there_are_boards(client, edition):
    session = make_session(edition, kind="posters", title="", minutes=60, has_shifts=True)
    make_slot(session, make_contribution(edition, kind="poster", title="Odd"))
    make_release(edition)

    assert "boards" not in _words(client)
    assert "Boards" not in _words(client, "/2024/programme/posters/")


@in_may_2024
def test_an_unpublished_talk_keeps_its_time(client, edition):
    session = make_session(edition, title="Talks", minutes=60)
    for published, title in ((False, "Secret"), (True, "Known")):
        row = make_contribution(edition, title=title, is_published=published)
        make_slot(session, row, minutes=30)
    make_release(edition)

    assert "09:00 – 09:30 To be announced 09:30 – 10:00 Known" in _words(client)


@in_may_2024
@pytest.mark.parametrize("is_published", [True, False])
def test_a_filler_between_talks_is_never_shown(client, edition, is_published):
    session = make_session(edition, title="Talks", minutes=90, room=make_room(edition))
    for title in ("One", "", "Two"):
        row = make_contribution(edition, title=title, kind="paper", slug=title.lower() or "filler")
        make_slot(session, row, minutes=30)
    edition.contributions.filter(slug="filler").update(is_published=is_published)
    make_section(edition, shows="programme")
    edition.venue = "Great Hall"
    edition.save()
    make_release(edition)

    for path in ("programme/", "programme/talks/", "programme/?q=tw", "schedule.json"):
        text = client.get(f"/2024/{path}").content.decode()
        assert "Two" in text, path
        assert "announced" not in text.lower(), path
    assert "09:00 – 09:30 One 10:00 – 10:30 Two" in re.sub(" Paper", "", _words(client))
    for path in ("", "programme.ics"):
        assert "announced" not in client.get(f"/2024/{path}").content.decode().lower(), path
    assert client.get("/sitemap.xml").content.count(b"/2024/contributions/") == 2
    assert client.get("/2024/contributions/one/").status_code == 200
    for path in ("contributions/filler/", "contributions/filler.ics"):
        assert client.get(f"/2024/{path}").status_code == 404, path


def test_the_description_of_a_session_is_shown(client, edition):
    make_session(edition, title="Short", description="Bring a **laptop**.")
    make_session(edition, title="Long", starts_at=time(11), description="Words. " * 80)
    make_release(edition)

    words = _words(client)

    assert "Short Talks Bring a laptop." in words
    assert "Long Talks About this session Words. Words." in words


@pytest.mark.parametrize(
    ("kind", "kinds", "shown"),
    [
        ("talks", ["invited", "contributed"], True),
        ("talks", ["invited", "invited"], False),
        ("contributed", ["paper", "paper"], False),
        ("talks", ["demo", "demo"], True),
        ("posters", ["poster", "demo"], True),
        ("lightning", ["lightning", "lightning"], False),
    ],
)
def test_kinds_of_contributions_are_told_where_they_are_not_obvious(
    client, edition, kind, kinds, shown
):
    session = make_session(edition, kind=kind, title="Session")
    rows = [make_contribution(edition, title="One of them", kind=one) for one in kinds]
    for row in rows:
        make_slot(session, row, minutes=5)
    make_release(edition)

    words = _words(client)

    for row in rows:
        assert (f"One of them {row.get_kind_display()}" in words) is shown


@pytest.mark.parametrize(
    ("now", "marks"),
    [
        ((27, 7, 59), {"Before": "Next"}),  # 08:59 in London
        ((27, 8, 0), {"Before": "Now", "After": "Next", "Beside": "Next"}),
        ((27, 9, 0), {"After": "Now", "Beside": "Now", "Late": "Next"}),
        ((27, 22, 30), {"Late": "Now"}),  # over midnight
        ((27, 23, 30), {}),  # after midnight in London, where nothing follows on that day
        ((26, 12, 0), {}),
    ],
)
def test_now_and_next_are_marked(client, edition, now, marks):
    make_session(edition, title="Before", minutes=60)
    for title in ("After", "Beside"):
        make_session(edition, title=title, starts_at=time(10), minutes=60)
    make_session(edition, title="Late", starts_at=time(23), minutes=75)
    make_release(edition)

    day, hour, minute = now
    with time_machine.travel(datetime(2024, 6, day, hour, minute, tzinfo=UTC), tick=False):
        page = _words(client)

    assert dict(re.findall(r"(Before|After|Beside|Late) (Now|Next)\b", page)) == marks


def test_the_now_page_shows_the_current_talk_and_reloads_unless_stopped(client, edition):
    session = make_session(edition, title="Talks", minutes=60)
    for title in ("First", "Second"):
        make_slot(session, make_contribution(edition, title=title), minutes=30)
    make_session(edition, title="Dinner", starts_at=time(19))
    make_release(edition)

    with time_machine.travel(datetime(2024, 6, 27, 8, 40, tzinfo=UTC), tick=False):
        running, still = (client.get(f"/2024/programme/now/{query}") for query in ("", "?still"))
        text = _words(client, "/2024/programme/now/")

    assert running["Refresh"] == "60"
    assert "Refresh" not in still
    assert "Reload this page every minute" in still.content.decode()
    assert running["Cache-Control"] == "no-cache"
    assert (
        "Stop reloading The whole programme Now 09:00 – 10:00 Talks Now 09:00 – 09:30 First "
        "09:30 – 10:00 Second Now Next 19:00 – 20:00 Dinner"
    ) in text


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (datetime(2024, 6, 1, tzinfo=UTC), "begins at 09:00 on Thursday 27 June 2024."),
        (datetime(2024, 6, 27, 20, tzinfo=UTC), "Nothing is on at the moment"),
        (datetime(2024, 8, 1, tzinfo=UTC), "is over."),
    ],
)
def test_the_now_page_without_a_current_session(client, edition, now, text):
    make_session(edition)
    make_release(edition)

    with time_machine.travel(now, tick=False):
        page = client.get("/2024/programme/now/")
        words = _words(client, "/2024/programme/now/")

    assert text in words
    reloads = "over" not in text
    assert ("Refresh" in page, "every minute" in words) == (reloads, reloads)


def test_a_cancelled_edition_has_no_current_session(client, edition):
    make_session(edition)
    make_release(edition)
    edition.is_cancelled = True
    edition.save()

    with time_machine.travel(datetime(2024, 6, 27, 8, 10, tzinfo=UTC), tick=False):
        assert "will not take place." in _words(client, "/2024/programme/now/")
        assert 'class="tag"' not in client.get("/2024/programme/").content.decode()


def test_a_session_has_a_page(client, edition):
    room = make_room(edition, name="Main Hall", directions="Up the **stairs**.")
    session = make_session(
        edition, title="Systems", room=room, description="Words.", starts_at=time(9), minutes=60
    )
    make_chair(session, "Grace Example")
    make_slot(session, make_contribution(edition, "Ada", title="One"), minutes=30)
    make_slot(session, make_contribution(edition, "Bo", title="Two"), minutes=30)
    make_release(edition)

    assert _words(client, "/2024/programme/systems/") == (
        "2024 Systems Session Talks When Thursday 27 June 09:00 – 10:00 BST "
        "Where Main Hall Chair Grace Example In the programme Words. In this order "
        "09:00 – 09:30 One Ada 09:30 – 10:00 Two Bo Getting there Up the stairs."
    )


def test_a_deleted_session_is_shown_as_it_was_published(client, edition):
    make_slot(make_session(edition, title="Systems"), make_contribution(edition, title="One"))
    make_release(edition)
    Session.objects.all().delete()

    assert "Systems" in _words(client)
    assert "In this order One" in _words(client, "/2024/programme/systems/")


@pytest.mark.parametrize("title", ["Now", "Draft"])
def test_a_session_never_gets_the_url_of_another_page(client, edition, title):
    session = make_session(edition, title=title)
    make_release(edition)

    assert session.slug == f"{title.lower()}-2"
    assert client.get(session.get_absolute_url()).status_code == 200


def test_the_person_with_a_poster_is_its_author(client, edition):
    poster = make_contribution(edition, "Ada Example", title="Bits", kind="poster")

    words = _words(client, poster.get_absolute_url())

    assert "Author Ada Example" in words
    assert "Speaker" not in words


def test_names_from_right_to_left_are_isolated_from_the_punctuation_around_them(client, edition):
    talk = make_contribution(edition, "דנה", "Ada", title="Lamps")
    make_slot(make_session(edition), talk)
    make_release(edition)

    page = client.get("/2024/programme/").content.decode()

    assert '<p class="who"><bdi>דנה</bdi>, Ada</p>' in page


def test_a_contribution_has_a_page(client, edition):
    round_ = make_session(edition, kind="lightning", title="Round", starts_at=time(14), minutes=30)
    posters = make_session(
        edition, kind="posters", title="", room=make_room(edition, name="Atrium"), day=2
    )
    row = make_contribution(
        edition,
        title="Small models",
        kind="poster",
        abstract="Words of **it**.",
        topics=[make_topic(edition, heading="Energy")],
        video_url="https://example.org/video",
        arxiv_url="https://example.org/arxiv",
    )
    make_contributor(row, "Ada", role="author", is_equal_contribution=True, affiliation="One\nTwo")
    make_contributor(row, "Bo", role="author", is_corresponding=True)
    make_slot(round_, minutes=3)
    make_slot(round_, row, minutes=3, kind="lightning")
    make_slot(posters, row, board="P7")
    make_release(edition)

    assert _words(client, "/2024/contributions/small-models/") == (
        "2024 Small models "
        "Lightning talk Thursday 27 June about 14:03 BST Round "
        "Poster, board P7 Friday 28 June 09:00 – 10:00 BST Posters, Atrium "
        "Cite (BibTeX) arXiv Recording "
        "Authors Ada (equal contribution) * One Two Bo (corresponding) † "
        "* contributed equally · † corresponding "
        "Abstract Words of it. Topics Energy"
    )


@pytest.mark.parametrize(("kind", "is_beside_the_name"), [("keynote", True), ("paper", False)])
def test_the_page_of_a_contribution_shows_the_biography_of_its_presenter_once(
    client, edition, kind, is_beside_the_name
):
    ada = make_person(name="Ada Example", bio="Ada is kind.")
    talk = make_contribution(edition, ada, title="Looms", abstract="Threads.", kind=kind)

    words = _words(client, talk.get_absolute_url())

    assert words.count("Ada is kind.") == 1
    assert (words.index("Ada is kind.") < words.index("Threads.")) == is_beside_the_name


@in_may_2024
def test_unknown_facts_of_a_contribution_are_to_be_announced(client, edition):
    row = make_contribution(edition, "Ada", kind="keynote", title="", is_remote=True)
    make_slot(make_session(edition), row)

    assert _words(client, "/2024/contributions/keynote/") == (
        "2024 To be announced Kind Keynote When and where To be announced Given Remotely "
        "Speaker A Ada"
    )


@in_may_2024
def test_a_paper_without_a_session_says_nothing_of_time_and_place(client, edition):
    make_contribution(edition, "Ada", kind="paper", title="Bits", role="author")

    assert _words(client, "/2024/contributions/bits/") == (
        "2024 Bits Kind Paper Cite (BibTeX) Author Ada"
    )


def test_slides_of_a_published_contribution_can_be_downloaded(client, as_editor, edition):
    row = make_contribution(edition, title="Talk")
    row.slides.save("../../etc/passwd.html", ContentFile(b"%PDF-1.7 words"))
    address = "/2024/contributions/talk/slides.pdf"

    response = client.get(address)
    row.is_published = False
    row.save()
    for_staff = as_editor.get(address)

    assert b"".join(response.streaming_content) == b"%PDF-1.7 words"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="talk.pdf"'
    assert response["Cache-Control"] == "no-cache"
    assert client.get(address).status_code == 404
    assert "no-store" in for_staff["Cache-Control"]
    b"".join(for_staff)
    row.slides.storage.delete(row.slides.name or "")
    assert as_editor.get(address).status_code == 404


def test_organisers_can_preview_the_draft(client, as_editor, edition):
    session = make_session(edition, title="Old name")
    make_release(edition)
    Session.objects.filter(pk=session.pk).update(title="New name")

    preview = as_editor.get("/2024/programme/draft/")

    assert b"New name" in preview.content
    assert b"Draft preview" in preview.content
    assert "no-store" in preview["Cache-Control"]
    assert client.get("/2024/programme/draft/").status_code == 404
    assert b"New name" not in as_editor.get("/2024/programme/").content
    assert b"Draft preview" not in as_editor.get("/2024/programme/").content


@in_may_2024
def test_empty_pages_show_a_note_and_are_not_linked(client, edition):
    for page in ("programme", "speakers", "talks", "papers", "posters"):
        assert "announced here." in _words(client, f"/2024/{page}/")
        assert f"/2024/{page}/" not in client.get("/").content.decode()
        assert f"/2024/{page}/" not in client.get("/sitemap.xml").content.decode()


def test_header_and_sitemap_link_pages_with_content(client, edition):
    fill_edition(edition, 1)
    make_contribution(edition, kind="lightning")
    talk = edition.contributions.filter(kind="keynote")[0]

    home, sitemap = (client.get(path).content.decode() for path in ("/", "/sitemap.xml"))

    for page in ("programme/", "speakers/", "talks/", "papers/", "posters/"):
        assert f'<a href="/2024/{page}"' in home
        assert f"/2024/{page}</loc>" in sitemap
    assert f"{talk.get_absolute_url()}</loc>" in sitemap


def test_speakers_are_listed_in_the_order_of_the_programme_with_their_talks(client, edition):
    ada = make_person(name="Ada Example", bio="Ada is **kind**.", affiliation="One")
    late = make_contribution(edition, ada, kind="keynote", title="Late", abstract="Words.")
    early = make_contribution(edition, "Bo Example", kind="keynote", title="Early")
    make_contribution(
        edition, ada, "Cy Example", kind="invited", title="Both", slides_url="https://example.org/"
    )
    make_contribution(edition, kind="keynote", title="Without a speaker")
    make_contribution(edition, "Di", kind="poster", title="A poster")
    for row, at in ((late, time(15)), (early, time(9))):
        make_slot(make_session(edition, kind="keynote", title="", starts_at=at), row)
    make_release(edition)

    assert _words(client, "/2024/speakers/") == (
        "2024 Speakers "
        "Keynotes BE Bo Example Early Thursday 27 June, 09:00 – 10:00 BST "
        "AE Ada Example One Late Thursday 27 June, 15:00 – 16:00 BST "
        "Abstract Words. About Ada Example Ada is kind. "
        "Invited talks AE CE Ada Example One Cy Example Both Slides "
        "About Ada Example Ada is kind."
    )


@pytest.fixture
def posters(edition):
    """Twelve with boards, one of them a paper, and one without a board."""
    energy, cache = (make_topic(edition, heading=heading) for heading in ("Energy", "Caches"))
    session = make_session(edition, kind="posters")
    for number in range(1, 13):
        row = make_contribution(
            edition,
            kind="paper" if number == 2 else "poster",
            title=f"Poster {number}",
            abstract="About joules." if number < 4 else "",
            topics=[energy] if number % 2 else [energy, cache],
        )
        make_contributor(row, f"Jörg Müller {number}", role="author")
        make_slot(session, row, board=f"P{number}")
    make_contribution(edition, kind="poster", title="Without a board")
    make_release(edition)


@pytest.mark.usefixtures("posters")
@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", [*(f"Poster {number}" for number in range(1, 13)), "Without a board"]),
        ("?q=JOULES", ["Poster 1", "Poster 2", "Poster 3"]),
        ("?q=muller+jorg+12", ["Poster 12"]),
        ("?q=p7", ["Poster 7"]),
        ("?q=caches+joules", ["Poster 2"]),
        ("?topic=caches&q=joules", ["Poster 2"]),
        ("?topic=caches&q=+", [f"Poster {number}" for number in (2, 4, 6, 8, 10, 12)]),
        ("?q=nothing", []),
        ("?topic=nothing", []),
    ],
)
def test_posters_are_searched_by_text_and_topic(client, query, titles):
    response = client.get(f"/2024/posters/{query}")

    assert [poster.contribution.title for poster in response.context["page"].object_list] == titles
    assert ("Show all<" in response.content.decode()) is (not titles)


@pytest.mark.usefixtures("posters")
def test_pages_of_posters_keep_the_search(client, monkeypatch):
    monkeypatch.setattr("apps.pages.programme_views._ENTRIES_PER_PAGE", 5)

    second = client.get("/2024/posters/?q=poster&page=2").content.decode()
    beyond = client.get("/2024/posters/?page=99")

    assert 'href="?q=poster&amp;page=1"' in second
    assert 'href="?q=poster&amp;page=3"' in second
    assert beyond.context["page"].number == 3


@pytest.mark.usefixtures("posters")
def test_the_home_page_shows_the_first_few_posters(client, edition):
    make_section(edition, heading="Posters", shows="posters")

    text = _words(client, "/")

    assert "P8 Poster 8" in text
    assert "P9 Poster 9" not in text
    assert "All 13 posters" in text


@pytest.mark.parametrize(
    ("kind", "own", "words"),
    [
        ("talks", "panel", "Panel Main Hall"),
        ("invited", "invited", "Invited talk Main Hall"),
        ("contributed", "demo", "Demo Main Hall"),
        ("tutorial", "talk", "Tutorial Main Hall"),
    ],
)
def test_a_session_of_one_talk_is_named_by_the_kind_of_the_talk(client, edition, kind, own, words):
    session = make_session(edition, kind=kind, title="", room=make_room(edition, name="Main Hall"))
    make_slot(session, make_contribution(edition, "Ada", title="One", kind=own))
    make_release(edition)

    assert f"One Ada {words}" in _words(client)
