"""The student's page shows the published place in the programme and takes slides."""

import re
from datetime import date, time, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.core.files import private_storage
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.programme.models import Contribution, Slot
from apps.programme.releases import publish_programme
from tests.contributors.students import add_to_programme, make_confirmed, set_consent
from tests.factories import (
    make_call_edition,
    make_contribution,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.interest.students import browser_of, main
from tests.programme.helpers import edit

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%%EOF\n"
HOSTILE = "<script>alert(1)</script>"
PAGE = "/2024/interest/R7K2QD/"
NOT_PUBLISHED = "Day, time and place are shown here once they are published."


@pytest.fixture
def edition():
    return make_call_edition(slug="2024", starts_on=date(2024, 5, 3), time_zone="Europe/London")


@pytest.fixture
def expression(edition) -> Expression:
    return make_confirmed(edition, reference="R7K2QD", format="both")


@pytest.fixture
def contribution(expression) -> Contribution:
    return add_to_programme(expression)[0]


@pytest.fixture
def placed(contribution) -> Contribution:
    """Second talk of its round, and on the second board in a session with two shifts."""
    edition = contribution.edition
    room = make_room(edition, name="LT1")
    lightning = make_session(
        edition, kind="lightning", title="Round <b>", starts_at=time(14, 9), room=room
    )
    make_slot(lightning, make_contribution(edition, title="Before"), minutes=3)
    make_slot(lightning, contribution, minutes=3)
    posters = make_session(
        edition, kind="posters", title="Posters", starts_at=time(16), minutes=90, has_shifts=True
    )
    make_slot(posters, contribution, kind="poster", board="A2")
    return contribution


def _panel(expression) -> str:
    html = main(browser_of(expression).get(PAGE))
    return html.partition('aria-labelledby="programme"')[2].partition("</section>")[0]


def _text(expression) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", _panel(expression)).split())


def test_a_submission_that_is_not_on_the_programme_has_no_panel(expression):
    assert _panel(expression) == ""


def test_a_letter_is_promised_only_while_one_will_follow(edition, expression):
    assert _panel(expression) == ""
    edit(edition, starts_on=date(2124, 5, 3))
    assert "It has no place in the programme yet. We will write to you once" in _text(expression)

    (contribution,) = add_to_programme(expression)
    assert f"{NOT_PUBLISHED} We will write to you then." in _text(expression)
    session = make_session(edition, title="Round", starts_at=time(14))
    make_slot(session, contribution, minutes=3)
    make_release(edition)

    assert "Round, Wednesday 3 May 2124, 14:00–14:03" in _text(expression)
    assert "write to you" not in main(browser_of(expression).get(PAGE))
    edit(edition, is_cancelled=True)
    session.delete()
    make_release(edition)
    assert "write to you" not in main(browser_of(expression).get(PAGE))


def test_only_the_latest_release_shows_day_time_room_and_board(expression, placed):
    text = _text(expression)
    assert NOT_PUBLISHED in text
    assert [part for part in ("14:12", "LT1", "A2", "Round") if part in text] == []

    make_release(placed.edition)
    Slot.objects.filter(board="A2").update(board="A9")

    text = _text(expression)
    assert (
        "Round &lt;b&gt;, Friday 3 May 2024, 14:12–14:15, LT1; "
        "Posters, Friday 3 May 2024, 16:45–17:30, board A2 . "
        "Clock times are those of Europe/London." in text
    )
    assert "A9" not in text

    placed.slots.all().delete()
    publish_programme(edition=placed.edition, by=None)

    assert NOT_PUBLISHED in _text(expression)


def test_changes_that_wait_for_a_decision_are_named(expression, contribution):
    assert "not accepted" not in _panel(expression)
    Expression.objects.update(title="Larger", abstract="Other.")

    assert (
        "The organisers have not accepted your correction yet: Title, Abstract. "
        "Until they do, the programme stays as it is." in _text(expression)
    )

    set_consent(expression, is_given=False)
    assert "yet: Consent to publish, Title." in _text(expression)


def test_after_withdrawing_the_panel_says_that_it_is_still_on_the_programme(
    expression, contribution
):
    Expression.objects.update(state=State.WITHDRAWN)

    text = _text(expression)

    assert "It is still in the programme." in text
    assert "slides" not in text


def test_the_panel_links_to_the_public_page_which_shows_plain_text(edition, expression, client):
    more = "https://example.org/smaller"
    Expression.objects.update(abstract=f"[x](https://evil.example.org) {HOSTILE}", link=more)
    add_to_programme(expression, is_published=False)
    assert "As visitors read it" not in _panel(expression)
    Contribution.objects.update(is_published=True)

    url = _panel(expression).split('href="')[1].split('"')[0]
    html = main(client.get(url))

    assert "[x](https://evil.example.org) &lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'href="https://evil.example.org' not in html
    assert f'<a href="{more}" dir="auto">More</a>' in html


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    expression, placed, django_assert_max_num_queries, count
):
    for number in range(count):
        session = make_session(placed.edition, starts_at=time(9 + number))
        make_slot(session, make_contribution(placed.edition, "Ada"))
    make_release(placed.edition)
    Expression.objects.update(title="Larger", changed_at=expression.changed_at + timedelta(1))
    client = browser_of(expression)

    with django_assert_max_num_queries(24):
        assert client.get(PAGE).status_code == 200


