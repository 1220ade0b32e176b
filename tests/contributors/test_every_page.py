"""Every page a speaker can come to: read by axe, and by the Nu HTML checker."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from apps.contributors.models import Speaker
from apps.contributors.speakers import set_approval_rule
from tests.browser import html_errors, violations
from tests.conftest import session_of
from tests.contributors.speakers import (
    browser_of,
    contribution_form,
    make_speaker,
    make_speaker_token,
    profile_form,
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
def answers(db) -> dict[str, Any]:
    """What each page answers, by a name for it."""
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
    ada, anybody = browser_of(speaker), Client()
    page, me = f"{HERE}{speaker.pk}/", f"{HERE}{speaker.pk}/about-you/"
    give = f"{page}give/{talk.slug}/"
    found = {
        "mine": ada.get(page),
        "about you": ada.get(me),
        "what you give": ada.get(give),
        "a wrong form": ada.post(
            give, contribution_form(speaker, talk, video_url="no", slides=slides(b"PK"))
        ),
        "a wrong portrait": ada.post(me, profile_form(speaker, link="no", photo=slides())),
    }
    late = profile_form(speaker, bio="Late.", seen="0")
    found["changed meanwhile"] = ada.post(me, late | {"photo": upload(phone_photo())})
    set_approval_rule(edition=edition, requires_approval=True)
    ada.post(me, profile_form(speaker, bio="Waits.", photo=upload(phone_photo())))
    ada.post(give, contribution_form(speaker, talk, slides=slides()))
    token = make_speaker_token(speaker)
    expired = make_speaker_token(speaker, expires_at=timezone.now())
    ended = make_speaker_token(speaker, revoked_at=timezone.now())
    found |= {
        "mine, waiting": ada.get(page),
        "about you, waiting": ada.get(me),
        "what you give, waiting": ada.get(give),
        "link": anybody.get(speaker_link_path(speaker, token)),
        "link, expired": anybody.get(speaker_link_path(speaker, expired)),
        "link, ended": anybody.get(speaker_link_path(speaker, ended)),
        "link, none": anybody.get(speaker_link_path(speaker, "0")),
        "closed": anybody.post(me, {"bio": LONG}),
        "new link": anybody.get(f"{HERE}new-link/"),
        "new link, wrong": anybody.post(f"{HERE}new-link/", {"email": LONG}),
        "new link sent": anybody.get(f"{HERE}new-link/sent/"),
    }
    return found


@pytest.fixture
def pages(answers) -> dict[str, str]:
    return {name: answer.content.decode() for name, answer in answers.items()}


def test_no_page_of_speakers_is_left_out(answers):
    templates = (django_settings.BASE_DIR / "templates/contributors/speaker").glob("*.html")
    drawn = {template.name for answer in answers.values() for template in answer.templates}

    assert {f"contributors/speaker/{file.name}" for file in templates} <= drawn
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        answers, 200
    ) | {
        "changed meanwhile": 409,
        "link, expired": 410,
        "link, ended": 410,
        "link, none": 404,
        "closed": 403,
    }
    for answer in answers.values():
        assert answer["Cache-Control"] == "no-store, private"


@pytest.mark.browser
def test_every_page_of_speakers_is_well_made(pages, tmp_path):
    for name, html in pages.items():
        (tmp_path / f"{name}.html").write_text(html)

    assert html_errors(sorted(tmp_path.glob("*.html"))) == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_every_page_of_speakers_is_accessible(visitor, pages, as_chair):
    visit = visitor.open("/robots.txt", may_be_measured=True)
    found: dict[str, list[str]] = {}
    answer: dict[str, str] = {}
    visit.page.route(
        "**/answered",
        lambda route: route.fulfill(**answer, content_type="text/html; charset=utf-8"),
    )
    for name, html in pages.items():
        answer["body"] = html
        visit.go("/answered")
        found[name] = violations(visit.page)
    speaker = Speaker.objects.get()
    desk = f"/admin/programme/session/programme/{speaker.edition_id}/speakers/"
    for path in (desk, f"{desk}{speaker.person_id}/"):
        seen = visitor.open(path, session=session_of(as_chair), may_be_measured=True)
        found[path] = violations(seen.page) + seen.faults

    assert {name: faults for name, faults in found.items() if faults} == {}
