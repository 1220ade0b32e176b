"""Open calls, and the data of the smallest valid form."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from apps.editions.models import Call, Edition
from apps.interest.forms import OPTIONAL_FIELDS
from tests.factories import make_call, make_edition, make_topic

# The switches of a call for everything that its form may ask.
ASKS_EVERYTHING = {f"asks_{name}": True for name in OPTIONAL_FIELDS}


def make_open_call(**fields) -> Call:
    """A call that opened yesterday and closes tomorrow, of an edition at /2030/ with one topic."""
    return make_call_of_days(opens=-1, closes=1, **fields)


def make_call_of_days(*, opens: int | None, closes: int | None, **fields) -> Call:
    """A call that opens and closes `opens` and `closes` days from today."""
    edition = fields.pop("edition", None) or make_edition(slug="2030", title="Workshop 2030")
    make_topic(edition, heading="Small models")
    today = timezone.now().date()
    dates = {
        name: None if days is None else today + timedelta(days=days)
        for name, days in (("opens_on", opens), ("closes_on", closes))
    }
    return make_call(edition, **{"asks_career_stage": False} | dates | fields)


def filled(edition: Edition, **changes) -> dict[str, Any]:
    """Valid data of the form, without its hidden fields."""
    return {
        "name": "Ada Example",
        "email": "ada@example.org",
        "university": "University of Example",
        "formats": ["talk"],
        "title": "Smaller and faster",
        "abstract": "We make it small.",
        "topics": [str(topic.pk) for topic in edition.topics.all()[:1]],
    } | changes


def open_page(client: Client, path: str = "/2030/interest/") -> str:
    """Open the form and return the token in its hidden field."""
    html = client.get(path).content.decode()
    match = re.search(r'name="token" value="([^"]+)"', html)
    assert match, "the page shows no form"
    return match[1]
