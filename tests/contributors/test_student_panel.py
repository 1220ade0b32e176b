"""The student's own page tells of their place in the programme, and takes their slides."""

import re
from datetime import date, time, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.contributors.accepted_submissions import add_submissions
from apps.core.files import private_storage
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.programme.models import Contribution, Slot
from apps.programme.releases import publish_programme
from tests.contributors.students import make_confirmed, say
from tests.factories import (
    make_call_edition,
    make_contribution,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.interest.students import browser_of, main

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%%EOF\n"
HOSTILE = "<script>alert(1)</script>"
MORE = "https://example.org/smaller"


@pytest.fixture
def edition():
    return make_call_edition(slug="2024", starts_on=date(2024, 5, 3), time_zone="Europe/London")


@pytest.fixture
def expression(edition) -> Expression:
    return make_confirmed(edition, reference="R7K2QD", format="both")


@pytest.fixture
def contribution(expression) -> Contribution:
    brought = add_submissions(
        edition=expression.edition, expressions=[expression.pk], is_published=True
    )
    return brought.contributions[0]


@pytest.fixture
def placed(contribution) -> Contribution:
    """A talk that is the second of its round, and on the second board, in two shifts."""
    edition = contribution.edition
    lightning = make_session(
        edition,
        kind="lightning",
        title="Round",
        starts_at=time(14, 9),
        room=make_room(edition, name="LT1"),
    )
    make_slot(lightning, make_contribution(edition, title="Before"), minutes=3)
    make_slot(lightning, contribution, minutes=3)
    posters = make_session(
        edition, kind="posters", title="Posters", starts_at=time(16), minutes=90, has_shifts=True
    )
    make_slot(posters, contribution, kind="poster", board="A2")
    return contribution


def _panel(client) -> str:
    html = main(client.get("/2024/interest/R7K2QD/"))
    return html.split('aria-labelledby="programme"')[1].split("</section>")[0]


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_before_it_is_brought_in_there_is_no_panel(expression):
    html = main(browser_of(expression).get("/2024/interest/R7K2QD/"))

    assert 'aria-labelledby="programme"' not in html


def test_a_draft_tells_no_day_time_room_or_board(expression, placed):
    words = _words(_panel(browser_of(expression)))

    assert "Day, time and place are shown here once they are published." in words
    for secret in ("14:12", "LT1", "A2", "Round"):
        assert secret not in words


def test_once_published_each_place_is_told_and_a_later_draft_is_not(expression, placed):
    make_release(placed.edition)
    Slot.objects.filter(board="A2").update(board="A9")

    words = _words(_panel(browser_of(expression)))

    assert (
        "Lightning talk in Round : Friday 3 May 2024 , about 14:12 BST, LT1 , 3 minutes." in words
    )
    assert (
        "Poster in Posters : Friday 3 May 2024 , from 16:00 to 17:30 BST, board A2 . "
        "Please be at your board 16:45–17:30." in words
    )
    assert "A9" not in words


def test_in_unknown_time_there_are_halves_of_the_session(expression, contribution):
    posters = make_session(
        contribution.edition, kind="posters", minutes=None, has_shifts=True, starts_at=time(16)
    )
    make_slot(posters, contribution, kind="poster", board="A1")
    make_release(contribution.edition)

    words = _words(_panel(browser_of(expression)))

    assert "Please be at your board in the first half." in words


def test_a_release_without_it_tells_no_place(expression, placed):
    make_release(placed.edition)
    placed.slots.all().delete()
    publish_programme(edition=placed.edition, by=None)

    words = _words(_panel(browser_of(expression)))

    assert "Day, time and place are shown here once they are published." in words


def test_what_was_not_taken_over_yet_is_told_and_what_was_decided_is_not(expression, contribution):
    client = browser_of(expression)
    assert "not taken over" not in _panel(client)
    Expression.objects.update(title="Larger", abstract="Other.")

    assert (
        "The organisers have not taken over your correction yet: title, abstract. "
        "Until they do, the programme stays as it is." in _words(_panel(client))
    )


def test_a_consent_taken_back_is_pending_too(expression, contribution):
    say(expression, is_given=False)

    assert "yet: consent to publish." in _words(_panel(browser_of(expression)))


def test_who_withdrew_reads_that_it_still_stands_there(expression, contribution):
    Expression.objects.update(state=State.WITHDRAWN)

    words = _words(_panel(browser_of(expression)))

    assert "It still stands in the programme." in words
    assert "slides" not in words


def test_what_is_public_is_read_there_by_anybody_and_as_plain_words(edition, expression, client):
    Expression.objects.update(abstract=f"[x](https://evil.example.org) {HOSTILE}", link=MORE)
    add_submissions(edition=edition, expressions=[expression.pk], is_published=False)
    browser = browser_of(expression)
    assert "As visitors read it" not in _panel(browser)
    Contribution.objects.update(is_published=True)

    address = _panel(browser).split('href="')[1].split('"')[0]
    html = main(client.get(address))

    assert "[x](https://evil.example.org) &lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'href="https://evil.example.org' not in html
    assert f'<a href="{MORE}">More</a>' in html


def test_hostile_names_of_sessions_are_words(expression, contribution):
    session = make_session(contribution.edition, title=HOSTILE)
    make_slot(session, contribution, board=HOSTILE[:20])
    make_release(contribution.edition)

    html = _panel(browser_of(expression))

    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


# Slides


def _send(client, content=PDF, name="slides.pdf"):
    slides = SimpleUploadedFile(name, content)
    return client.post("/2024/interest/R7K2QD/slides/", {"slides": slides})


def _kept() -> list[str]:
    kept = private_storage()
    return kept.listdir("slides")[1] if kept.exists("slides") else []


def test_slides_are_brought_replaced_and_removed_and_organisers_are_told(
    expression, contribution, django_capture_on_commit_callbacks
):
    client = browser_of(expression)
    kept = []
    with django_capture_on_commit_callbacks(execute=True):
        response = _send(client)
    kept.append(_kept())
    assert response["Location"] == "/2024/interest/R7K2QD/"
    assert "We have your slides" in _panel(client)

    with django_capture_on_commit_callbacks(execute=True):
        _send(client, PDF + b"%2")
    kept.append(_kept())
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/2024/interest/R7K2QD/slides/", {"remove": "1"})
        client.post("/2024/interest/R7K2QD/slides/", {"remove": "1"})

    assert [len(names) for names in kept] == [1, 1]
    assert kept[0] != kept[1]
    assert _kept() == []
    assert Contribution.objects.get().slides.name == ""
    letters = Letter.objects.filter(kind="contributors/slides_notice").order_by("pk")
    assert [(one.to_email, one.subject) for one in letters] == [
        ("organisers@example.org", "Slides of R7K-2QD: Smaller is better"),
        ("organisers@example.org", "Slides of R7K-2QD: Smaller is better"),
    ]


def test_bringing_slides_leaves_what_organisers_write_meanwhile(expression, contribution):
    client = browser_of(expression)
    Contribution.objects.update(title="Edited meanwhile")

    _send(client)

    assert Contribution.objects.get().title == "Edited meanwhile"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 slides.pptx", "This is not a PDF. Export the slides as PDF."),
        (b"<html>%PDF-", "This is not a PDF."),
        (b"", "The file is empty."),
        (b"%PDF-1.7\ntrailer <</Encrypt 5 0 R>>", "This PDF is encrypted."),
    ],
)
def test_what_is_no_readable_pdf_is_refused_in_words_and_not_kept(
    expression, contribution, content, words
):
    response = _send(browser_of(expression), content)

    assert response.status_code == 200
    assert words in main(response)
    assert "There is a problem" in response.content.decode()
    assert _kept() == []


