"""Letters on the desk: chairs read them and decide about them; nobody else sees one."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from apps.mail.models import DUE_LASTS, Letter
from apps.mail.texts import kind_in_words
from tests.factories import make_edition
from tests.mail.conftest import make_letter
from tests.reading import messages_of

pytestmark = pytest.mark.django_db

LIST = "/admin/mail/letter/"
HOSTILE = '<script>alert(1)</script><img src=x onerror="y">'


def page_of(letter: Letter) -> str:
    return f"{LIST}{letter.pk}/change/"


def make_unconfirmed(**fields) -> Letter:
    """A letter that a killed worker held."""
    claimed_at = timezone.now() - timedelta(minutes=11)
    return make_letter(state="unconfirmed", attempts=1, claimed_at=claimed_at, **fields)


def states() -> list[str]:
    return list(Letter.objects.order_by("pk").values_list("state", flat=True))


def decide(client, action: str, *letters: Letter, sure: str = "", **extra):
    """Send an action of the list, as the buttons on the page of a letter do, too."""
    data = {"action": action, "_selected_action": [letter.pk for letter in letters]}
    return client.post(LIST, data | ({"sure": sure} if sure else {}), **extra)


@pytest.fixture
def everyone_else(client, as_stranger, as_reviewer, as_editor, as_helpdesk):
    return client, as_stranger, as_reviewer, as_editor, as_helpdesk


def test_only_chairs_see_letters(as_chair, everyone_else):
    letter = make_letter()

    for path in (LIST, page_of(letter)):
        assert as_chair.get(path).status_code == 200
        assert {who.get(path).status_code for who in everyone_else} <= {302, 403}
    for who in everyone_else[2:]:
        assert "Emails" not in who.get("/admin/").content.decode()


@pytest.mark.parametrize("action", ["send_again", "mark_arrived", "discard"])
def test_only_chairs_decide_about_letters(everyone_else, action):
    letters = [make_letter(state="failed"), make_unconfirmed()]

    for who in everyone_else:
        assert decide(who, action, *letters).status_code in {302, 403}
        assert who.post(f"{LIST}test/").status_code in {302, 403}

    assert states() == ["failed", "unconfirmed"]


def test_letters_are_neither_added_nor_changed_nor_deleted(as_chair):
    letter = make_letter()

    assert as_chair.get(f"{LIST}add/").status_code == 403
    assert as_chair.post(page_of(letter), {"subject": "Other"}).status_code == 403
    assert as_chair.post(f"{LIST}{letter.pk}/delete/", {"post": "yes"}).status_code == 403
    as_chair.post(LIST, {"action": "delete_selected", "_selected_action": letter.pk, "post": "yes"})
    assert list(Letter.objects.values_list("subject", flat=True)) == ["Words"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_has_a_constant_number_of_queries(as_chair, django_assert_num_queries, count):
    edition = make_edition()
    for _ in range(count):
        make_letter(edition=edition)

    with django_assert_num_queries(9):
        as_chair.get(LIST)


def test_the_list_shows_state_and_reason(as_chair):
    make_unconfirmed(subject="Doubtful")
    make_letter(subject="Refused", state="failed", failure="No such user (550)")
    make_letter(subject="Old", due_at=timezone.now() - DUE_LASTS)

    page = as_chair.get(LIST).content.decode()

    for words in (
        "In doubt: delivery not confirmed",
        "No such user (550)",
        "Too old to be sent automatically",
        "Ada Example &lt;ada@example.org&gt;",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("standing", "found"),
    [
        ("unconfirmed", ["Doubtful"]),
        ("overdue", ["Old"]),
        ("queued", ["New", "Old"]),
        ("sending", ["In hand"]),
        ("failed", ["Refused"]),
    ],
)
def test_letters_are_filtered_by_state(as_chair, standing, found):
    make_unconfirmed(subject="Doubtful")
    make_letter(subject="In hand", state="sending", claimed_at=timezone.now())
    make_letter(subject="Refused", state="failed")
    make_letter(subject="Old", due_at=timezone.now() - DUE_LASTS)
    make_letter(subject="New")

    letters = as_chair.get(LIST, {"standing": standing}).context["cl"].queryset

    assert sorted(letters.values_list("subject", flat=True)) == found


@pytest.mark.parametrize("words", ["Grace", "grace@example.net", "Receipt for"])
def test_letters_are_found_by_name_address_and_subject(as_chair, words):
    make_letter()
    wanted = make_letter(to_name="Grace", to_email="grace@example.net", subject="Receipt for you")

    assert list(as_chair.get(LIST, {"q": words}).context["cl"].queryset) == [wanted]


def test_a_letter_is_shown_as_text_and_as_safe_html(as_chair):
    letter = make_letter(
        to_name=HOSTILE,
        subject=HOSTILE,
        body_text=f"Text {HOSTILE}",
        body_html=f'<p style="x" onclick="y">Page <a href="https://example.net/">there</a></p>{HOSTILE}',
        failure=HOSTILE,
    )

    for path in (page_of(letter), LIST):
        page = as_chair.get(path).content.decode()

        assert "<script>alert" not in page
        assert "<img src=x" not in page
    page = as_chair.get(page_of(letter)).content.decode()
    assert "Text &lt;script&gt;" in page
    assert "<p>Page <a>there</a></p>" in page.replace(' rel="noopener noreferrer"', "")


def test_a_failed_letter_is_sent_again(as_chair):
    letter = make_letter(state="failed", attempts=12, failure="No such user (550)")

    response = decide(as_chair, "send_again", letter, follow=True)

    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.failure) == ("queued", 0, "")
    assert messages_of(response) == ["1 email: will be sent again."]


def test_an_unconfirmed_letter_is_marked_as_sent_when_it_was_claimed(as_chair):
    letter = make_unconfirmed()
    page = as_chair.get(page_of(letter)).content.decode()

    decide(as_chair, "mark_arrived", letter)

    letter.refresh_from_db()
    assert ("It arrived" in page, "Send again" in page) == (True, True)
    assert (letter.state, letter.sent_at) == ("sent", letter.claimed_at)


def test_an_overdue_letter_is_sent_on_request(as_chair):
    letter = make_letter(due_at=timezone.now() - 2 * DUE_LASTS)
    assert list(Letter.objects.due()) == []

    decide(as_chair, "send_again", letter)

    assert list(Letter.objects.due()) == [letter]


def test_a_claimed_letter_is_left_alone(as_chair):
    letter = make_letter(state="sending", claimed_at=timezone.now())

    said = [
        messages_of(decide(as_chair, action, letter, follow=True))
        for action in ("send_again", "mark_arrived", "discard")
    ]

    assert states() == ["sending"]
    assert said == [["1 email left unchanged: not possible in the current state."]] * 3


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("send_again", ["queued", "queued", "queued", "sent"]),
        ("mark_arrived", ["failed", "sent", "queued", "sent"]),
        ("discard", ["failed", "unconfirmed", "discarded", "sent"]),
    ],
)
def test_an_action_changes_the_possible_and_counts_the_rest(as_chair, action, expected):
    letters = [
        make_letter(state="failed"),
        make_unconfirmed(),
        make_letter(),
        make_letter(state="sent", sent_at=timezone.now()),
    ]

    response = decide(as_chair, action, *letters, sure="1", follow=True)

    assert states() == expected
    assert "left unchanged" in messages_of(response)[-1]


def test_a_page_asks_before_waiting_letters_are_discarded(as_chair):
    letters = [make_letter(subject=HOSTILE), make_letter(state="failed", subject="Other")]

    page = decide(as_chair, "discard", *letters).content.decode()

    assert states() == ["queued", "failed"]
    assert "Discard 1 email?" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "Other" not in page
    assert all(f'name="_selected_action" value="{letter.pk}"' in page for letter in letters)


def test_a_test_letter_needs_post(as_chair):
    assert as_chair.get(f"{LIST}test/").status_code == 405


def test_a_test_letter_goes_to_the_chair_who_asked(as_chair, settings):
    settings.HAS_MAIL = True

    response = as_chair.post(f"{LIST}test/", follow=True)

    letter = Letter.objects.get()
    assert (letter.to_email, letter.to_name, letter.state) == (
        "chair@example.org",
        "Charlie Chair",
        "queued",
    )
    assert messages_of(response) == [
        "A test email to chair@example.org is on its way: look for “A test email from Workshop” "
        "in your inbox, and in the spam folder. If it does not come within minutes, this list "
        "says why."
    ]


def test_without_a_mail_server_the_list_says_what_to_set(as_chair):
    response = as_chair.post(f"{LIST}test/", follow=True)

    assert Letter.objects.count() == 0
    assert messages_of(response) == [
        "No mail server is configured, so emails wait: ask the person who runs the server "
        "to set SMTP_URL and MAIL_FROM. "
        "Then ask for the test email again."
    ]
    assert "No mail server is configured, so emails wait here." in response.content.decode()


def test_the_kind_of_a_letter_in_words(as_chair):
    make_letter(kind="interest/offer_talk")  # its text can be changed
    make_letter(kind="interest/withdrawn_notice")  # a fixed one
    make_letter(kind="old/offer_of_before")  # of an earlier version

    page = as_chair.get(LIST).content.decode()

    for words in (
        "Offer of a lightning talk",
        "To organisers: an entry was withdrawn",
        "Offer of before",
    ):
        assert page.count(words) == 2  # its row, and the filter
    assert ">interest/offer_talk<" not in page


@pytest.mark.parametrize(
    "folder", sorted(Path("templates").glob("*/letters/*/")), ids=lambda folder: folder.name
)
def test_each_fixed_letter_has_a_name(folder):
    kind = f"{folder.parent.parent.name}/{folder.name}"

    assert kind_in_words(kind) != folder.name.replace("_", " ").capitalize()


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/admin/mail/letter/", "Every email of the site is listed here"),
        ("/admin/mail/letter/?q=nothing", "Nothing matches."),
    ],
)
def test_an_empty_list_says_why_it_is_empty(as_chair, path, sentence):
    page = as_chair.get(path).content.decode()

    assert sentence in page
