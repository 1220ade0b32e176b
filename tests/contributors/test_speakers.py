"""Private links of speakers: letter, link, expiry."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.contributors.models import Speaker, SpeakerLink
from apps.contributors.speakers import (
    delete_addresses,
    make_speaker_link,
    send_link,
)
from apps.core.exceptions import NotAllowed
from apps.mail.models import Letter
from tests.contributors.speakers import browser_of, make_speaker
from tests.factories import make_edition, make_person

pytestmark = pytest.mark.django_db


def test_the_letter_names_the_contributions_and_carries_a_link(speaker):
    letter = send_link(edition=speaker.edition, person=speaker.person, email="new@example.org")

    assert (letter.to_email, letter.to_name) == ("new@example.org", "Ada Example")
    assert letter.subject == f"Your page as a speaker at {speaker.edition.name}"
    assert "“Small is beautiful”" in letter.body_text
    assert Letter.PRIVATE_LINK in letter.body_text
    assert (letter.link_maker, letter.link_subject) == ("contributors", speaker.pk)
    assert [row.email for row in Speaker.objects.all()] == ["new@example.org"]


def test_the_link_in_the_letter_works(speaker, client, settings):
    url = make_speaker_link(speaker.pk, speaker.email)

    assert client.get(url.removeprefix(settings.SITE_URL)).status_code == 200


def test_a_browser_opens_the_page_of_its_own_speaker_only(speaker):
    client = browser_of(speaker)
    other = make_speaker(speaker.edition, make_person(), email="b@example.org")
    make_edition(slug="2023")
    paths = [
        *(f"/2024/speaker/{pk}/" for pk in (speaker.pk, other.pk, 999_999)),
        f"/2023/speaker/{speaker.pk}/",
    ]

    assert [client.get(path).status_code for path in paths] == [200, 403, 403, 403]


def test_a_corrected_address_ends_the_speakers_earlier_links(speaker):
    browser = browser_of(speaker)
    waiting = send_link(edition=speaker.edition, person=speaker.person, email=speaker.email)
    assert browser.get(f"/2024/speaker/{speaker.pk}/").status_code == 200

    send_link(edition=speaker.edition, person=speaker.person, email="right@example.org")

    assert browser.get(f"/2024/speaker/{speaker.pk}/").status_code == 403
    waiting.refresh_from_db()
    assert waiting.state == Letter.State.DISCARDED
    with pytest.raises(NotAllowed):
        make_speaker_link(speaker.pk, waiting.to_email)
    assert make_speaker_link(speaker.pk, "Right@example.org")


def test_a_link_sent_again_to_the_same_address_ends_no_earlier_one(speaker):
    browser = browser_of(speaker)

    send_link(edition=speaker.edition, person=speaker.person, email=speaker.email)

    assert browser.get(f"/2024/speaker/{speaker.pk}/").status_code == 200


def test_addresses_are_deleted_sixty_days_after_the_workshop(speaker):
    today = timezone.now().date()
    recent = make_speaker(
        make_edition(slug="2023", starts_on=today - timedelta(days=59)), speaker.person
    )
    undated = make_speaker(make_edition(slug="2022", starts_on=None), speaker.person)
    speaker.edition.starts_on, speaker.edition.ends_on = today - timedelta(days=62), None
    speaker.edition.save()

    assert delete_addresses() == 1

    emails = Speaker.objects.order_by("pk").values_list("email", flat=True)
    assert list(emails) == ["", recent.email, undated.email]


def test_a_link_expires_sixty_days_after_the_workshop(speaker):
    speaker.edition.starts_on, speaker.edition.ends_on = date(2199, 1, 2), None
    speaker.edition.save()

    make_speaker_link(speaker.pk, speaker.email)

    assert SpeakerLink.objects.get().expires_at.date() == date(2199, 3, 3)
