"""What becomes of a letter in the worker's hands, with a real mail server."""

import logging
from datetime import UTC, timedelta
from email.header import decode_header, make_header

import pytest
from django.utils import timezone

from apps.mail.models import CLAIM_LASTS, DUE_LASTS, Letter
from apps.mail.smtp import DeliveryError
from apps.mail.worker import RETRY_AFTER, Worker, claim_next, deliver_due
from tests.mail.conftest import LINK, TOKEN, make_letter, make_letter_with_link

pytestmark = pytest.mark.django_db


def body_of(message, kind: str) -> str:
    part = message.get_body((kind,))
    return part.get_content().replace("\r\n", "\n")


def state_of(letter: Letter) -> tuple[str, int, str]:
    letter.refresh_from_db()
    return letter.state, letter.attempts, letter.failure


def test_a_letter_arrives_as_text_and_html_with_its_headers(post_office):
    letter = make_letter(reply_to="chairs@example.org")

    assert deliver_due() == 1

    (message,) = post_office.arrived
    assert post_office.recipients == ["ada@example.org"]
    assert message.get_content_type() == "multipart/alternative"
    assert (body_of(message, "plain"), body_of(message, "html")) == (
        "Hello Ada.\n",
        "<p>Hello Ada.</p>",
    )
    wanted = ("From", "To", "Subject", "Reply-To", "Auto-Submitted")
    assert {name: str(message[name]) for name in wanted} == {
        "From": "Workshop <workshop@example.org>",
        "To": "Ada Example <ada@example.org>",
        "Subject": "Words",
        "Reply-To": "chairs@example.org",
        "Auto-Submitted": "auto-generated",
    }
    assert str(message["Message-ID"]).endswith("@example.org>")
    assert abs(message["Date"].datetime.replace(tzinfo=UTC) - timezone.now()) < timedelta(minutes=1)
    assert state_of(letter) == ("sent", 1, "")
    assert letter.sent_at is not None


def test_a_calendar_file_is_attached(post_office):
    calendar = "BEGIN:VCALENDAR\r\nSUMMARY:Größe\r\nEND:VCALENDAR\r\n"
    make_letter(calendar=calendar)

    deliver_due()

    (message,) = post_office.arrived
    (file,) = message.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "programme.ics")
    assert file.get_content().replace("\r\n", "\n") == calendar.replace("\r\n", "\n")
    assert body_of(message, "plain") == "Hello Ada.\n"


def test_the_link_is_made_at_sending_and_not_stored(post_office, link_maker, caplog):
    letter = make_letter_with_link()

    deliver_due()

    (message,) = post_office.arrived
    assert link_maker == [7]
    assert body_of(message, "plain") == f"Your page:\n{LINK}\n"
    assert body_of(message, "html") == f'<p>Your page: <a href="{LINK}">{LINK}</a></p>'
    letter.refresh_from_db()
    assert TOKEN not in str(vars(letter))
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("Zoë Müller", "Grüße"),
        ("李小龍 " * 30, "演講 " * 40),
        ("محمد علي", "كلمات"),
        ('Ada "the first" Example, PhD <x@example.net>', 'A "quoted" <subject>'),
        ("Ada; Bob: Co, (x)\\", "=?utf-8?q?not_encoded?="),
    ],
)
def test_names_and_subjects_in_all_scripts_arrive_unchanged(post_office, name, subject):
    make_letter(to_name=name, subject=subject, body_text="ünïcödé\n")

    deliver_due()

    (message,) = post_office.arrived
    # Not by the parser for addresses: it puts blanks between encoded words (RFC 2047 §6.2).
    written, _, address = dict(message.raw_items())["To"].rpartition(" ")
    shown = str(make_header(decode_header(" ".join(written.split()))))
    plain = shown.removeprefix('"').removesuffix('"').replace('\\"', '"').replace("\\\\", "\\")
    assert (plain, address) == (name.strip(), "<ada@example.org>")
    assert body_of(message, "plain") == "ünïcödé\n"
    if not subject.startswith("=?"):
        assert str(message["Subject"]).strip() == subject.strip()


@pytest.mark.parametrize(
    "subject",
    [
        "When and where: “Smaller is better and smaller and smaller” at Small Talks",
        "演講" * 100,
        "Ü" * 67,
        "A" * 300,
        "New time or room for a talk with a long title in ASCII at a workshop with a long name",
        "A word " * 9 + "abc",
    ],
)
def test_the_first_line_of_a_folded_subject_holds_words(post_office, subject):
    make_letter(subject=subject)

    deliver_due()

    (message,) = post_office.arrived
    first, *others = dict(message.raw_items())["Subject"].split("\r\n")
    assert first
    assert all(len(line) <= 78 for line in (f"Subject: {first}", *others))
    assert str(message["Subject"]) == subject


