"""A form that is sent: kept once, answered to nobody else, and never lost."""

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.interest.models import AccessLink, Expression, StudentLink
from apps.interest.views import CLOSED, TOO_MANY, TOO_OLD, TOO_QUICK
from apps.mail.models import Letter
from tests.factories import make_edition
from tests.interest.calls import filled, make_call_of_days, make_open_call, open_page

pytestmark = pytest.mark.django_db

PAGE = "/2030/interest/"


@pytest.fixture
def clock():
    """A clock to turn; pages are filled in in no time otherwise."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def _after(clock, **delta) -> None:
    clock.shift(timedelta(**delta))


def _begun(client: Client, clock, path: str = PAGE) -> str:
    begun = open_page(client, path)
    _after(clock, minutes=3)
    return begun


def _send(client: Client, call, begun: str, **changes):
    return client.post(PAGE, filled(call.edition, token=begun) | changes)


def _end(call) -> datetime:
    assert call.closes_at
    return call.closes_at


def _text(response) -> str:
    return " ".join(response.content.decode().split())


def _kept(response) -> bool:
    """Whether the page shows what was typed once more."""
    return all(words in _text(response) for words in ("Smaller and faster", "ada@example.org"))


def test_what_is_sent_is_kept_confirmed_and_signs_the_browser_in(client, clock):
    call = make_open_call()

    response = _send(client, call, _begun(client, clock), coauthor_name_1="Bo Example")

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


def test_the_page_holds_no_key_to_what_was_sent(client, clock):
    call = make_open_call()
    begun = _begun(client, clock)
    _send(client, call, begun)

    assert begun.split(":")[0] not in StudentLink.objects.get().token_hash
    for part in begun.split(":"):
        assert not StudentLink.objects.for_token(part).exists()


def test_a_mistake_costs_nothing_that_was_typed(client, clock):
    call = make_open_call()

    response = _send(client, call, _begun(client, clock), university="")

    html = _text(response)
    assert response.status_code == 200
    assert "<title>Error: Express your interest" in html
    assert html.count("Enter your university") == 2
    assert _kept(response)
    assert Expression.objects.count() == 0


# Twice the same


def test_twice_the_same_page_is_one_expression_one_letter_one_answer(client, clock):
    call = make_open_call()
    begun = _begun(client, clock)

    first = _send(client, call, begun)
    second = _send(Client(), call, begun, title=" smaller and FASTER ")

    assert first["Location"] == second["Location"]
    assert (Expression.objects.count(), Letter.objects.count()) == (1, 1)


def test_two_tabs_of_one_browser_are_one_expression(client, clock):
    call = make_open_call()
    one, other = _begun(client, clock), _begun(client, clock)

    first, second = _send(client, call, one), _send(client, call, other)

    assert first["Location"] == second["Location"]
    assert (Expression.objects.count(), Letter.objects.count()) == (1, 1)


def test_somebody_else_with_the_same_address_and_title_is_shown_nothing(client, clock):
    call = make_open_call()
    _send(client, call, _begun(client, clock))
    stranger = Client()
    begun = _begun(stranger, clock)

    answers = [_send(stranger, call, begun) for _ in range(2)]

    expression = Expression.objects.get()
    for response in answers:
        assert response.status_code == 200
        assert "We have received it" in _text(response)
        assert expression.reference not in response.content.decode()
    assert "mine" not in stranger.cookies
    assert (Letter.objects.count(), StudentLink.objects.count()) == (1, 1)


def test_a_link_ended_by_the_organisers_signs_nobody_in_again(client, clock):
    call = make_open_call()
    begun = _begun(client, clock)
    _send(client, call, begun)
    StudentLink.objects.update(revoked_at=timezone.now())

    response = _send(client, call, begun)

    assert "We have received it" in _text(response)
    assert Expression.objects.count() == 1


def test_another_title_from_the_same_page_is_another_expression(client, clock):
    call = make_open_call()
    begun = _begun(client, clock)

    _send(client, call, begun)
    _send(client, call, begun, title="Something else")

    assert Expression.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("database_file")
def test_two_clicks_at_once_are_one_expression_and_lead_to_one_page(client):
    with time_machine.travel(timezone.now() - timedelta(minutes=3)):
        call = make_open_call()
        begun = open_page(client)
    barrier, answers = Barrier(4), []

    def press() -> None:
        browser = Client()
        data = filled(call.edition, token=begun)
        barrier.wait()
        answers.append(browser.post(PAGE, data))
        connection.close()

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    expression = Expression.objects.get()
    locations = {answer.headers.get("Location") for answer in answers}
    assert locations == {f"/2030/interest/sent/{expression.reference}/"}
    assert (Letter.objects.count(), StudentLink.objects.count()) == (1, 1)


# In time, late, let in, rehearsed


def test_begun_before_the_close_and_sent_after_is_kept_and_flagged(client, clock):
    call = make_open_call()
    clock.move_to(_end(call) - timedelta(minutes=1))
    begun = _begun(client, clock)

    mistaken = _send(client, call, begun, title="")
    response = _send(client, call, begun)

    assert "You began before, so you can still send this" in _text(mistaken)
    assert response.status_code == 302
    assert Expression.objects.get().is_late


def test_sent_once_more_after_the_close_it_is_still_the_same(client, clock):
    call = make_open_call()
    clock.move_to(_end(call) - timedelta(minutes=10))
    begun = _begun(client, clock)
    first = _send(client, call, begun)
    _after(clock, minutes=20)

    assert _send(client, call, begun)["Location"] == first["Location"]
    assert not Expression.objects.get().is_late


@pytest.mark.parametrize("begun", ["", "forged", "a:b", "\0", "W10:x" * 1000])
def test_a_forged_beginning_is_told_and_everything_kept(client, begun):
    call = make_open_call()

    response = _send(client, call, begun)

    assert TOO_OLD in _text(response)
    assert _kept(response)
    assert Expression.objects.count() == 0


def test_a_page_of_another_edition_or_of_yesterday_is_told_and_can_be_sent_again(client, clock):
    call = make_call_of_days(opens=-9, closes=9)
    make_open_call(edition=make_edition(slug="2031"))
    others = open_page(client, "/2031/interest/")
    old = open_page(client)
    _after(clock, hours=24, seconds=1)

    for begun in (others, old):
        response = _send(client, call, begun)
        assert TOO_OLD in _text(response)
        assert _kept(response)
    again = response.content.decode().split('name="token" value="')[1].split('"')[0]
    _after(clock, seconds=5)

    assert _send(client, call, again).status_code == 302


def test_after_the_close_a_page_that_was_not_begun_in_time_is_refused_and_kept(client, clock):
    call = make_open_call()
    old = open_page(client)
    clock.move_to(_end(call) + timedelta(hours=25))

    for begun in (old, "forged"):
        response = _send(client, call, begun)
        assert response.status_code == 409
        assert CLOSED in _text(response)
        assert _kept(response)
        assert "<button" not in _text(response).split("<main")[1]
    assert Expression.objects.count() == 0


def _let_in(call, **delta) -> tuple[AccessLink, str]:
    link, token = AccessLink.mint(
        edition=call.edition,
        for_whom="Ada",
        expires_at=timezone.now() + timedelta(**delta or {"days": 2}),
    )
    return link, f"{PAGE}let-in/{token}/"


def test_one_late_person_is_let_in_once(client, clock):
    call = make_call_of_days(opens=-5, closes=-2)
    link, path = _let_in(call)

    for _ in range(3):
        assert client.get(path).status_code == 200
    assert "let-in" not in client.cookies
    entered = client.post(path)
    response = _send(client, call, _begun(client, clock))

    expression = Expression.objects.get()
    link.refresh_from_db()
    assert entered["Location"] == PAGE
    assert response.status_code == 302
    assert link.used_by == expression
    assert expression.is_late
    assert 'name="token"' not in _text(client.get(PAGE))
    assert client.get(path).status_code == 410


def test_two_clicks_of_the_late_person_are_one(client, clock):
    call = make_call_of_days(opens=-5, closes=-2)
    client.post(_let_in(call)[1])
    begun = _begun(client, clock)

    first, second = _send(client, call, begun), _send(client, call, begun)
    other = _send(client, call, begun, title="One more")

    assert first["Location"] == second["Location"]
    assert other.status_code == 409
    assert Expression.objects.count() == 1


def test_what_does_not_let_in_says_why(client):
    call = make_call_of_days(opens=-5, closes=-2)
    other = make_call_of_days(opens=-5, closes=-2, edition=make_edition(slug="2031"))
    expired, revoked, foreign = (
        _let_in(call, days=-1)[1],
        _let_in(call)[1],
        _let_in(other)[1].replace("2031", "2030"),
    )
    AccessLink.objects.filter(edition=call.edition).update(revoked_at=timezone.now())

    answers = [
        client.post(path).status_code for path in (expired, revoked, foreign, f"{PAGE}let-in/no/")
    ]

    assert answers == [410, 410, 404, 404]
    assert "This link has ended" in _text(client.get(revoked))
    assert client.get(revoked)["Referrer-Policy"] == "strict-origin"


def test_a_rehearsal_is_marked_and_only_for_those_who_write_the_call(
    client, as_reviewer, as_editor, clock
):
    call = make_call_of_days(opens=2, closes=5)
    begun = _begun(as_editor, clock)

    refused = [_send(who, call, begun).status_code for who in (client, as_reviewer)]
    response = _send(as_editor, call, begun)

    assert refused == [409, 409]
    assert response.status_code == 302
    assert Expression.objects.get().is_test


# Programs


def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(client, clock):
    call = make_open_call()

    response = _send(client, call, _begun(client, clock), comment="Buy now")

    assert response.status_code == 200
    assert "We have received it" in _text(response)
    assert (Expression.objects.count(), Letter.objects.count()) == (0, 0)


def test_who_is_quicker_than_a_person_is_asked_again_kindly(client, clock):
    call = make_open_call()
    begun = open_page(client)
    _after(clock, seconds=2)
    quick = _send(client, call, begun)
    _after(clock, seconds=2)

    assert TOO_QUICK in _text(quick)
    assert _kept(quick)
    assert _send(client, call, begun).status_code == 302


def test_one_network_may_not_send_without_end(client, clock, settings):
    settings.SUBMISSION_LIMIT = 2
    call = make_open_call()
    begun = _begun(client, clock)

    answers = [
        _send(client, call, begun, title=f"Smaller and faster {n}", email=f"ada{n}@example.org")
        for n in range(3)
    ]
    elsewhere = client.post(
        PAGE, filled(call.edition, token=begun, title="Other"), REMOTE_ADDR="192.0.2.1"
    )
    _after(clock, minutes=10)
    later = _send(client, call, begun, title="Later")

    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert TOO_MANY in _text(answers[2])
    assert "ada2@example.org" in _text(answers[2])
    assert answers[2]["Retry-After"] == "600"
    assert (elsewhere.status_code, later.status_code) == (302, 302)


def test_one_mailbox_is_not_filled_from_many_networks(client, clock):
    call = make_open_call()
    begun = _begun(client, clock)

    answers = [
        client.post(
            PAGE,
            filled(call.edition, token=begun, title=f"Title {n}", email="ADA@example.org"),
            REMOTE_ADDR=f"192.0.2.{n}",
        ).status_code
        for n in range(11)
    ]

    assert answers == [302] * 10 + [429]


def test_a_forged_forwarding_header_makes_no_new_network(client, clock, settings):
    settings.SUBMISSION_LIMIT = 1
    call = make_open_call()
    begun = _begun(client, clock)

    answers = [
        client.post(
            PAGE,
            filled(call.edition, token=begun, title=f"Title {n}"),
            headers={"X-Forwarded-For": f"192.0.2.{n}"},
        ).status_code
        for n in range(2)
    ]

    assert answers == [302, 429]


def test_mistakes_are_not_counted(client, clock, settings):
    settings.SUBMISSION_LIMIT = 1
    call = make_open_call()
    begun = _begun(client, clock)

    for _ in range(3):
        _send(client, call, begun, title="")

    assert _send(client, call, begun).status_code == 302
