"""Every page of speakers in axe and the Nu HTML checker."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from apps.contributors.models import Speaker
from tests.browser import html_errors, violations, violations_of_pages
from tests.conftest import session_of
from tests.contributors.speakers import (
    browser_of,
    make_speaker,
    make_speaker_token,
    profile_form,
    require_approval,
    send_contribution,
    send_profile,
    slides,
    speaker_link_path,
)
from tests.factories import (
    make_contribution,
    make_contributor,
    make_edition,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.people.files import phone_photo, upload

HERE = "/2024/speaker/"
LONG = "Wörkshop " + "x" * 90 + " ورشة <b>&amp;"


@pytest.fixture
def responses(db) -> dict[str, Any]:
    """Name of the page → response."""
    edition = make_edition(
        slug="2024", hue=330, starts_on=date(2199, 1, 2), contact_email="organisers@example.org"
    )
    person = make_person(name=LONG, bio=f"{LONG}\n\n# Heading\n\n* list")
    talk = make_contribution(edition, person, title=LONG, kind="keynote")
    panel = make_contribution(edition, title="", kind="panel")
    make_contributor(panel, person, role="panellist")
    session = make_session(edition, room=make_room(edition, name=LONG[:90]))
    make_slot(session, talk)
    make_release(edition)
    speaker = make_speaker(edition, person)
    ada, visitor = browser_of(speaker), Client()
    page, me = f"{HERE}{speaker.pk}/", f"{HERE}{speaker.pk}/about-you/"
    give = f"{page}give/{talk.slug}/"
    responses = {
        "mine": ada.get(page),
        "about you": ada.get(me),
        "what you give": ada.get(give),
        "a wrong form": send_contribution(ada, speaker, talk, video_url="no", slides=slides(b"PK")),
        "a wrong portrait": send_profile(ada, speaker, link="no", photo=slides()),
    }
    late = profile_form(speaker, bio="Late.", seen="0")
    responses["changed meanwhile"] = ada.post(me, late | {"photo": upload(phone_photo())})
    require_approval(edition)
    send_profile(ada, speaker, bio="Waits.", photo=upload(phone_photo()))
    send_contribution(ada, speaker, talk, slides=slides())
    token = make_speaker_token(speaker)
    expired = make_speaker_token(speaker, expires_at=timezone.now())
    ended = make_speaker_token(speaker, revoked_at=timezone.now())
    responses |= {
        "mine, waiting": ada.get(page),
        "about you, waiting": ada.get(me),
        "what you give, waiting": ada.get(give),
        "link": visitor.get(speaker_link_path(speaker, token)),
        "link, expired": visitor.get(speaker_link_path(speaker, expired)),
        "link, ended": visitor.get(speaker_link_path(speaker, ended)),
        "link, none": visitor.get(speaker_link_path(speaker, "0")),
        "closed": visitor.post(me, {"bio": LONG}),
        "new link": visitor.get(f"{HERE}new-link/"),
        "new link, wrong": visitor.post(f"{HERE}new-link/", {"email": LONG}),
        "new link sent": visitor.get(f"{HERE}new-link/sent/"),
    }
    return responses


@pytest.fixture
def pages(responses) -> dict[str, str]:
    return {name: response.content.decode() for name, response in responses.items()}


def test_no_page_of_speakers_is_left_out(responses):
    templates = (django_settings.BASE_DIR / "templates/contributors/speaker").glob("*.html")
    rendered = {page.name for response in responses.values() for page in response.templates}

    assert {f"contributors/speaker/{file.name}" for file in templates} <= rendered


@pytest.mark.browser
def test_every_page_of_speakers_is_valid_html(pages, tmp_path):
    for name, html in pages.items():
        (tmp_path / f"{name}.html").write_text(html)

    assert html_errors(sorted(tmp_path.glob("*.html"))) == []


@pytest.mark.appearance
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_every_page_of_speakers_is_accessible(visitor, pages, as_chair):
    visit = visitor.open("/robots.txt", bypass_csp=True)
    faults = violations_of_pages(visit, pages)
    speaker = Speaker.objects.get()
    admin = f"/admin/programme/session/programme/{speaker.edition_id}/speakers/"
    for path in (admin, f"{admin}{speaker.person_id}/"):
        visit = visitor.open(path, session=session_of(as_chair), bypass_csp=True)
        faults[path] = violations(visit.page) + visit.faults

    assert {name: lines for name, lines in faults.items() if lines} == {}