@pytest.mark.parametrize(
    "hostile",
    [
        "Ada\r\nBcc: everybody@example.org",
        "Ada\nSubject: other\n\nbody",
        "Ada\x07\x1b[31m\u2028\u202eeve\u202c",
        "Ä\r\nBcc: everybody@example.org",
    ],
)
def test_headers_cannot_be_injected(post_office, hostile):
    make_letter(to_name=hostile, subject=hostile)

    deliver_due()

    (message,) = post_office.arrived
    assert post_office.recipients == ["ada@example.org"]
    assert {name for name in message if not name.startswith("X-")} == {
        *("Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID"),
        *("Subject", "To"),
    }
    words = str(message["Subject"]) + str(message["To"])
    assert not any(sign in words for sign in "\r\n\x07\x1b\u2028\u202e")


def test_a_letter_to_a_domain_in_other_letters_arrives(post_office):
    make_letter(to_email="ada@straße.example", reply_to="chairs@bücher.example")

    assert deliver_due() == 1

    (message,) = post_office.arrived
    assert post_office.recipients == ["ada@xn--strae-oqa.example"]
    assert str(message["To"]) == "Ada Example <ada@xn--strae-oqa.example>"
    assert str(message["Reply-To"]) == "chairs@xn--bcher-kva.example"


def test_a_batch_goes_over_one_connection(post_office):
    for number in range(5):
        make_letter(to_email=f"ada{number}@example.org")

    assert deliver_due() == 5
    assert post_office.connections == 1
    assert post_office.recipients == [f"ada{number}@example.org" for number in range(5)]


def test_a_server_that_hangs_up_between_letters_is_called_again(post_office):
    refusals = iter([None, "421 Enough for one connection", None])
    post_office.answers["MAIL"] = lambda _: next(refusals)
    letters = [make_letter(), make_letter()]

    assert deliver_due() == 2
    assert post_office.connections == 2
    assert [state_of(letter) for letter in letters] == [("sent", 1, "")] * 2


def test_a_refused_address_fails_with_its_reason_and_the_others_go_out(post_office):
    post_office.answers["RCPT"] = lambda to: "550 No such user" if "bob" in to else None
    bob = make_letter(to_email="bob@example.org")
    ada = make_letter()

    assert deliver_due() == 1

    assert state_of(bob) == ("failed", 1, "The mail server refused it: No such user (550)")
    assert state_of(ada) == ("sent", 1, "")


def test_a_refused_text_fails_without_its_link_on_record(post_office, link_maker, caplog):
    post_office.answers["DATA"] = lambda _: f"554 We dislike {LINK}"
    letter = make_letter_with_link()

    deliver_due()

    words = f"The mail server refused it: We dislike {Letter.PRIVATE_LINK} (554)"
    assert state_of(letter) == ("failed", 1, words)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_postponed_letter_waits_longer_each_time(post_office, step):
    post_office.answers[step] = lambda _: "451 Try later"
    letter = make_letter()
    pauses = []

    for _ in range(len(RETRY_AFTER) + 1):
        Letter.objects.update(due_at=timezone.now())
        deliver_due()
        letter.refresh_from_db()
        pauses.append(letter.due_at - timezone.now())

    assert all(
        abs(pause - wanted) < timedelta(seconds=30)
        for pause, wanted in zip(pauses[:-1], RETRY_AFTER, strict=True)
    )
    words = "The mail server asks to try later: Try later (451)"
    assert state_of(letter) == (
        "failed",
        len(RETRY_AFTER) + 1,
        f"Given up after 12 attempts in three days. {words}",
    )
    assert sum(RETRY_AFTER, timedelta()) >= timedelta(days=3)


def test_a_letter_is_not_sent_before_it_is_due(post_office):
    make_letter(due_at=timezone.now() + timedelta(minutes=1))

    assert deliver_due() == 0
    assert post_office.connections == 0


@pytest.mark.usefixtures("no_post_office")
def test_while_the_server_is_down_letters_get_the_reason_and_keep_their_attempts():
    letters = [make_letter(), make_letter()]

    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 does not answer: Connection refused"):
        deliver_due()

    words = "The mail server 127.0.0.1 does not answer: Connection refused"
    assert [state_of(letter) for letter in letters] == [("queued", 0, words)] * 2


def test_a_server_that_hangs_before_data_postpones_one_letter(post_office):
    post_office.silent_at = "RCPT"
    first, second = make_letter(), make_letter()

    with pytest.raises(DeliveryError):
        deliver_due()

    words = "The mail server 127.0.0.1 closed the connection."
    assert state_of(first) == ("queued", 1, words)
    assert first.due_at > timezone.now()
    assert state_of(second) == ("queued", 0, words)


def test_a_server_silent_after_data_leaves_the_letter_unconfirmed(post_office):
    post_office.silent_at = "DATA"
    letter = make_letter()

    deliver_due()

    state, attempts, failure = state_of(letter)
    assert (state, attempts) == ("unconfirmed", 1)
    assert failure.startswith("The mail server did not confirm the delivery")
    post_office.silent_at = ""
    assert deliver_due() == 0
    assert len(post_office.arrived) == 1


