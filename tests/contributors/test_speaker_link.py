"""A speaker's link: sent, opened, ended, asked for anew."""

from datetime import date, timedelta

import pytest
from django.core import serializers
from django.test import Client
from django.utils import timezone

from apps.contributors.models import Speaker, SpeakerLink
from apps.contributors.speakers import (
    delete_addresses,
    make_speaker_link,
    revoke_speaker_links,
    send_link,
)
from apps.mail.models import Letter
from tests.contributors.speakers import (
    browser_of,
    make_speaker,
    make_speaker_token,
    speaker_link_path,
)
from tests.factories import make_contribution, make_edition, make_person
from tests.interest.students import main

pytestmark = pytest.mark.django_db


@pytest.fixture
def speaker() -> Speaker:
    edition = make_edition(slug="2024", contact_email="organisers@example.org")
    ada = make_person(name="Ada Example")
    make_contribution(edition, ada, title="Small is beautiful")
    return make_speaker(edition, ada)


def _page(speaker: Speaker) -> str:
    return f"/2024/speaker/{speaker.pk}/"


def _everything() -> str:
    rows = [*Speaker.objects.order_by("pk"), *SpeakerLink.objects.order_by("pk")]
    return serializers.serialize("json", [*rows, *Letter.objects.order_by("pk")])


def test_the_letter_brings_a_link_and_says_what_they_give(speaker):
    letter = send_link(edition=speaker.edition, person=speaker.person, email="new@example.org")

    assert (letter.to_email, letter.to_name) == ("new@example.org", "Ada Example")
    assert letter.subject == f"Your page as a speaker at {speaker.edition.name}"
    assert "“Small is beautiful”" in letter.body_text
    assert Letter.PRIVATE_LINK in letter.body_text
    assert (letter.link_maker, letter.link_subject) == ("contributors", speaker.pk)
    assert [one.email for one in Speaker.objects.all()] == ["new@example.org"]


def test_the_worker_makes_the_link_and_only_its_hash_is_stored(speaker, client, settings):
    address = make_speaker_link(speaker.pk)

    assert address.startswith(f"{settings.SITE_URL}/2024/speaker/link/")
    token = address.rstrip("/").rsplit("/", 1)[1]
    assert token not in _everything()
    assert client.get(address.removeprefix(settings.SITE_URL)).status_code == 200


def test_looking_at_the_link_changes_nothing_and_says_nothing(speaker):
    token = make_speaker_token(speaker)
    before = _everything()
    client = Client()

    html = client.get(speaker_link_path(speaker, token)).content.decode()

    assert [word for word in ("Ada", "ada@", "beautiful", token) if word in html] == []
    assert html.count("<button") == 1
    assert client.get(_page(speaker)).status_code == 403
    assert _everything() == before


def test_a_press_trades_the_token_for_a_cookie_and_a_clean_address(speaker, client, settings):
    settings.SESSION_COOKIE_SECURE = True
    token = make_speaker_token(speaker)

    response = client.post(speaker_link_path(speaker, token), secure=True)

    assert (response.status_code, response["Location"]) == (302, _page(speaker))
    cookie = response.cookies["__Host-speaker"]
    assert token not in str(cookie)
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert client.get(_page(speaker), secure=True).status_code == 200


def _of_another_edition(speaker: Speaker) -> str:
    return make_speaker_token(make_speaker(make_edition(slug="2023"), speaker.person))


@pytest.mark.parametrize(
    ("make_token", "status", "words"),
    [
        (lambda speaker: "0", 404, "This link does not work"),
        (lambda speaker: "é<script>", 404, "This link does not work"),
        (_of_another_edition, 404, "This link does not work"),
        (
            lambda speaker: make_speaker_token(speaker, expires_at=timezone.now()),
            410,
            "This link has expired",
        ),
        (
            lambda speaker: make_speaker_token(speaker, revoked_at=timezone.now()),
            410,
            "This link was ended",
        ),
    ],
)
def test_what_does_not_work_says_why(client, speaker, make_token, status, words):
    path = speaker_link_path(speaker, make_token(speaker))

    for response in (client.get(path), client.post(path)):
        assert response.status_code == status
        assert words in heading_of(response)
        assert "speaker" not in response.cookies
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["X-Robots-Tag"] == "noindex"


