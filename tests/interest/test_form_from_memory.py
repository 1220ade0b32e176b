"""The page with the empty form is drawn once and is still everybody's own, and of this moment."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.editions.models import Call, Edition
from apps.interest import calls
from apps.interest.models import Expression, Question
from tests.interest.calls import filled, make_open_call

pytestmark = pytest.mark.django_db

PAGE = "/2030/interest/"
_HIDDEN = re.compile(r'name="(begun|csrfmiddlewaretoken)" value="([^"]+)"')


def _page(client: Client, **how) -> str:
    response = client.get(PAGE, **how)
    assert response.status_code == 200
    return response.content.decode()


def test_each_visitor_has_hidden_fields_of_their_own_and_the_same_page():
    make_open_call()

    drawn, kept, other = (_page(Client()) for _ in range(3))
    calls.forget()
    anew = _page(Client())

    pages = (drawn, kept, other, anew)
    assert len({_HIDDEN.sub("", page) for page in pages}) == 1
    for page in pages:
        assert [name for name, _ in _HIDDEN.findall(page)] == ["csrfmiddlewaretoken", "begun"]
    assert len({value for page in pages for _, value in _HIDDEN.findall(page)}) == 8


def test_what_one_visitor_brings_stands_on_nobodys_page():
    make_open_call()
    mark = "b7f3a1"
    first = Client(HTTP_USER_AGENT=mark, HTTP_REFERER=f"http://{mark}.example/")
    first.cookies.load({"csrf": mark * 6, "mine": mark})

    first.get(PAGE, {mark: mark})

    assert mark not in _page(Client())


def test_what_is_sent_from_it_is_kept_with_forgery_refused():
    call = make_open_call()
    _page(Client())
    browser = Client(enforce_csrf_checks=True)
    with time_machine.travel(timezone.now() - timedelta(minutes=3)):
        hidden = dict(_HIDDEN.findall(_page(browser)))
    data = filled(call.edition) | hidden

    forged = Client(enforce_csrf_checks=True).post(PAGE, data)
    sent = browser.post(PAGE, data)

    assert (forged.status_code, sent.status_code) == (403, 302)
    assert Expression.objects.count() == 1


def test_whatever_changes_is_on_the_next_page():
    call = make_open_call()
    Question.objects.create(edition=call.edition, words="First question")
    _page(Client())

    def change_and_look(change) -> str:
        change()
        return _page(Client())

    changes = {
        "Renamed": lambda: Edition.objects.update(title="Renamed"),
        "Larger models": lambda: call.edition.topics.update(heading="Larger models"),
        "Second question": lambda: Question.objects.update(words="Second question"),
        "at most 77 words": lambda: Call.objects.update(abstract_words=77),
        "In the organisers&#x27; words": lambda: Call.objects.update(
            text="In the organisers' words"
        ),
    }
    for words, change in changes.items():
        assert words not in _page(Client())
        assert words.replace("&#x27;", "'") in change_and_look(change).replace("&#x27;", "'")


def test_it_ends_with_the_call_though_no_row_changes():
    call = make_open_call()
    assert 'name="begun"' in _page(Client())
    closes_at = Call.objects.get(pk=call.pk).closes_at
    assert closes_at

    with time_machine.travel(closes_at + timedelta(seconds=1), tick=False):
        page = _page(Client())

    assert 'name="begun"' not in page
    assert "The call is closed" in page
    assert 'name="begun"' in _page(Client())


def test_it_is_never_what_an_organiser_sees_of_a_rehearsal(as_chair):
    call = make_open_call()
    Call.objects.filter(pk=call.pk).update(opens_on="2198-01-01", closes_on="2199-01-01")

    assert "Rehearsal." in _page(as_chair)
    assert 'name="begun"' not in _page(Client())


def test_from_memory_it_asks_as_often(django_assert_num_queries):
    make_open_call()
    _page(Client())

    with django_assert_num_queries(3):
        _page(Client())