def test_a_refused_sender_is_a_fault_of_the_server(post_office):
    post_office.answers["MAIL"] = lambda _: "550 Not one of ours"
    letter = make_letter()

    with pytest.raises(DeliveryError, match=r"does not accept Workshop <workshop@example\.org>"):
        deliver_due()

    assert state_of(letter)[:2] == ("queued", 1)


def test_the_letter_of_a_dead_worker_becomes_unconfirmed(post_office):
    letter = make_letter()
    claim_next()
    assert deliver_due() == 0
    assert state_of(letter)[0] == "sending"

    Letter.objects.update(claimed_at=timezone.now() - CLAIM_LASTS - timedelta(seconds=1))

    assert deliver_due() == 0
    assert state_of(letter)[0] == "unconfirmed"
    assert post_office.arrived == []


def test_a_letter_is_claimed_once():
    letter = make_letter()

    assert claim_next() == letter
    assert claim_next() is None


def test_letters_due_for_a_week_wait_for_a_chair(post_office):
    old = make_letter(due_at=timezone.now() - DUE_LASTS - timedelta(minutes=1))
    make_letter(due_at=timezone.now() - DUE_LASTS + timedelta(minutes=1))

    assert deliver_due() == 1
    assert list(Letter.objects.overdue()) == [old]
    assert state_of(old)[0] == "queued"


@pytest.mark.parametrize("state", ["draft", "discarded", "failed", "sent"])
def test_only_queued_letters_are_sent(post_office, state):
    make_letter(state=state, sent_at=timezone.now())

    assert deliver_due() == 0
    assert post_office.connections == 0


def test_a_letter_whose_link_has_no_target_fails(post_office, link_maker):
    letter = make_letter_with_link(link_maker="unknown")

    deliver_due()

    words = "The page of its private link has been deleted."
    assert state_of(letter) == ("failed", 1, words)


def test_an_invalid_address_fails_and_the_others_are_sent(post_office):
    letter = make_letter(to_email="nobody@example.org\nBcc: ada@example.org")
    other = make_letter()

    assert deliver_due() == 1

    assert state_of(letter)[0] == "failed"
    assert state_of(other)[0] == "sent"
    assert post_office.recipients == ["ada@example.org"]


def test_a_second_copy_has_the_same_message_id(post_office):
    make_letter()
    deliver_due()
    Letter.objects.update(state="queued", due_at=timezone.now())

    deliver_due()

    first, second = post_office.arrived
    assert first["Message-ID"] == second["Message-ID"]


def test_sending_stops_after_the_current_letter(post_office):
    make_letter()
    make_letter()
    asked = iter([True, False])

    assert deliver_due(goes_on=lambda: next(asked)) == 1


def test_looking_for_letters_takes_two_queries(post_office, django_assert_num_queries):
    with django_assert_num_queries(2):
        deliver_due()


def test_the_log_names_no_person(post_office, caplog):
    post_office.answers["RCPT"] = lambda to: f"550 {to} is unknown"
    letter = make_letter()

    with caplog.at_level(logging.DEBUG):
        deliver_due()

    said = [record.getMessage() for record in caplog.records if record.name.startswith("apps.")]
    assert said == [f"Letter {letter.pk} failed for good; the desk shows the reason."]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"EMAIL_USE_TLS": True}, "cannot do what SMTP_URL asks for: STARTTLS"),
        (
            {"EMAIL_HOST_USER": "ada", "EMAIL_HOST_PASSWORD": "secret-of-ada"},
            "cannot do what SMTP_URL asks for: SMTP AUTH",
        ),
        ({"EMAIL_USE_SSL": True}, "does not offer a secure connection"),
    ],
)
def test_a_server_without_tls_or_login_gets_no_letter(post_office, settings, wanted, words, caplog):
    for name, value in wanted.items():
        setattr(settings, name, value)
    letter = make_letter()

    with pytest.raises(DeliveryError, match=words):
        deliver_due()

    assert state_of(letter)[:2] == ("queued", 0)
    assert "secret-of-ada" not in caplog.text + letter.failure


# The worker closes connections that are too old, which a test in one transaction would not survive.
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_post_office")
def test_an_unreachable_server_is_called_less_and_less_often():
    make_letter()
    worker = Worker(say=print)

    assert [worker._look() for _ in range(5)] == [5, 15, 60, 300, 300]


@pytest.mark.django_db(transaction=True)
def test_once_the_server_answers_the_worker_looks_every_second_again(post_office, settings):
    make_letter()
    worker = Worker(say=print)
    settings.EMAIL_PORT = 1

    assert worker._look() == 5
    settings.EMAIL_PORT = post_office.port
    assert [worker._look(), worker._look()] == [1, 1]
    assert len(post_office.arrived) == 1


@pytest.mark.django_db(transaction=True)
def test_a_stopped_worker_returns_at_once(post_office):
    worker = Worker(say=print)
    worker.stop()

    worker.run()

    assert post_office.connections == 0
