"""Lists of papers, talks and posters; links and hosted files of contributions."""

import html
import re

import pytest
from django.core.files.base import ContentFile

from tests.factories import (
    make_award,
    make_contribution,
    make_contribution_link,
    make_edition,
    make_page,
    make_recipient,
    make_release,
    make_room,
    make_section,
    make_session,
    make_slot,
)
from tests.reading import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_edition(slug="2024", is_current=True, starts_on="2024-06-27")


def _words(client, path: str) -> str:
    """The text of the page in one line."""
    main = re.search(r"<main.*?</main>", client.get(path).content.decode(), re.DOTALL)
    assert main
    text = html.unescape(re.sub(r"<[^>]+>", " ", main[0]))
    return re.sub(r" ([,.;)])", r"\1", " ".join(text.split()))


def _titles(client, address: str) -> list[str]:
    entries = client.get(address).context["page"].object_list
    return [entry.contribution.title for entry in entries]


def test_papers_are_papers_and_entries_with_a_link_to_one(client, edition):
    make_contribution(edition, kind="paper", title="Paper")
    make_contribution(edition, kind="poster", title="Poster", arxiv_url="https://arxiv.org/abs/1")
    make_contribution_link(make_contribution(edition, kind="contributed", title="Oral"), kind="doi")
    make_contribution_link(make_contribution(edition, kind="demo", title="Demo"), kind="code")
    make_contribution(edition, kind="keynote", title="Key", paper_url="https://example.org/")
    make_contribution(edition, kind="paper", title="Hidden", is_published=False)

    assert _titles(client, "/2024/papers/") == ["Oral", "Paper", "Poster"]
    assert _titles(client, "/2024/papers/?kind=poster") == ["Poster"]


def test_talks_are_all_that_is_given_to_an_audience(client, edition):
    for kind in ("keynote", "contributed", "lightning", "demo", "paper", "poster", "panel"):
        make_contribution(edition, kind=kind, title=kind)

    assert _titles(client, "/2024/talks/") == ["contributed", "demo", "keynote", "lightning"]


def test_invited_talks_alone_are_on_the_page_of_speakers_only(client, edition):
    make_contribution(edition, "Ada", kind="keynote")

    home = client.get("/").content.decode()

    assert "/2024/speakers/" in home
    assert "/2024/talks/" not in home


def test_lists_are_in_the_organisers_order_then_by_title_whatever_the_accents(client, edition):
    for title, position in (("Öl", None), ("Oz", None), ("oak", None), ("Z", 1), ("Y", 2)):
        make_contribution(edition, kind="paper", title=title, list_position=position)

    assert _titles(client, "/2024/papers/") == ["Z", "Y", "oak", "Öl", "Oz"]


def test_a_list_shows_kinds_authors_places_and_links(client, edition):
    talk = make_contribution(edition, "Ada", kind="contributed", title="Bits", role="author")
    make_contribution(edition, "Bo", kind="paper", title="Caches", role="author")
    make_contribution_link(talk, kind="pdf", label="")
    make_contribution_link(talk, kind="reviews", label="Forum")
    make_slot(make_session(edition, room=make_room(edition, name="Atrium")), talk, minutes=20)
    make_release(edition)

    text = _words(client, "/2024/papers/")

    assert "2 papers Times are London time (BST, UTC+1)" in text
    assert text.endswith(
        "Bits Ada Contributed talk Thursday 27 June, 09:00 – 09:20, Atrium PDF Forum Caches Bo Paper"
    )


def test_papers_on_boards_are_posters_too_once_the_programme_is_published(client, edition):
    paper = make_contribution(edition, kind="paper", title="Bits")
    make_slot(make_session(edition, kind="posters"), paper, board="P1")

    before = client.get("/").content.decode()
    make_release(edition)

    assert "/2024/posters/" not in before
    assert "/2024/posters/" in client.get("/").content.decode()
    assert _titles(client, "/2024/posters/") == ["Bits"]


@pytest.mark.parametrize("is_past", [True, False])
def test_papers_without_a_session_have_no_time_or_place_in_the_list(client, edition, is_past):
    if is_past:
        edition.state = "archived"
        edition.save()
    make_contribution(edition, "Bo", kind="paper", title="Caches", role="author")

    text = _words(client, "/2024/papers/")

    assert text.endswith(" Caches Bo")
    assert "To be announced" not in text


def test_a_page_with_the_address_of_a_list_stands_in_its_place(client, edition):
    make_page(edition, slug="papers", title="Our papers", body="Words.", is_in_navigation=True)
    make_contribution(edition, kind="paper", title="Bits")

    response = client.get("/2024/papers/")

    assert "Words." in response.content.decode()
    assert response.content.decode().count('href="/2024/papers/"') == 1


def test_the_same_links_are_wherever_a_contribution_is(client, edition):
    talk = make_contribution(edition, "Ada", kind="keynote", title="Bits")
    make_contribution_link(talk, label="Proceedings", url="https://example.org/bits")
    make_recipient(make_award(edition), contribution=talk)
    make_slot(make_session(edition, title="Morning"), talk, minutes=20)
    make_release(edition)

    for page in (
        *("contributions/bits/", "programme/", "programme/morning/", "awards/", "speakers/"),
        "talks/",
    ):
        link = '<a href="https://example.org/bits" dir="auto">Proceedings</a>'
        assert link in client.get(f"/2024/{page}").content.decode(), page


def test_a_hosted_file_is_downloaded_while_its_contribution_is_public(client, as_editor, edition):
    row = make_contribution(edition, title="Talk")
    file = ContentFile(b"PK words", name="../../etc/Data.ZIP")
    link = make_contribution_link(row, kind="supplement", label="", file=file)
    address = f"/2024/contributions/talk/files/{link.pk}/"

    page = _words(client, "/2024/contributions/talk/")
    response = client.get(address)
    row.is_published = False
    row.save()
    for_staff = as_editor.get(address)

    assert "Supplement (ZIP)" in page
    assert b"".join(response.streaming_content) == b"PK words"
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="talk-supplement.zip"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client.get(address).status_code == 404
    assert "no-store" in for_staff["Cache-Control"]
    b"".join(for_staff)


def test_the_home_page_shows_links_of_awards(client, edition):
    talk = make_contribution(edition, title="Bits")
    make_contribution_link(talk, label="Proceedings")
    make_recipient(make_award(edition), contribution=talk)
    make_section(edition, shows="awards")

    assert "Bits Proceedings" in _words(client, "/")


def test_a_list_and_its_filter_have_the_editions_names_of_kinds(client, edition):
    make_contribution(edition, "Ada", kind="contributed", title="Bits")
    make_contribution(edition, "Bo", kind="demo", title="Caches")
    edition.contribution_labels.create(kind="contributed", label="Oral <1>")

    page = html_of(client.get("/2024/talks/"))

    assert '<option value="contributed" dir="auto">Oral &lt;1&gt;</option>' in page
    assert '<span dir="auto">Oral &lt;1&gt;</span>' in page
    assert "Contributed talk" not in page
