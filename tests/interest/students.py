"""Signed-in browsers of students, data of their forms, and the text of their pages."""

from django.test import Client

from apps.interest.models import Expression
from tests.factories import make_link


def link_path(expression: Expression, token: str) -> str:
    return f"/{expression.edition.slug}/interest/link/{token}/"


def browser_of(*expressions: Expression) -> Client:
    """A browser signed in by a private link of each expression."""
    client = Client()
    for expression in expressions:
        _, token = make_link(expression)
        response = client.post(link_path(expression, token))
        assert response.status_code == 302
    return client


def filled(expression: Expression, **changes) -> dict:
    """Data of the change form as it is opened, with `changes`."""
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
    """The text of the page's h1."""
    return response.content.decode().split('<h1 dir="auto">')[1].split("</h1>")[0].strip()


def main(response) -> str:
    """The HTML of the main element, on one line."""
    html = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(html.split())
