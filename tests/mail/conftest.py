import pytest

from apps.mail import services
from apps.mail.models import Letter
from tests.processes import free_port

TOKEN = "a-token-that-opens-something"
LINK = f"http://localhost:8000/2024/interest/link/{TOKEN}/"


@pytest.fixture
def no_post_office(settings):
    """A mail server is configured, and nobody is there."""
    settings.HAS_MAIL = True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_TIMEOUT = 1


@pytest.fixture
def link_maker(monkeypatch):
    """A maker named "tests" that makes LINK, and remembers for what."""
    made: list[int] = []

    def make(subject: int, email: str) -> str:
        made.append(subject)
        return LINK

    monkeypatch.setitem(services._link_makers, "tests", make)
    return made


def make_letter(**fields) -> Letter:
    """A letter to Ada Example that is due now."""
    defaults = {
        "kind": "test",
        "to_name": "Ada Example",
        "to_email": "ada@example.org",
        "subject": "Words",
        "body_text": "Hello Ada.\n",
        "body_html": "<p>Hello Ada.</p>",
    }
    return Letter.objects.create(**defaults | fields)


def make_letter_with_link(**fields) -> Letter:
    """One whose text and HTML hold the placeholder, and whose link leads to the thing 7."""
    here = Letter.PRIVATE_LINK
    return make_letter(
        **{
            "body_text": f"Your page:\n{here}\n",
            "body_html": f'<p>Your page: <a href="{here}">{here}</a></p>',
            "link_maker": "tests",
            "link_subject": 7,
        }
        | fields
    )
