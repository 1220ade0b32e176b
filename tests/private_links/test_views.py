"""Private links of students and speakers: open, refuse, request a new link, sign out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.contributors.speakers import revoke_speaker_links
from apps.interest.services import revoke_links
from apps.mail.models import Letter
from apps.private_links.models import LinkRequest, link_expiry
from apps.private_links.requests import answer_requests
from apps.private_links.views import REQUESTS_PER_ADDRESS, REQUESTS_PER_NETWORK
from tests.contributors.speakers import make_speaker
from tests.factories import (
    make_call_edition,
    make_contribution,
    make_edition,
    make_person,
    make_sent_expression,
)
from tests.interest.students import heading, main

pytestmark = pytest.mark.django_db

PRIVATE_HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "strict-origin",
    "X-Robots-Tag": "noindex",
}


@dataclass
class Owner:
    """The owner of private links, with the URLs of its kind."""

    row: Any
    field: str
    cookie: str
    folder: str  # of the URLs below the edition
    revoke: Any
    secrets: tuple[str, ...]

    @property
    def page(self) -> str:
        return self.row.get_absolute_url()

    @property
    def new_link(self) -> str:
        return f"/2024/{self.folder}/new-link/"

    def path(self, token: str) -> str:
        return f"/2024/{self.folder}/link/{token}/"

    def token(self, **fields: Any) -> str:
        """The token of a valid link, or of one with `fields`."""
        links = self.row.links
        expires_at = fields.pop("expires_at", link_expiry(self.row.edition))
        link, token = links.model.mint(**{self.field: self.row}, expires_at=expires_at)
        links.filter(pk=link.pk).update(**{"revoked_at": None} | fields)
        return token

    def browser(self) -> Client:
        """A browser signed in by the link."""
        client = Client()
        assert client.post(self.path(self.token())).status_code == 302
        return client


def _student(slug: str = "2024") -> Owner:
    row = make_sent_expression(make_call_edition(slug=slug))
    secrets = ("Sam", "sam@", "Smaller", row.reference)
    return Owner(
        row, "expression", "mine", "interest", lambda: revoke_links(expression=row), secrets
    )


def _speaker(slug: str = "2024") -> Owner:
    edition, person = make_edition(slug=slug), make_person(name="Sam Example")
    make_contribution(edition, person, title="Smaller is better")
    row = make_speaker(edition, person, email="sam@example.org")
    secrets = ("Sam", "sam@", "Smaller")
    return Owner(
        row, "speaker", "speaker", "speaker", lambda: revoke_speaker_links(speaker=row), secrets
    )


@pytest.fixture(params=[_student, _speaker], ids=["student", "speaker"])
def make_owner(request):
    return request.param


@pytest.fixture
def owner(make_owner) -> Owner:
    return make_owner()


def _rows(owner: Owner) -> list:
    models: list[Any] = [type(owner.row), owner.row.links.model, Letter]
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_get_of_the_link_changes_nothing_and_shows_nothing_private(owner, settings):
    token = owner.token()
    before = _rows(owner)

    for _ in range(3):
        client = Client()
        response = client.get(owner.path(token))

        html = response.content.decode()
        assert response.status_code == 200
        assert set(response.cookies) <= {settings.CSRF_COOKIE_NAME}
        assert [text for text in (*owner.secrets, token) if text in html] == []
        assert html.count("<button") == 1
        assert client.get(owner.page).status_code == 403
    assert _rows(owner) == before


def test_a_post_exchanges_the_token_for_a_cookie_in_any_number_of_browsers(owner):
    token = owner.token()

    for _ in range(2):
        client = Client()
        response = client.post(owner.path(token))

        assert (response.status_code, response["Location"]) == (302, owner.page)
        cookie = response.cookies[owner.cookie]
        assert token not in str(cookie)
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert client.get(owner.page).status_code == 200


def test_over_https_the_cookie_is_for_this_host_only(client, owner, settings):
    settings.SESSION_COOKIE_SECURE = True

    response = client.post(owner.path(owner.token()), secure=True)

    cookie = response.cookies[f"__Host-{owner.cookie}"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    assert client.get(owner.page, secure=True).status_code == 200


def test_a_forged_post_is_refused(owner):
    response = Client(enforce_csrf_checks=True).post(owner.path(owner.token()))

    assert response.status_code == 403
    assert owner.cookie not in response.cookies


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_not_allowed(client, owner, method):
    assert getattr(client, method)(owner.path(owner.token())).status_code == 405


@pytest.mark.parametrize(
    ("make_token", "status", "title"),
    [
        (lambda owner: owner.token()[:-1] + "!", 404, "This link does not work"),
        (lambda owner: "0", 404, "This link does not work"),
        (lambda owner: "é<script>", 404, "This link does not work"),
        (lambda owner: "x" * 5000, 404, "This link does not work"),
        (
            lambda owner: owner.token(expires_at=timezone.now() - timedelta(seconds=1)),
            410,
            "This link has expired",
        ),
        (lambda owner: owner.token(revoked_at=timezone.now()), 410, "This link was ended"),
    ],
)
def test_an_invalid_link_shows_the_reason(client, owner, make_token, status, title):
    path = owner.path(make_token(owner))

    for response in (client.get(path), client.post(path)):
        html = response.content.decode()
        assert (response.status_code, heading(response)) == (status, title)
        assert owner.cookie not in response.cookies
        assert [text for text in owner.secrets if text in html] == []
        assert PRIVATE_HEADERS.items() <= dict(response.headers).items()


def test_a_token_of_another_edition_does_not_work(client, make_owner):
    other, owner = make_owner("2023"), make_owner()

    response = client.post(owner.path(other.token()))

    assert (response.status_code, heading(response)) == (404, "This link does not work")


def test_a_browser_is_signed_out_once_its_link_is_revoked_or_expired(owner):
    client = owner.browser()
    assert owner.revoke() == 1
    assert client.get(owner.page).status_code == 403

    client = owner.browser()
    owner.row.links.update(expires_at=timezone.now())
    assert client.get(owner.page).status_code == 403


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ({"revoked_at": timezone.now()}, "was ended: the email address was corrected, or"),
        ({"expires_at": timezone.now() - timedelta(1)}, "has expired. Ask for a new one."),
    ],
)
def test_a_browser_whose_link_was_ended_reads_why_and_another_does_not(owner, end, reason):
    browser, stranger = owner.browser(), Client()
    owner.row.links.update(**end)

    answers = [
        browser.get(owner.page),
        browser.post(f"{owner.page}leave/"),
        stranger.get(owner.page),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert [heading(answer) for answer in answers] == [
        *["This browser was signed out"] * 2,
        "Open this page with your link",
    ]
    assert [reason in main(answer) for answer in answers] == [True, True, False]
    assert not any(secret in main(answers[0]) for secret in owner.secrets)


def test_every_response_stays_out_of_caches_and_search_engines(client, owner):
    path = owner.path(owner.token())
    responses = [client.get(path), client.get(owner.page), client.get(owner.new_link)]
    responses += [client.get(f"{owner.new_link}sent/"), client.post(path), client.get(owner.page)]

    for response in responses:
        assert PRIVATE_HEADERS.items() <= dict(response.headers).items()


def test_signing_out_closes_the_pages_in_this_browser_only(owner):
    client, other = owner.browser(), owner.browser()

    response = client.post(f"{owner.page}leave/", follow=True)

    assert "You are signed out." in main(response)
    assert client.get(owner.page).status_code == 403
    assert other.get(owner.page).status_code == 200


# New links


def test_known_and_unknown_addresses_get_the_same_response(client, owner):
    known, unknown = (
        client.post(owner.new_link, {"email": email})
        for email in ("SAM@example.org", "x@example.org")
    )

    responses = [
        (r.status_code, dict(r.headers), r.content, dict(r.cookies)) for r in (known, unknown)
    ]
    assert responses[0] == responses[1]
    assert known["Location"] == f"{owner.new_link}sent/"
    assert not Letter.objects.exists()
    assert answer_requests() == 2
    unknown_letter, known_letter = Letter.objects.all()
    assert known_letter.to_email == "sam@example.org"
    assert Letter.PRIVATE_LINK in known_letter.body_text
    assert not owner.row.links.exists()
    assert (unknown_letter.to_email, unknown_letter.link_maker) == ("x@example.org", "")
    assert "We have no entry with it" in unknown_letter.body_text
    assert owner.new_link in unknown_letter.body_text
    assert owner.new_link in unknown_letter.body_html
    assert "sam@" not in main(client.get(known["Location"]))


def test_the_work_for_an_address_is_the_same_whether_it_is_unknown_or_has_several_entries(
    make_owner,
):
    owner = make_owner()
    if owner.field == "expression":
        make_sent_expression(owner.row.edition, title="Another")
    statements = []
    for email in ("sam@example.org", "xyz@example.org"):
        with CaptureQueriesContext(connection) as queries:
            Client().post(owner.new_link, {"email": email})
        statements.append([query["sql"].replace(email, "…") for query in queries])

    assert len(statements[0]) == len(statements[1])
    assert not any(type(owner.row)._meta.db_table in sql for sql in statements[0])


def test_a_request_is_answered_once(owner):
    Client().post(owner.new_link, {"email": "sam@example.org"})

    assert [answer_requests(), answer_requests()] == [1, 0]
    assert Letter.objects.count() == 1


def test_students_get_a_letter_for_each_active_expression_of_the_edition(client):
    first = _student().row
    second = make_sent_expression(first.edition, title="Another")
    make_sent_expression(first.edition, state="withdrawn")
    make_sent_expression(make_call_edition(slug="2023"))
    make_sent_expression(first.edition, email="other@example.org")

    client.post("/2024/interest/new-link/", {"email": "sam@example.org"})
    answer_requests()

    recipients = Letter.objects.values_list("expression_link__expression", flat=True)
    assert sorted(recipients) == [first.pk, second.pk]
    assert [event.what for event in first.events.all()] == ["Link sent again"]


@pytest.mark.parametrize("email", ["%@example.org", "_am@example.org", "s*m@example.org"])
def test_wildcards_in_an_address_match_no_other_address(client, owner, email):
    client.post(owner.new_link, {"email": email})
    answer_requests()

    assert [letter.kind for letter in Letter.objects.all()] == ["private_links/unknown"]


def test_a_mistyped_provider_is_hinted_at_whether_or_not_it_is_known(client, owner):
    response = client.post(owner.new_link, {"email": "sam@gmial.com"}, follow=True)

    assert "Did you mean sam@gmail.com?" in main(response)


@pytest.mark.parametrize("email", ["", "sam", "sam@example.org\nBcc: x@example.org", "\x00"])
def test_an_invalid_address_is_an_error(client, owner, email):
    type(owner.row).objects.update(email="")

    response = client.post(owner.new_link, {"email": email})

    html = response.content.decode()
    assert response.status_code == 200
    assert "<title>Error: " in html
    assert "There is a problem" in html
    assert not LinkRequest.objects.exists()


@pytest.mark.parametrize("email", ["sam@example.org", "unknown@example.org"])
def test_requests_for_one_address_are_limited_and_keep_the_input(client, owner, email):
    responses = [
        client.post(owner.new_link, {"email": email}) for _ in range(REQUESTS_PER_ADDRESS + 1)
    ]

    assert [r.status_code for r in responses] == [302] * REQUESTS_PER_ADDRESS + [429]
    assert responses[-1]["Retry-After"] == "600"
    assert f'value="{email}"' in responses[-1].content.decode()


def test_requests_for_one_address_are_limited_over_all_editions(client, owner):
    make_edition(slug="2023")
    paths = [owner.new_link, owner.new_link.replace("2024", "2023")] * REQUESTS_PER_ADDRESS

    for path in paths:
        client.post(path, {"email": "x@example.org"})

    assert LinkRequest.objects.count() == REQUESTS_PER_ADDRESS


def test_requests_from_one_network_are_limited(client, owner):
    statuses = [
        client.post(owner.new_link, {"email": f"x{number}@example.org"}).status_code
        for number in range(REQUESTS_PER_NETWORK + 1)
    ]

    assert statuses == [302] * REQUESTS_PER_NETWORK + [429]


def test_a_get_of_the_form_sends_no_letter(client, owner, settings):
    settings.HAS_MAIL = False

    pages = [client.get(path) for path in (owner.new_link, f"{owner.new_link}sent/")]

    assert [page.status_code for page in pages] == [200, 200]
    assert "This site cannot send email at the moment." in main(pages[1])
    assert not LinkRequest.objects.exists()


@pytest.mark.parametrize("folder", ["interest", "speaker"])
def test_a_draft_edition_has_no_such_pages(client, folder):
    make_edition(slug="2025", state="draft")

    assert client.get(f"/2025/{folder}/new-link/").status_code == 404