def heading_of(response) -> str:
    return response.content.decode().split("<h1")[1].split("</h1>")[0]


def test_a_press_from_another_site_is_refused(speaker):
    client = Client(enforce_csrf_checks=True)

    response = client.post(speaker_link_path(speaker, make_speaker_token(speaker)))

    assert response.status_code == 403
    assert "speaker" not in response.cookies


def test_ending_links_closes_browsers_and_forgets_the_address(speaker):
    client = browser_of(speaker)
    send_link(edition=speaker.edition, person=speaker.person, email="ada@example.org")

    ended = revoke_speaker_links(speaker=speaker)

    assert ended == 1
    assert client.get(_page(speaker)).status_code == 403
    assert Speaker.objects.get().email == ""
    assert Letter.objects.get().state == Letter.State.DISCARDED


def test_nobody_elses_page_opens_nor_does_one_of_another_edition(speaker):
    client = browser_of(speaker)
    other = make_speaker(speaker.edition, make_person(), email="b@example.org")
    make_edition(slug="2023")

    answers = [
        client.get(path).status_code
        for path in (
            *(_page(speaker), _page(other), "/2024/speaker/999999/"),
            f"/2023/speaker/{speaker.pk}/",
        )
    ]

    assert answers == [200, 403, 403, 403]


def test_asking_for_a_link_answers_the_same_for_known_and_unknown_addresses(client, speaker):
    path = "/2024/speaker/new-link/"
    answers = [
        client.post(path, {"email": email}) for email in ("ADA@example.org", "x@example.org")
    ]

    assert {(one.status_code, one["Location"], one.content) for one in answers} == {
        (302, "/2024/speaker/new-link/sent/", b"")
    }
    assert [letter.to_email for letter in Letter.objects.all()] == ["ada@example.org"]
    html = main(client.get("/2024/speaker/new-link/sent/"))
    assert "If the organisers wrote to a speaker" in html


def test_asking_for_a_link_is_counted(client, speaker):
    path = "/2024/speaker/new-link/"

    for email in ("ada@example.org", "x@example.org"):
        answers = [client.post(path, {"email": email}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
        assert answers[-1]["Retry-After"] == "600"
        assert f'value="{email}"' in answers[-1].content.decode()
    answers = [client.post(path, {"email": f"x{n}@example.org"}) for n in range(25)]
    assert [answer.status_code for answer in answers] == [302] * 24 + [429]
    assert Letter.objects.count() == 3


def test_nothing_is_sent_where_there_is_no_address(client, speaker):
    Speaker.objects.update(email="")

    client.post("/2024/speaker/new-link/", {"email": ""})

    assert not Letter.objects.exists()


def test_addresses_are_forgotten_sixty_days_after_the_workshop_and_links_expire_then(speaker):
    today = timezone.now().date()
    kept = make_speaker(
        make_edition(slug="2023", starts_on=today - timedelta(days=59)), speaker.person
    )
    undated = make_speaker(make_edition(slug="2022", starts_on=None), speaker.person)
    speaker.edition.starts_on, speaker.edition.ends_on = today - timedelta(days=62), None
    speaker.edition.save()

    forgotten = delete_addresses()

    assert forgotten == 1
    assert list(Speaker.objects.order_by("pk").values_list("email", flat=True)) == [
        *("", kept.email, undated.email)
    ]


def test_a_link_made_before_the_workshop_works_until_sixty_days_after_it(speaker):
    speaker.edition.starts_on = date(2199, 1, 2)
    speaker.edition.ends_on = None
    speaker.edition.save()

    make_speaker_link(speaker.pk)

    assert SpeakerLink.objects.get().expires_at.date() == date(2199, 3, 3)
