"""Sending the form: stored once, private to its sender, and nothing typed is lost."""

import re
from datetime import timedelta
from threading import Barrier, Thread
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.interest.models import AccessLink, Expression, StudentLink
from apps.interest.views import CLOSED, NO_COOKIE, TOO_MANY, TOO_OLD
from apps.mail.models import Letter
from apps.mail.worker import deliver_due
from apps.private_links.requests import answer_requests
from tests.factories import make_edition
from tests.interest.calls import filled, make_call_of_days, make_open_call, open_page

pytestmark = pytest.mark.django_db

PAGE = "/2030/interest/"


@pytest.fixture
def clock():
    """A frozen clock that tests move; without it, forms are filled in in no time."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def call(clock):
    return make_open_call()


@pytest.fixture
def closed_call(clock):
    return make_call_of_days(opens=-5, closes=-2)


def _open_form(client: Client, clock) -> str:
    """The token of a form that was opened three minutes ago."""
    token = open_page(client)
    clock.shift(timedelta(minutes=3))
    return token


def _send(client: Client, call, token: str, **changes):
    return client.post(PAGE, filled(call.edition, token=token) | changes)


def _text(response) -> str:
    return " ".join(response.content.decode().split())


def _is_kept(response) -> bool:
    """Whether the page shows the typed values again."""
    return all(value in _text(response) for value in ("Smaller and faster", "ada@example.org"))


def _counts() -> tuple[int, int, int]:
    """Numbers of expressions, letters and private links."""
    return Expression.objects.count(), Letter.objects.count(), StudentLink.objects.count()


def test_a_submission_is_stored_confirmed_and_signs_the_browser_in(client, clock, call):
    token = _open_form(client, clock)

    response = _send(client, call, token, coauthor_name_1="Bo Example")

    expression = Expression.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/2030/interest/sent/{expression.reference}/"
    assert response["Cache-Control"] == "no-store, private"
    assert client.cookies["mine"]["httponly"]
    assert StudentLink.objects.get().expression == expression
    assert (expression.name, expression.email) == ("Ada Example", "ada@example.org")
    assert (expression.is_late, expression.is_test) == (False, False)
    assert [str(author) for author in expression.coauthors.all()] == ["Bo Example"]
    assert [letter.to_email for letter in Letter.objects.all()] == ["ada@example.org"]
    # The token of the form opens nothing.
    for part in token.split(":"):
        assert not StudentLink.objects.for_token(part).exists()


def test_an_error_keeps_everything_typed(client, clock, call):
    response = _send(client, call, _open_form(client, clock), university="")

    assert response.status_code == 200
    assert "<title>Error: Express your interest" in _text(response)
    assert _text(response).count("Enter your university") == 2
    assert _is_kept(response)
    assert not Expression.objects.exists()


def _strict_browser() -> Client:
    """A browser whose forms need their CSRF token."""
    return Client(enforce_csrf_checks=True)


def test_without_a_cookie_the_form_keeps_everything_and_can_be_sent_again(clock, call):
    browser = _strict_browser()
    token = _open_form(browser, clock)
    browser.cookies.clear()

    refused = _send(browser, call, token, coauthor_name_1="Bo Example")

    assert refused.status_code == 403
    assert str(NO_COOKIE) in _text(refused)
    assert _is_kept(refused)
    assert "Bo Example" in _text(refused)
    assert _text(refused).count(" checked") == 2  # the format and the topic
    assert not Expression.objects.exists()

    new = refused.content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert _send(browser, call, token, csrfmiddlewaretoken=new).status_code == 302


def test_a_forged_form_does_not_change_what_the_browser_has_sent(client, clock, call):
    token = _open_form(client, clock)
    _send(client, call, token)
    browser = _strict_browser()
    browser.cookies = client.cookies

    refused = _send(browser, call, token, abstract="Words of another site.")

    assert refused.status_code == 403
    assert Expression.objects.get().abstract == "We make it small."
    assert Letter.objects.count() == 1


def test_without_a_cookie_after_the_close_the_form_is_shown_to_copy(clock, call):
    clock.move_to(call.closes_at + timedelta(hours=25))

    refused = _send(_strict_browser(), call, "forged")

    assert str(CLOSED) in _text(refused)
    assert _is_kept(refused)


@pytest.mark.parametrize(("email", "is_hinted"), [("ada@gmial.com", True), ("ada@gmx.de", False)])
def test_a_mistyped_provider_is_stored_and_corrected_with_one_press(
    client, clock, call, email, is_hinted
):
    response = _send(client, call, _open_form(client, clock), email=email)

    expression = Expression.objects.get()
    page = client.get(response["Location"])
    assert expression.email == email
    assert ("Did you mean ada@gmail.com?" in _text(page)) is is_hinted
    if is_hinted:
        hint = _text(page).split('<form class="alert')[1].split("</form>")[0]
        assert f'action="{expression.get_absolute_url()}address/"' in hint
        assert 'name="email" value="ada@gmail.com"' in hint
        client.post(f"{expression.get_absolute_url()}address/", {"email": "ada@gmail.com"})
        expression.refresh_from_db()
        assert expression.email == "ada@gmail.com"
        assert "Did you mean" not in _text(client.get(expression.get_absolute_url()))


# Duplicates


def test_the_same_form_sent_twice_is_one_expression(client, clock, call):
    token = _open_form(client, clock)

    first = _send(client, call, token)
    second = _send(Client(), call, token, title=" Smaller  and faster ")

    assert first["Location"] == second["Location"]
    assert _counts() == (1, 1, 1)


@pytest.mark.parametrize("minutes", [1, 20])
def test_a_page_whose_answer_was_lost_updates_its_entry_before_and_after_the_close(
    client, clock, call, minutes
):
    clock.move_to(call.closes_at - timedelta(minutes=10))
    token = _open_form(client, clock)
    first = _send(client, call, token)
    call.edits_close_on = call.closes_on + timedelta(days=2)
    call.save()
    clock.shift(timedelta(minutes=minutes))

    second = _send(Client(), call, token, abstract="We make it tiny.")

    assert second["Location"] == first["Location"]
    assert "mine" in "".join(second.cookies)
    assert Expression.objects.get().abstract == "We make it tiny."


def test_a_submission_of_a_new_browser_needs_a_bounded_number_of_queries(
    client, clock, call, django_assert_max_num_queries
):
    token = _open_form(client, clock)
    data = filled(call.edition, token=token)

    with django_assert_max_num_queries(22):
        client.post(PAGE, data)

    assert Expression.objects.exists()


def test_two_tabs_of_one_browser_are_one_expression(client, clock, call):
    tokens = [_open_form(client, clock) for _ in range(2)]

    first, second = (_send(client, call, token) for token in tokens)

    assert first["Location"] == second["Location"]
    assert _counts()[:2] == (1, 1)


def test_another_person_with_the_same_address_and_title_sees_nothing(client, clock, call):
    _send(client, call, _open_form(client, clock))
    stranger = Client()
    token = _open_form(stranger, clock)

    for _ in range(5):
        response = _send(stranger, call, token, abstract="Words of a stranger.")
        assert response.status_code == 200
        assert "Nothing new was stored" in _text(response)
        assert "Words of a stranger." in _text(response)
        assert Expression.objects.get().reference not in _text(response)
    assert "mine" not in stranger.cookies
    assert Expression.objects.get().abstract == "We make it small."
    assert _counts() == (1, 1 + 3, 1)


def test_the_owner_gets_a_letter_with_a_link_when_another_browser_sends_the_same(
    client, clock, call
):
    _send(client, call, _open_form(client, clock))
    stranger = Client()

    _send(stranger, call, _open_form(stranger, clock), abstract="Words of a stranger.")

    letter = Letter.objects.all()[0]
    assert (letter.kind, letter.to_email) == ("interest/sent_again", "ada@example.org")
    assert letter.subject.startswith("Nothing was changed: expression of interest ")
    assert Letter.PRIVATE_LINK in letter.body_text
    assert "You can change your answers until" in letter.body_text
    assert "stranger" not in letter.body_text + letter.body_html
    assert Expression.objects.get().events.all()[0].what == "Sent again from another browser"


def test_resend_from_the_same_page_updates_the_entry(client, clock, call):
    token = _open_form(client, clock)
    first = _send(client, call, token)

    second = _send(client, call, token, abstract="We make it tiny.", coauthor_name_1="Bo Example")

    expression = Expression.objects.get()
    assert second["Location"] == first["Location"]
    assert "You sent this entry before." in _text(client.get(second["Location"]))
    assert expression.abstract == "We make it tiny."
    assert [str(author) for author in expression.coauthors.all()] == ["Bo Example"]
    assert [event.what for event in expression.events.all()] == ["Sent again", "Submitted"]
    letter = Letter.objects.all()[0]
    assert letter.subject.startswith(f"Your expression of interest {expression.display_reference} ")
    assert "was updated" in letter.subject
    assert "We make it tiny." in letter.body_text
    assert "Thank you. We have received" not in letter.body_text + letter.body_html
    assert Letter.objects.count() == 2


def test_resend_from_the_same_browser_updates_the_entry(client, clock, call):
    _send(client, call, _open_form(client, clock))
    clock.shift(timedelta(hours=1))
    token = _open_form(client, clock)

    for title, abstract in (("Smaller and faster", "Third."), ("A new title", "Third.")):
        _send(client, call, token, title=title, abstract=abstract)

    expression = Expression.objects.get()
    assert (expression.title, expression.abstract) == ("A new title", "Third.")
    assert expression.version == 3


def test_resend_updates_the_entry_though_the_first_answer_never_arrived(client, clock, call):
    token = _open_form(client, clock)
    _send(Client(), call, token)

    response = _send(client, call, token, abstract="We make it tiny.")

    assert Expression.objects.get().abstract == "We make it tiny."
    assert client.get(response["Location"]).status_code == 200


def test_resend_from_an_old_page_does_not_overwrite_a_later_change(client, clock, call):
    token = _open_form(client, clock)
    _send(client, call, token)
    expression = Expression.objects.get()
    page = f"{expression.get_absolute_url()}change/"
    changed = filled(call.edition, version=1, abstract="Changed on my page.")
    assert client.post(page, changed).status_code == 302

    response = _send(client, call, token, abstract="Typed before that.")

    expression.refresh_from_db()
    assert response.status_code == 409
    assert "Changed on my page." in _text(response)
    assert "Typed before that." in _text(response)
    assert f'action="{page}"' in _text(response)
    assert expression.abstract == "Changed on my page."

    again = filled(call.edition, version=expression.version, abstract="Typed before that.")
    assert client.post(page, again).status_code == 302
    expression.refresh_from_db()
    assert expression.abstract == "Typed before that."


def test_resend_after_changes_have_closed_changes_nothing_and_keeps_what_was_typed(
    client, clock, call
):
    clock.move_to(call.closes_at - timedelta(minutes=10))
    token = _open_form(client, clock)
    _send(client, call, token)
    clock.shift(timedelta(hours=1))

    response = _send(client, call, token, abstract="Too late.")

    assert response.status_code == 409
    assert "Your answers can no longer be changed here. What you typed is below" in _text(response)
    assert "Too late." in _text(response)
    assert "<button" not in _text(response).split("<main")[1]
    assert Expression.objects.get().abstract == "We make it small."


def test_resends_are_limited_and_keep_what_was_typed(client, clock, call):
    token = _open_form(client, clock)
    responses = [_send(client, call, token, abstract=f"Number {n}.") for n in range(11)]

    assert [response.status_code for response in responses] == [302] * 10 + [429]
    assert str(TOO_MANY) in _text(responses[-1])
    assert "Number 10." in _text(responses[-1])
    assert Expression.objects.get().abstract == "Number 9."


def test_a_withdrawn_entry_that_is_sent_again_is_a_new_one(client, clock, call):
    token = _open_form(client, clock)
    _send(client, call, token)
    client.post(f"{Expression.objects.get().get_absolute_url()}withdraw/")

    _send(client, call, token, abstract="We make it tiny.")

    abstracts = Expression.objects.values_list("abstract", "state")
    assert set(abstracts) == {
        ("We make it small.", "withdrawn"),
        ("We make it tiny.", "submitted"),
    }


def test_a_rehearsal_of_the_same_browser_is_not_updated(as_editor, clock, call):
    call.opens_on, opens_on = call.closes_on, call.opens_on
    call.save()
    _send(as_editor, call, _open_form(as_editor, clock))
    call.opens_on = opens_on
    call.save()

    _send(as_editor, call, _open_form(as_editor, clock), abstract="In earnest.")

    rows = Expression.objects.values_list("is_test", "abstract")
    assert set(rows) == {(True, "We make it small."), (False, "In earnest.")}


def test_a_form_sent_again_does_not_renew_a_revoked_link(client, clock, call):
    token = _open_form(client, clock)
    _send(client, call, token)
    StudentLink.objects.update(revoked_at=timezone.now())

    response = _send(client, call, token)

    assert "Nothing new was stored" in _text(response)
    assert Expression.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Something else", "abstract": "Of its own."},
        {"email": "bo@example.org", "name": "Bo Example"},
    ],
)
def test_another_work_or_person_from_the_same_form_is_another_expression(
    client, clock, call, changes
):
    token = _open_form(client, clock)

    _send(client, call, token)
    _send(client, call, token, **changes)

    assert Expression.objects.count() == 2
    assert Expression.objects.order_by("pk")[0].abstract == "We make it small."


def test_a_corrected_address_is_another_entry_and_the_page_offers_to_withdraw_the_first(
    client, clock, call
):
    token = _open_form(client, clock)
    _send(client, call, token, email="ada@exmaple.org")
    first = Expression.objects.get()

    response = client.get(_send(client, call, token)["Location"])

    assert f"reference {first.display_reference}, ada@exmaple.org" in _text(response)
    assert f"/2030/interest/{first.reference}/withdraw/" in _text(response)
    client.post(f"/2030/interest/{first.reference}/withdraw/")
    response = client.get(response.request["PATH_INFO"])
    assert "Another entry" not in _text(response)
    current = Expression.objects.exclude(pk=first.pk).get()
    withdrawn_page = _text(client.get(f"/2030/interest/{first.reference}/"))
    assert f"/2030/interest/{current.reference}/" in withdrawn_page


def test_the_confirmation_names_no_entries_of_other_people(client, clock, call):
    _send(Client(), call, _open_form(Client(), clock), email="olga@example.org")
    token = _open_form(client, clock)
    other_work = {"title": "Something else", "abstract": "Of its own."}
    _send(client, call, token, email="bo@example.org", **other_work)

    response = client.get(_send(client, call, token)["Location"])

    assert "Another entry" not in _text(response)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("database_file")
def test_concurrent_clicks_are_one_expression(client):
    with time_machine.travel(timezone.now() - timedelta(minutes=3)):
        call = make_open_call()
        token = open_page(client)
    barrier, responses = Barrier(4), []

    def press() -> None:
        browser = Client()
        data = filled(call.edition, token=token)
        barrier.wait()
        responses.append(browser.post(PAGE, data))
        connection.close()

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    location = f"/2030/interest/sent/{Expression.objects.get().reference}/"
    assert {response.headers.get("Location") for response in responses} == {location}
    assert _counts() == (1, 1, 1)


# Closing time, late access, rehearsals


def test_a_form_opened_before_the_close_may_be_sent_after_it_and_is_late(client, clock, call):
    clock.move_to(call.closes_at - timedelta(minutes=1))
    token = _open_form(client, clock)

    with_error = _send(client, call, token, title="")
    response = _send(client, call, token)

    assert "so you can still send it" in _text(with_error)
    assert response.status_code == 302
    assert Expression.objects.get().is_late


def test_sending_again_after_the_close_does_not_make_it_late(client, clock, call):
    clock.move_to(call.closes_at - timedelta(minutes=10))
    token = _open_form(client, clock)
    first = _send(client, call, token)
    clock.shift(timedelta(minutes=20))

    assert _send(client, call, token)["Location"] == first["Location"]
    assert not Expression.objects.get().is_late


@pytest.mark.parametrize("token", ["", "forged", "a:b", "\0", "W10:x" * 1000])
def test_a_forged_token_is_refused_and_everything_kept(client, call, token):
    response = _send(client, call, token)

    assert str(TOO_OLD) in _text(response)
    assert _is_kept(response)
    assert not Expression.objects.exists()


def test_a_form_of_another_edition_or_of_yesterday_can_be_sent_again(client, clock):
    call = make_call_of_days(opens=-9, closes=9)
    make_open_call(edition=make_edition(slug="2031"))
    tokens = [open_page(client, "/2031/interest/"), open_page(client)]
    clock.shift(timedelta(hours=24, seconds=1))

    for token in tokens:
        response = _send(client, call, token)
        assert str(TOO_OLD) in _text(response)
        assert _is_kept(response)
    new_token = response.content.decode().split('name="token" value="')[1].split('"')[0]
    clock.shift(timedelta(seconds=5))

    assert _send(client, call, new_token).status_code == 302


def test_after_the_close_other_forms_are_refused_and_shown_again(client, clock, call):
    old = open_page(client)
    clock.move_to(call.closes_at + timedelta(hours=25))

    for token in (old, "forged"):
        response = _send(client, call, token)
        assert response.status_code == 409
        assert str(CLOSED) in _text(response)
        assert _is_kept(response)
        assert "<button" not in _text(response).split("<main")[1]
    assert not Expression.objects.exists()


def _make_access_link(call, days: int = 2) -> tuple[AccessLink, str]:
    """A link for a late person, and its path."""
    expires_at = timezone.now() + timedelta(days=days)
    link, token = AccessLink.mint(edition=call.edition, for_whom="Ada", expires_at=expires_at)
    return link, f"{PAGE}let-in/{token}/"


def test_an_access_link_is_good_for_one_late_expression(client, clock, closed_call):
    link, path = _make_access_link(closed_call)

    for _ in range(3):
        assert client.get(path).status_code == 200
    assert "let-in" not in client.cookies
    assert client.post(path)["Location"] == PAGE
    token = _open_form(client, clock)
    first, second = (_send(client, closed_call, token) for _ in range(2))
    another = _send(client, closed_call, token, title="One more")

    expression = Expression.objects.get()
    link.refresh_from_db()
    assert first.status_code == 302
    assert first["Location"] == second["Location"]
    assert another.status_code == 409
    assert (link.used_by, expression.is_late) == (expression, True)
    assert 'name="token"' not in _text(client.get(PAGE))
    assert client.get(path).status_code == 410


def test_an_access_link_that_does_not_work_says_why(client, closed_call):
    other = make_call_of_days(opens=-5, closes=-2, edition=make_edition(slug="2031"))
    expired, revoked = (_make_access_link(closed_call, days)[1] for days in (-1, 2))
    foreign = _make_access_link(other)[1]
    AccessLink.objects.filter(edition=closed_call.edition).update(revoked_at=timezone.now())

    paths = (expired, revoked, foreign, f"{PAGE}let-in/no/")
    statuses = [client.post(path).status_code for path in paths]

    assert statuses == [410, 410, 404, 404]
    assert "This link has ended" in _text(client.get(revoked))
    assert client.get(revoked)["Referrer-Policy"] == "strict-origin"


def test_only_editors_may_rehearse_and_rehearsals_are_marked(client, as_reviewer, as_editor, clock):
    call = make_call_of_days(opens=2, closes=5)
    token = _open_form(as_editor, clock)

    statuses = [_send(who, call, token).status_code for who in (client, as_reviewer, as_editor)]

    assert statuses == [409, 409, 302]
    assert Expression.objects.get().is_test


# Spam and rate limits


def test_a_filled_honeypot_is_not_stored_and_keeps_what_was_typed(client, clock, call):
    token = _open_form(client, clock)

    response = _send(client, call, token, comment="Buy now")

    assert response.status_code == 403
    assert "perhaps by your browser" in _text(response)
    assert "Buy now" not in _text(response)
    assert _is_kept(response)
    assert _counts() == (0, 0, 0)
    assert _send(client, call, token).status_code == 302


def test_a_form_that_the_browser_filled_in_at_once_is_stored(client, call):
    response = _send(client, call, open_page(client))

    assert response.status_code == 302
    assert Expression.objects.count() == 1


def test_submissions_from_one_network_are_limited(client, clock, settings, call):
    settings.SUBMISSION_LIMIT = 2
    token = _open_form(client, clock)

    for _ in range(3):
        _send(client, call, token, title="")  # errors are not counted
    responses = [
        # A forged header is no other network.
        client.post(
            PAGE,
            filled(call.edition, token=token, title=f"Title {n}", email=f"ada{n}@example.org"),
            headers={"X-Forwarded-For": f"192.0.2.{n}"},
        )
        for n in range(3)
    ]
    elsewhere = client.post(
        PAGE, filled(call.edition, token=token, title="Other"), REMOTE_ADDR="192.0.2.1"
    )
    clock.shift(timedelta(minutes=10))
    later = _send(client, call, token, title="Later")

    assert [response.status_code for response in responses] == [302, 302, 429]
    assert str(TOO_MANY) in _text(responses[2])
    assert "ada2@example.org" in _text(responses[2])
    assert responses[2]["Retry-After"] == "600"
    assert (elsewhere.status_code, later.status_code) == (302, 302)


def test_submissions_for_one_address_are_limited_over_all_networks(client, clock, call):
    token = _open_form(client, clock)

    statuses = [
        client.post(
            PAGE,
            filled(call.edition, token=token, title=f"Title {n}", email="ADA@example.org"),
            REMOTE_ADDR=f"192.0.2.{n}",
        ).status_code
        for n in range(11)
    ]

    assert statuses == [302] * 10 + [429]


@pytest.mark.parametrize(
    ("name", "address", "recipient"),
    [
        ("Ευγενία Παράδειγμα", "eugenia@ελλάς.gr", "eugenia@xn--hxarsa0b.gr"),
        ("Иван Пример", "ivan@ПРИМЕР.рф", "ivan@xn--e1afmkfd.xn--p1ai"),
        ("例 太郎", "taro@例え.jp", "taro@xn--r8jz45g.jp"),
        ("أحمد مثال", "ahmad@مثال.example", "ahmad@xn--mgbh0fb.example"),
        ("आदा उदाहरण", "ada@example.भारत", "ada@example.xn--h2brj9c"),
        ("Ada Müller", "ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_the_receipt_arrives_at_an_address_in_any_alphabet(
    client, clock, call, post_office, name, address, recipient
):
    token = _open_form(client, clock)
    response = _send(client, call, token, name=name, email=address)
    client.post("/2030/interest/new-link/", {"email": address})
    answer_requests()

    deliver_due()

    assert response.status_code == 302
    receipt, new_link = post_office.arrived
    assert post_office.recipients == [recipient, recipient]
    for message in (receipt, new_link):
        assert message["To"].addresses[0].addr_spec == recipient
        assert message["To"].addresses[0].display_name == name
        text = message.get_body(("plain",)).get_content()
        (link,) = re.findall(r"http://[^\s]*/interest/link/\S+", text)
        assert Client().post(urlsplit(link).path).status_code == 302
