"""A student, what they sent, and the browser that may see it."""

from datetime import date, timedelta

from django.test import Client
from django.utils import timezone

from apps.editions.models import Call, Edition
from apps.interest.links import expires_at
from apps.interest.models import Expression, StudentLink
from tests.factories import make_edition, make_topic, make_user


def make_call(edition: Edition, **fields) -> Call:
    """A call that is open since yesterday, for ten days."""
    today = timezone.now().date()
    defaults = {
        "opens_on": today - timedelta(days=1),
        "closes_on": today + timedelta(days=10),
        "decisions_on": date(2030, 5, 3),
        "asks_career_stage": False,
    }
    return Call.objects.create(edition=edition, **defaults | fields)


def make_call_edition(**fields) -> Edition:
    """A published edition with an open call, a topic and somebody to ask."""
    edition = make_edition(**{"contact_email": "organisers@example.org"} | fields)
    make_call(edition)
    make_topic(edition, heading="Small models")
    return edition


def make_expression(edition: Edition, **fields) -> Expression:
    """One that has just been sent by Sam Student, with a topic."""
    state = fields.get("state", "submitted")
    now = timezone.now()
    defaults = {
        "name": "Sam Student",
        "email": "sam@example.org",
        "university": "University of Examples",
        "title": "Smaller is better",
        "abstract": "We show that it is.",
        "wants_talk": True,
        "wants_poster": True,
        "preference": "either",
        "submitted_at": now,
        "changed_at": now,
        "fingerprint": "0" * 64,
    }
    if state in {"accepted", "confirmed", "offer_declined", "lapsed"}:
        defaults |= {"offer": "both", "reply_by_on": date(2030, 5, 10)}
    if state == "confirmed":
        defaults |= {"confirmed_format": "poster"}
    if state in {"accepted", "confirmed", "offer_declined", "lapsed", "waitlisted", "declined"}:
        defaults |= {"decided_by": make_user("Chair"), "decided_at": now}
    expression = Expression.objects.create(edition=edition, **defaults | fields)
    expression.topics.set(edition.topics.all())
    return expression


def make_link(expression: Expression, **fields) -> tuple[StudentLink, str]:
    """A link that works, and its token."""
    ends = fields.pop("expires_at", expires_at(expression.edition))
    link, token = StudentLink.mint(expression=expression, expires_at=ends)
    if fields:
        StudentLink.objects.filter(pk=link.pk).update(**fields)
        link.refresh_from_db()
    return link, token


def link_path(expression: Expression, token: str) -> str:
    return f"/{expression.edition.slug}/interest/link/{token}/"


def browser_of(*expressions: Expression) -> Client:
    """A browser that was signed in by the private link of each."""
    client = Client()
    for expression in expressions:
        _, token = make_link(expression)
        response = client.post(link_path(expression, token))
        assert response.status_code == 302
    return client


def filled(expression: Expression, **changes) -> dict:
    """The form of the change page as it was opened, with `changes`."""
    return {
        "version": expression.version,
        "name": expression.name,
        "university": expression.university,
        "formats": ["talk", "poster"],
        "preference": expression.preference,
        "title": expression.title,
        "abstract": expression.abstract,
        "topics": [topic.pk for topic in expression.topics.all()],
    } | changes


def heading(response) -> str:
    """The words of the page's h1."""
    return response.content.decode().split("<h1>")[1].split("</h1>")[0].strip()


def main(response) -> str:
    """The page between its header and its footer, in one line."""
    html = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(html.split())