# Slides


def _send(client, content=PDF):
    return client.post(f"{PAGE}slides/", {"slides": SimpleUploadedFile("slides.pdf", content)})


def _stored() -> list[str]:
    storage = private_storage()
    return storage.listdir("slides")[1] if storage.exists("slides") else []


def test_slides_are_uploaded_replaced_and_removed_and_organisers_are_notified(
    expression, contribution, django_capture_on_commit_callbacks
):
    client, stored = browser_of(expression), []
    Contribution.objects.update(abstract="Edited meanwhile")
    for content in (PDF, PDF + b"%2"):
        with django_capture_on_commit_callbacks(execute=True):
            response = _send(client, content)
        stored.append(_stored())
        assert response["Location"] == PAGE
        assert "Slides: <a" in _panel(expression)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{PAGE}slides/", {"remove": "1"})
        client.post(f"{PAGE}slides/", {"remove": "1"})

    assert [len(names) for names in stored] == [1, 1]
    assert stored[0] != stored[1]
    row = Contribution.objects.get()
    assert (_stored(), row.slides.name, row.abstract) == ([], "", "Edited meanwhile")
    letters = Letter.objects.filter(kind="contributors/edit_notice")
    subject = f"Changed: Smaller is better – {contribution.edition.name}"
    assert [(letter.to_email, letter.subject) for letter in letters] == [
        ("organisers@example.org", subject),
    ] * 2


def test_the_pdf_of_a_poster_is_called_a_poster(expression, contribution):
    Contribution.objects.update(kind="poster")
    client = browser_of(expression)

    form = main(client.get(f"{PAGE}slides/"))
    _send(client)
    panel = _panel(expression)
    public = client.get(contribution.get_absolute_url()).content.decode()
    (letter,) = Letter.objects.filter(kind="contributors/edit_notice")

    assert "Poster" in form
    assert "Poster: <a" in panel
    assert "Poster (PDF)" in public
    assert "Poster" in letter.body_text
    for text in (form, panel, letter.body_text):
        assert "slides " not in text.lower()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 slides.pptx", "This is not a PDF. Export the slides or the poster as PDF."),
        (b"<html>%PDF-", "This is not a PDF."),
        (b"", "The file is empty."),
        (b"%PDF-1.7\ntrailer <</Encrypt 5 0 R>>", "This PDF is encrypted."),
        (b"%PDF-1.7\n" + b"x" * 52_428_800, "Choose one of at most 50 MB."),
        (None, "Choose a PDF"),
    ],
    ids=["zip", "html", "empty", "encrypted", "too large", "nothing"],
)
def test_a_file_that_is_no_readable_pdf_is_refused(expression, contribution, content, message):
    client = browser_of(expression)

    response = client.post(f"{PAGE}slides/", {}) if content is None else _send(client, content)

    assert response.status_code == 200
    assert message in main(response)
    assert "There is a problem" in response.content.decode()
    assert _stored() == []


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.CANCELLED, State.CONFIRMED])
def test_slides_need_a_confirmed_contribution_on_the_programme(expression, state):
    if state != State.CONFIRMED:
        add_to_programme(expression)
    Expression.objects.update(state=state)
    client = browser_of(expression)

    responses = [client.get(f"{PAGE}slides/"), _send(client)]

    assert [response["Location"] for response in responses] == [PAGE] * 2
    assert _stored() == []


def test_only_the_student_uploads_slides(
    edition, contribution, client, as_stranger, as_reviewer, as_helpdesk, as_editor, as_chair
):
    clients = [client, as_stranger, as_reviewer, as_helpdesk, as_editor, as_chair]
    clients.append(browser_of(make_confirmed(edition)))

    assert [_send(each).status_code for each in clients] == [403] * 7
    assert _stored() == []


# The data export


def test_the_data_export_has_the_programmes_data(expression):
    client = browser_of(expression)
    assert "programme" not in client.get(f"{PAGE}data.json").json()
    contribution = add_to_programme(expression)[0]
    contribution.slides.save("x.pdf", ContentFile(PDF))

    data = client.get(f"{PAGE}data.json").json()["programme"]

    assert (data["title"], data["abstract"]) == ("Smaller is better", "We show that it is.")
    assert data["contributors"] == [
        {"name": "Sam Student", "affiliation": "University of Examples", "role": "speaker"}
    ]
    assert data["topics"] == ["Small models"]
    assert data["slides"] == contribution.slides.name
    assert data["taken_over"]["title"] == "Smaller is better"