def test_slides_above_the_cap_are_refused_and_not_kept(expression, contribution, monkeypatch):
    monkeypatch.setattr("apps.programme.models.contributions._MAX_PDF_BYTES", 10)

    response = _send(browser_of(expression))

    assert "Choose a PDF of at most 50 MB." in main(response)
    assert _kept() == []


def test_nothing_chosen_is_asked_for(expression, contribution):
    response = browser_of(expression).post("/2024/interest/R7K2QD/slides/", {})

    assert "Choose a PDF" in main(response)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.CANCELLED, State.CONFIRMED])
def test_there_is_nothing_to_bring_slides_for_unless_it_is_confirmed_and_on_it(
    edition, expression, state
):
    if state != State.CONFIRMED:
        add_submissions(edition=edition, expressions=[expression.pk], is_published=True)
    Expression.objects.update(state=state)
    client = browser_of(expression)

    responses = [client.get("/2024/interest/R7K2QD/slides/"), _send(client)]

    assert [response["Location"] for response in responses] == ["/2024/interest/R7K2QD/"] * 2
    assert _kept() == []


def test_slides_are_brought_by_their_student_alone(
    edition,
    expression,
    contribution,
    client,
    as_stranger,
    as_reviewer,
    as_helpdesk,
    as_editor,
    as_chair,
):
    other = browser_of(make_confirmed(edition))

    statuses = [
        _send(who).status_code
        for who in (client, as_stranger, as_reviewer, as_helpdesk, as_editor, as_chair, other)
    ]

    assert statuses == [403] * 7
    assert _kept() == []


# Their data


def test_the_download_lists_what_the_programme_holds(expression, contribution):
    contribution.slides.save("x.pdf", ContentFile(PDF))

    data = browser_of(expression).get("/2024/interest/R7K2QD/data.json").json()["programme"]

    assert (data["title"], data["abstract"]) == ("Smaller is better", "We show that it is.")
    assert data["contributors"] == [
        {"name": "Sam Student", "affiliation": "University of Examples", "role": "speaker"}
    ]
    assert data["topics"] == ["Small models"]
    assert data["slides"] == contribution.slides.name
    assert data["taken_over"]["title"] == "Smaller is better"


def test_the_download_of_one_that_is_not_on_it_says_nothing_of_it(expression):
    data = browser_of(expression).get("/2024/interest/R7K2QD/data.json").json()

    assert "programme" not in data


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_large_the_programme_is(
    expression, placed, django_assert_max_num_queries, count
):
    for number in range(count):
        session = make_session(placed.edition, starts_at=time(9 + number))
        make_slot(session, make_contribution(placed.edition, "Ada"))
    make_release(placed.edition)
    Expression.objects.update(title="Larger", changed_at=expression.changed_at + timedelta(1))
    client = browser_of(expression)

    with django_assert_max_num_queries(13):
        assert client.get("/2024/interest/R7K2QD/").status_code == 200
