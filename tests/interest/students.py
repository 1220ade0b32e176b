"""A student's browser, the addresses of what they sent, and what their pages say."""

from django.test import Client

from apps.interest.models import Expression
from tests.factories import make_link


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
    return response.content.decode().split('<h1 dir="auto">')[1].split("</h1>")[0].strip()


def main(response) -> str:
    """The page between its header and its footer, in one line."""
    html = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(html.split())
