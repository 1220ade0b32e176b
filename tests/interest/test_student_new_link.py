"""Asking for a new link: the same answer for a known and an unknown address."""

import pytest

from apps.interest.models import Event, Expression, StudentLink
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_edition, make_sent_expression
from tests.interest.students import main

pytestmark = pytest.mark.django_db

PATH = "/2024/interest/new-link/"


@pytest.fixture
def expression() -> Expression:
    return make_sent_expression(make_call_edition(slug="2024"))


def _letters() -> list[tuple[str, str]]:
    return list(Letter.objects.order_by("pk").values_list("kind", "to_email"))


def test_a_known_address_gets_a_letter(client, expression):
    response = client.post(PATH, {"email": "SAM@example.org"})

    assert response.status_code == 302
    assert _letters() == [("interest/link", "sam@example.org")]
    assert Letter.PRIVATE_LINK in Letter.objects.get().body_text
    assert [event.what for event in Event.objects.all()] == ["Link sent again"]


def test_the_answer_is_the_same_for_an_unknown_address(client, expression):
    known, unknown = (
        client.post(PATH, {"email": email}) for email in ("sam@example.org", "x@example.org")
    )

    answers = [
        (r.status_code, dict(r.headers), r.content, dict(r.cookies)) for r in (known, unknown)
    ]
    assert answers[0] == answers[1]
    assert known["Location"] == "/2024/interest/new-link/sent/"
    assert len(_letters()) == 1


def test_the_answer_names_no_address(client, expression):
    html = main(client.post(PATH, {"email": "sam@example.org"}, follow=True))

    assert "If something was sent to" in html
    assert "sam@" not in html


def test_without_a_mail_server_it_says_that_letters_wait(client, expression, settings):
    settings.HAS_MAIL = False

    html = main(client.get("/2024/interest/new-link/sent/"))

    assert "This site cannot send letters yet." in html


def test_there_is_a_letter_for_each_living_one_of_this_edition(client, expression):
    second = make_sent_expression(expression.edition, title="Another")
    make_sent_expression(expression.edition, state="withdrawn")
    make_sent_expression(make_call_edition(slug="2023"))
    make_sent_expression(expression.edition, email="other@example.org")

    client.post(PATH, {"email": "sam@example.org"})

    told = Letter.objects.values_list("expression_link__expression", flat=True)
    assert sorted(told) == [expression.pk, second.pk]


def test_earlier_links_keep_working_and_none_is_made_yet(client, expression):
    client.post(PATH, {"email": "sam@example.org"})

    assert StudentLink.objects.count() == 0


@pytest.mark.parametrize("wild", ["%@example.org", "_am@example.org", "s*m@example.org"])
def test_an_address_is_no_pattern(client, expression, wild):
    client.post(PATH, {"email": wild})

    assert _letters() == []


def test_looking_sends_nothing(client, expression):
    for path in (PATH, f"{PATH}sent/"):
        assert client.get(path).status_code == 200

    assert _letters() == []


@pytest.mark.parametrize("email", ["", "sam", "sam@example.org\nBcc: x@example.org", "\x00"])
def test_what_is_no_address_is_told(client, expression, email):
    response = client.post(PATH, {"email": email})

    html = response.content.decode()
    assert response.status_code == 200
    assert "<title>Error: " in html
    assert "There is a problem" in html
    assert _letters() == []


@pytest.mark.parametrize("email", ["sam@example.org", "unknown@example.org"])
def test_one_address_is_written_to_three_times_and_what_was_typed_is_kept(
    client, expression, email
):
    responses = [client.post(PATH, {"email": email}) for _ in range(4)]

    assert [response.status_code for response in responses] == [302, 302, 302, 429]
    assert responses[3]["Retry-After"] == "600"
    assert f'value="{email}"' in responses[3].content.decode()


def test_one_place_asks_for_thirty_addresses(client, expression):
    statuses = [
        client.post(PATH, {"email": f"x{number}@example.org"}).status_code for number in range(31)
    ]

    assert statuses == [302] * 30 + [429]


def test_an_edition_nobody_sees_has_no_such_page(client):
    make_edition(slug="2025", state="draft")

    assert client.get("/2025/interest/new-link/").status_code == 404
