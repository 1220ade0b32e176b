"""Every page for students in every state: accessible (axe) and valid HTML (Nu HTML checker)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from apps.contributors.accepted_submissions import add_submissions
from apps.editions.models import Call, Edition
from apps.interest.models import AccessLink, Consent, Question
from apps.interest.submission import issue_token
from apps.interest.workflow import State
from tests.browser import html_errors, violations_of_pages
from tests.contributors.students import make_confirmed
from tests.factories import (
    make_call_edition,
    make_link,
    make_release,
    make_sent_expression,
    make_session,
    make_slot,
)
from tests.interest.calls import ASKS_EVERYTHING
from tests.interest.students import browser_of, filled, link_path

HERE = "/2024/interest/"
LONG = "Wörkshop " + "x" * 120 + " ورشة <b>&amp;"
Named = Iterator[tuple[str, Any]]


@pytest.fixture
def answers(db, settings) -> dict[str, Any]:
    """The response of each page, by a name for it."""
    settings.HAS_MAIL = True
    edition = make_call_edition(
        slug="2024", hue=330, starts_on=date(2199, 1, 2), ends_on=date(2199, 1, 3)
    )
    for kind in Question.Kind.values:
        for asked_at in Question.AskedAt.values:
            Question.objects.create(
                edition=edition,
                label=f"A {kind}, {LONG}?",
                help_text="A hint",
                kind=kind,
                choices="One\nTwo",
                asked_at=asked_at,
                is_required=True,
            )
    responses = [
        *_each_state(edition),
        *_submitted(edition),
        *_accepted(edition),
        *_confirmed(edition),
        *_on_the_programme(edition),
        *_links(edition),
        *_form(edition, settings),
        *_call(edition),
    ]
    assert len(dict(responses)) == len(responses)
    return dict(responses)


@pytest.fixture
def pages(answers) -> dict[str, str]:
    """The HTML of each page, by the same name."""
    return {name: response.content.decode() for name, response in answers.items()}


def _each_state(edition: Edition) -> Named:
    for state in State.values:
        expression = make_sent_expression(edition, state=state, title=LONG, name=LONG)
        yield f"mine, {state}", browser_of(expression).get(expression.get_absolute_url())
    marked = make_sent_expression(edition, is_test=True, is_late=True)
    yield "mine, marked", browser_of(marked).get(marked.get_absolute_url())


def _submitted(edition: Edition) -> Named:
    expression = make_sent_expression(edition, abstract="One.\n\nTwo.", link="https://example.org/")
    browser, own = browser_of(expression), expression.get_absolute_url()
    sent = f"{HERE}sent/{expression.reference}/"
    yield "sent", browser.get(sent)
    Call.objects.update(sends_receipt=False)
    yield "sent, without a letter", browser.get(sent)
    Call.objects.update(sends_receipt=True)
    for step in ("change/", "address/", "withdraw/", "erase/"):
        yield step, browser.get(own + step)
    yield "change/, mistaken", browser.post(f"{own}change/", {"version": 1})
    answers = _answered(edition, "submission")
    conflict = filled(expression, title=f"Typed {LONG}", version=0) | answers
    yield "change/, overtaken", browser.post(f"{own}change/", conflict)
    yield "address/, mistaken", browser.post(f"{own}address/", {"email": "sam"})
    for number in range(3):
        browser.post(f"{own}address/", {"email": f"sam{number}@example.org"})
    yield "address/, too often", browser.post(f"{own}address/", {"email": "sam9@example.org"})
    yield "closed", Client().get(own)
    yield "closed, typed", Client().post(f"{own}change/", {"title": LONG, "abstract": "A\n\nB"})


def _accepted(edition: Edition) -> Named:
    expression = make_sent_expression(edition, state="accepted")
    browser, own = browser_of(expression), expression.get_absolute_url()
    for step in ("confirm/", "decline/"):
        yield step, browser.get(own + step)
    yield "confirm/, mistaken", browser.post(f"{own}confirm/")
    yield (
        "confirmed just now",
        browser.post(
            f"{own}confirm/",
            {"confirmed_format": "both", "can_attend": "yes"} | _answered(edition, "acceptance"),
            follow=True,
        ),
    )


def _confirmed(edition: Edition) -> Named:
    expression = make_sent_expression(
        edition, state="confirmed", can_attend=True, access_needs=LONG
    )
    for about in Consent.About:
        expression.consents.create(
            about=about, wording=str(about.label), is_given=True, said_at=timezone.now()
        )
    browser, own = browser_of(expression), expression.get_absolute_url()
    yield "mine, told", browser.get(own)
    yield "needs/", browser.get(f"{own}needs/")
    yield "needs/, mistaken", browser.post(f"{own}needs/")
    yield (
        "needs/, overtaken",
        browser.post(
            f"{own}needs/", {"can_attend": "no", "version": "x"} | _answered(edition, "acceptance")
        ),
    )


def _on_the_programme(edition: Edition) -> Named:
    expression = make_confirmed(edition, format="both")
    brought = add_submissions(edition=edition, expressions=[expression.pk], is_published=True)
    (contribution,) = brought.contributions
    browser, own = browser_of(expression), expression.get_absolute_url()
    yield "mine, without its place", browser.get(own)
    yield "slides/", browser.get(f"{own}slides/")
    yield "slides/, mistaken", browser.post(f"{own}slides/")
    posters = make_session(edition, kind="posters", title=LONG[:60], has_shifts=True)
    make_slot(posters, contribution, kind="poster", board="A1")
    make_slot(make_session(edition), contribution)
    make_release(edition)
    contribution.slides.save("x.pdf", ContentFile(b"%PDF-1.7"))
    expression.title = LONG
    expression.save()
    yield "mine, with its places", browser.get(own)
    yield "slides/, once more", browser.get(f"{own}slides/")
    expression.state = State.WITHDRAWN
    expression.save()
    yield "mine, withdrawn from the programme", browser.get(own)


def _links(edition: Edition) -> Named:
    expression, client = make_sent_expression(edition), Client()
    yield "link", client.get(link_path(expression, make_link(expression)[1]))
    yield "link, unknown", client.get(link_path(expression, "nothing"))
    now = timezone.now()
    for ended in ({"expires_at": now}, {"revoked_at": now}):
        (how,) = ended
        _, token = make_link(expression, **ended)
        yield f"link, {how}", client.get(link_path(expression, token))
    yield "new-link/", client.get(f"{HERE}new-link/")
    yield "new-link/, mistaken", client.post(f"{HERE}new-link/", {"email": "sam"})
    for _ in range(3):
        client.post(f"{HERE}new-link/", {"email": "sam@example.org"})
    yield "new-link/, too often", client.post(f"{HERE}new-link/", {"email": "sam@example.org"})
    yield "new-link/sent/", client.get(f"{HERE}new-link/sent/")
    yield "erased/", client.get(f"{HERE}erased/")
    later = now + timedelta(days=1)
    _, token = AccessLink.mint(edition=edition, for_whom="Ada", expires_at=later)
    yield "let-in", client.get(f"{HERE}let-in/{token}/")
    AccessLink.objects.update(revoked_at=now)
    yield "let-in, ended", client.get(f"{HERE}let-in/{token}/")
    AccessLink.objects.update(used_by=expression)
    yield "let-in, used", client.get(f"{HERE}let-in/{token}/")


def _form(edition: Edition, settings: Any) -> Named:
    client = Client()
    Call.objects.update(
        **ASKS_EVERYTHING,
        text=f"## Who\n\nEverybody: {LONG}.",
        poster_size="A0",
    )
    typed = {
        "name": LONG,
        "email": "ada@example.net",
        "university": LONG,
        "career_stage": "phd",
        "formats": ["talk"],
        "title": "Small",
        "abstract": "Words.",
        "topics": [topic.pk for topic in edition.topics.all()],
        "token": issue_token(edition, is_test=False).signed,
        **_answered(edition, "submission"),
    }
    yield "form", client.get(HERE)
    wrong = {"coauthor_affiliation_5": "Lab", "abstract": "word " * 300, "link": "no link"}
    yield "form, mistaken", client.post(HERE, wrong)
    yield "form, trapped", client.post(HERE, typed | {"comment": "A program."})
    Client().post(HERE, typed)
    other_page = issue_token(edition, is_test=False).signed
    yield "not stored", client.post(HERE, typed | {"token": other_page})
    settings.SUBMISSION_LIMIT = 0
    typed["token"] = _token_of_two_hours_ago(edition)
    yield "form, too many", client.post(HERE, typed)
    settings.SUBMISSION_LIMIT = 60
    for name, hours in (("form, shut", 3), ("form, late", 1)):
        closed = (timezone.now() - timedelta(hours=hours)).astimezone(edition.zone)
        Call.objects.update(
            opens_on=closed.date() - timedelta(days=9),
            closes_on=closed.date(),
            closes_time=closed.time(),
        )
        yield name, client.post(HERE, typed | {"name": ""})


def _call(edition: Edition) -> Named:
    client, today = Client(), timezone.now().date()
    dates = {
        "before": (today + timedelta(days=2), today + timedelta(days=9)),
        "closed": (today - timedelta(days=9), today - timedelta(days=2)),
        "undated": (None, None),
    }
    for name, (opens_on, closes_on) in dates.items():
        Call.objects.update(opens_on=opens_on, closes_on=closes_on)
        yield f"call, {name}", client.get(HERE)
        yield f"home page, {name}", client.get("/2024/")
    Edition.objects.update(is_cancelled=True)
    yield "call, cancelled", client.get(HERE)
    Edition.objects.update(is_cancelled=False, state="archived")
    yield "call, past", client.get(HERE)


def _answered(edition: Edition, asked_at: str) -> dict[str, str]:
    answers = {"yes_no": "yes", "choice": "One", "text": "A", "long_text": "A\nB"}
    asked = edition.questions.filter(asked_at=asked_at)
    return {f"question_{question.pk}": answers[question.kind] for question in asked}


def _token_of_two_hours_ago(edition: Edition) -> str:
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        return issue_token(edition, is_test=False).signed


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
    templates = (django_settings.BASE_DIR / "templates/interest").glob("[!_]*.html")
    drawn = {template.name for response in answers.values() for template in response.templates}

    assert {f"interest/{file.name}" for file in templates} <= drawn
    assert [name for name, answer in answers.items() if answer.status_code >= 500] == []
