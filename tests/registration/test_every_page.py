"""Every page of people who register, in each state: axe and the Nu HTML checker."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from apps.contributors.models import Speaker
from apps.editions.models import Edition
from apps.registration.models import (
    AttendeeNeeds,
    RegistrationConsent,
    RegistrationLink,
    RegistrationPeriod,
    RegistrationQuestion,
)
from tests.browser import html_errors, violations_of_pages
from tests.contributors.speakers import browser_of as speaker_browser
from tests.factories import (
    make_attendance_kind,
    make_contribution,
    make_edition,
    make_person,
    make_registration,
    make_sent_expression,
)
from tests.interest.calls import open_page
from tests.interest.students import browser_of
from tests.registration.guests import guest_browser, make_open_registration, typed

HERE = "/2030/register/"
LONG = "Wörkshop " + "x" * 90 + " ورشة <b>&amp;"


@pytest.fixture
def answers(db, settings) -> dict[str, Any]:
    """The response of each page, by a name for it."""
    settings.HAS_MAIL = True
    edition = make_edition(
        slug="2030", hue=330, starts_on=date(2199, 1, 2), contact_email="organisers@example.org"
    )
    words = {"introduction": f"{LONG}\n\n# Heading", "payment_note": "[Pay](https://example.org)"}
    make_open_registration(edition=edition, capacity=9, **words)
    kind = make_attendance_kind(edition, name=LONG[:90], description=LONG, capacity=3)
    make_attendance_kind(edition, name="Online", takes_place=False, price_note="free")
    make_attendance_kind(edition, name="Dinner", is_extra=True, capacity=2)
    for each in RegistrationQuestion.Kind.values:
        RegistrationQuestion.objects.create(
            edition=edition, label=f"A {each}, {LONG}?", kind=each, choices="One\nTwo"
        )
    RegistrationConsent.objects.create(edition=edition, text=f"{LONG}.", is_required=True)
    RegistrationConsent.objects.create(edition=edition, text="I may be photographed.")
    return {
        **_form(kind.pk, edition),
        **_own(edition),
        **_known(edition),
        **_links(edition),
        **_states(edition),
    }


def _form(kind: int, edition: Edition) -> dict[str, Any]:
    client = Client()
    token = open_page(client, HERE)
    taken = make_registration(edition, email="taken@example.org")
    consents = {f"consent_{each.pk}": "on" for each in edition.registration_consents.all()}
    again = typed(email=taken.email, kind=kind) | consents | {"token": token}
    return {
        "form": client.get(HERE),
        "form, mistaken": client.post(HERE, {"token": token, "email": "ada"}),
        "form, trapped": client.post(HERE, typed() | {"token": token, "comment": "x"}),
        "form, too old": client.post(HERE, typed()),
        "not stored": client.post(HERE, again),
        "ticket": client.get(f"{HERE}ticket/{taken.ticket_token}/"),
        "ticket, wrong": client.get(f"{HERE}ticket/x/"),
        "erased": client.get(f"{HERE}erased/"),
        "home page": client.get("/2030/"),
    }


def _own(edition: Edition) -> dict[str, Any]:
    guest = make_registration(
        edition, name=LONG, email="ada@gmial.com", confirmed_at=timezone.now()
    )
    AttendeeNeeds.objects.create(registration=guest, diet=f"{LONG}\n\nnuts")
    browser, own = guest_browser(guest), guest.get_absolute_url()
    pages = {f"mine, {step}": browser.get(own + step) for step in ("", *_STEPS)}
    pages |= {
        "change, mistaken": browser.post(f"{own}change/", {"version": 1}),
        "change, overtaken": browser.post(f"{own}change/", _changed(edition)),
        "address, mistaken": browser.post(f"{own}address/", {"email": "ada"}),
        "closed": Client().get(own),
    }
    for status in ("waiting", "cancelled"):
        other = make_registration(edition, status=status)
        browser = guest_browser(other)
        pages[f"mine, {status}"] = browser.get(other.get_absolute_url())
        pages[f"cancel, {status}"] = browser.get(f"{other.get_absolute_url()}cancel/", follow=True)
    invited = make_registration(edition, source="speaker")
    pages["mine, invited"] = guest_browser(invited).get(invited.get_absolute_url())
    arrived = make_registration(edition, checked_in_at=timezone.now(), confirmed_at=timezone.now())
    pages["mine, arrived"] = guest_browser(arrived).get(arrived.get_absolute_url())
    return pages


_STEPS = ("change/", "address/", "cancel/", "erase/")


def _changed(edition: Edition) -> dict[str, Any]:
    kind = edition.attendance_kinds.all()[1]
    consents = {f"consent_{each.pk}": "on" for each in edition.registration_consents.all()}
    return {"version": 77, "name": "Ada", "kind": kind.pk} | consents


def _known(edition: Edition) -> dict[str, Any]:
    expression = make_sent_expression(edition, state="confirmed")
    person = make_person()
    make_contribution(edition, person)
    speaker = Speaker.objects.create(edition=edition, person=person, email="s@example.org")
    student, speaks = browser_of(expression), speaker_browser(speaker)
    pages = {
        "student, may come": student.get(expression.get_absolute_url()),
        "speaker, may come": speaks.get(speaker.get_absolute_url()),
    }
    student.post(f"{HERE}student/{expression.reference}/")
    pages["student, comes"] = student.get(expression.get_absolute_url())
    return pages


def _links(edition: Edition) -> dict[str, Any]:
    guest, client = make_registration(edition), Client()
    soon = timezone.now() + timedelta(days=1)
    _, token = RegistrationLink.mint(registration=guest, expires_at=soon)
    _, old = RegistrationLink.mint(registration=guest, expires_at=timezone.now())
    return {
        "link": client.get(f"{HERE}link/{token}/"),
        "link, expired": client.get(f"{HERE}link/{old}/"),
        "link, unknown": client.get(f"{HERE}link/x/"),
        "new link": client.get(f"{HERE}new-link/"),
        "new link, mistaken": client.post(f"{HERE}new-link/", {"email": "x"}),
        "new link, sent": client.get(f"{HERE}new-link/sent/"),
    }


def _states(edition: Edition) -> dict[str, Any]:
    client, today, pages = Client(), timezone.now().date(), {}
    periods = RegistrationPeriod.objects.filter(edition=edition)
    for name, (opens_on, closes_on) in {
        "before": (today + timedelta(days=2), today + timedelta(days=9)),
        "closed": (today - timedelta(days=9), today - timedelta(days=2)),
        "undated": (None, None),
        "open": (today - timedelta(days=2), today + timedelta(days=9)),
    }.items():
        periods.update(opens_on=opens_on, closes_on=closes_on, capacity=1)
        pages[f"form, {name}"] = client.get(HERE)
        pages[f"home page, {name}"] = client.get("/2030/")
    edition.attendance_kinds.filter(registrations=None, extra_registrations=None).delete()
    periods.update(has_waiting_list=False)
    pages["form, full"] = client.get(HERE)
    Edition.objects.update(is_cancelled=True)
    pages["form, cancelled"] = client.get(HERE)
    return pages


@pytest.fixture
def pages(answers) -> dict[str, str]:
    """The HTML of each page, by the same name."""
    return {name: response.content.decode() for name, response in answers.items()}


@pytest.mark.nu
@pytest.mark.django_db
def test_every_page_is_valid_html(pages, tmp_path):
    files = {}
    for number, (name, html) in enumerate(pages.items()):
        files[str(number)] = name
        (tmp_path / f"{number}.html").write_text(html)

    errors = html_errors(sorted(tmp_path.glob("*.html")))

    assert [f"{files[line.split('.html')[0].rpartition('/')[2]]}: {line}" for line in errors] == []


@pytest.mark.appearance
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_every_page_is_accessible(visitor, pages):
    visit = visitor.open("/robots.txt", bypass_csp=True)

    assert violations_of_pages(visit, pages) == {}


def test_every_template_is_rendered_without_a_server_error(answers):
    templates = (django_settings.BASE_DIR / "templates/registration").glob("[!_]*.html")
    drawn = {template.name for response in answers.values() for template in response.templates}

    # The last one is of Django's admin, which uses the same folder.
    ours = {f"registration/{file.name}" for file in templates} - {"registration/logged_out.html"}
    assert ours <= drawn
    assert [name for name, answer in answers.items() if answer.status_code >= 500] == []
