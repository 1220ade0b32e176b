"""Sending the form: stored once, private to its sender, and nothing typed is lost."""

from datetime import timedelta
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


# Duplicates


def test_the_same_form_sent_twice_is_one_expression(client, clock, call):
    token = _open_form(client, clock)

    first = _send(client, call, token)
    second = _send(Client(), call, token, title=" smaller and FASTER ")

    assert first["Location"] == second["Location"]
    assert _counts() == (1, 1, 1)


def test_two_tabs_of_one_browser_are_one_expression(client, clock, call):
    tokens = [_open_form(client, clock) for _ in range(2)]

    first, second = (_send(client, call, token) for token in tokens)

    assert first["Location"] == second["Location"]
    assert _counts()[:2] == (1, 1)


def test_another_person_with_the_same_address_and_title_sees_nothing(client, clock, call):
    _send(client, call, _open_form(client, clock))
    stranger = Client()
    token = _open_form(stranger, clock)

    for _ in range(2):
        response = _send(stranger, call, token)
        assert response.status_code == 200
        assert "We have received it" in _text(response)
        assert Expression.objects.get().reference not in _text(response)
    assert "mine" not in stranger.cookies
    assert _counts() == (1, 1, 1)


def test_a_form_sent_again_does_not_renew_a_revoked_link(client, clock, call):
    token = _open_form(client, clock)
    _send(client, call, token)
    StudentLink.objects.update(revoked_at=timezone.now())

    response = _send(client, call, token)

    assert "We have received it" in _text(response)
    assert Expression.objects.count() == 1


def test_another_title_from_the_same_form_is_another_expression(client, clock, call):
    token = _open_form(client, clock)

    _send(client, call, token)
    _send(client, call, token, title="Something else")

    assert Expression.objects.count() == 2


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

    assert "You began before, so you can still send this" in _text(with_error)
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

    assert TOO_OLD in _text(response)
    assert _is_kept(response)
    assert not Expression.objects.exists()


def test_a_form_of_another_edition_or_of_yesterday_can_be_sent_again(client, clock):
    call = make_call_of_days(opens=-9, closes=9)
    make_open_call(edition=make_edition(slug="2031"))
    tokens = [open_page(client, "/2031/interest/"), open_page(client)]
    clock.shift(timedelta(hours=24, seconds=1))

    for token in tokens:
        response = _send(client, call, token)
        assert TOO_OLD in _text(response)
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
        assert CLOSED in _text(response)
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


def test_a_filled_honeypot_is_thanked_and_not_stored(client, clock, call):
    response = _send(client, call, _open_form(client, clock), comment="Buy now")

    assert response.status_code == 200
    assert "We have received it" in _text(response)
    assert _counts() == (0, 0, 0)


def test_a_form_filled_in_too_quickly_is_shown_again(client, clock, call):
    token = open_page(client)
    clock.shift(timedelta(seconds=2))
    quick = _send(client, call, token)
    clock.shift(timedelta(seconds=2))

    assert TOO_QUICK in _text(quick)
    assert _is_kept(quick)
    assert _send(client, call, token).status_code == 302


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
    assert TOO_MANY in _text(responses[2])
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
