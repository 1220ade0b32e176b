"""The privacy page says what the product does with the answers of students."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from apps.core.rate_limit import WINDOW
from apps.interest.attendee_details import NEEDS
from apps.interest.forms import ExpressionForm
from apps.interest.models import Consent
from apps.interest.permissions import AUTHOR_FIELDS, permissions_for
from apps.pages.models import Page
from apps.private_links.models import VALID_AFTER_EVENT, link_expiry
from tests.factories import make_edition, make_user
from tests.interest.calls import ASKS_EVERYTHING, make_open_call

pytestmark = pytest.mark.django_db

# The words of the page for each field of the form and each later question.
_WORDS = {
    "name": "your name",
    "email": "your email address",
    "university": "your university",
    "career_stage": "career stage",
    "supervisor": "supervisor",
    "school": "school or lab",
    "link": "a link",
    "formats": "a lightning talk, a poster or either",
    "preference": "a lightning talk, a poster or either",
    "title": "its title",
    "abstract": "abstract",
    "topics": "its topics",
    "pdf": "a PDF",
    "can_attend": "whether they can attend",
    "technical_needs": "technical needs",
    "access_needs": "access needs",
    "diet": "diet",
    Consent.About.PHOTO: "consent to photographs",
    Consent.About.RECORDING: "to a recording",
    Consent.About.ABSTRACT: "to publishing the abstract",
    Consent.About.CONTACT: "emails about later editions",
}


@pytest.fixture
def text() -> str:
    """The section about students."""
    body = Page.objects.get(slug="privacy").body
    return body.split("## Students who send")[1].split("\n## ")[0]


def _paragraph(text: str, heading: str) -> str:
    return text.split(f"**{heading}**")[1].split("\n\n")[0]


def test_the_form_links_to_what_happens_with_the_answers(client):
    make_open_call()

    form, page = client.get("/2030/interest/"), client.get("/privacy/")

    assert '<a href="/privacy/">How we handle your data</a>' in form.content.decode()
    assert "Students who send an expression of interest</h2>" in page.content.decode()


def test_every_field_that_students_fill_in_is_named(text):
    call = make_open_call(**ASKS_EVERYTHING, asks_pdf=True)
    fields = ExpressionForm(edition=call.edition, call=call).fields
    asked = {name for name in fields if not name.startswith("coauthor_")}
    paragraph = _paragraph(text, "Data we ask for.")

    assert asked | {*NEEDS, *Consent.About} == set(_WORDS)
    assert [words for words in _WORDS.values() if words not in paragraph] == []
    assert "names and affiliations of co-authors" in paragraph


def test_each_role_reads_what_the_page_says(text):
    chair, reviewer, helpdesk, editor = (
        permissions_for(make_user(role)) for role in ("Chair", "Reviewer", "Helpdesk", "Editor")
    )

    assert chair
    assert reviewer
    assert helpdesk
    assert editor is None
    assert (chair.sees_address, chair.sees_private_data, chair.exports) == (True, True, True)
    assert (reviewer.sees_address, reviewer.sees_private_data) == (False, False)
    assert reviewer.editions == frozenset(), "reviewers read nothing before they are assigned"
    assert (helpdesk.sees_address, helpdesk.sees_private_data) == (True, False)
    assert (reviewer.exports, helpdesk.exports) == (True, False)
    anonymous = _paragraph(text, "Who reads it.").split("anonymous, ")[1].split(" either")[0]
    closed = [_WORDS[name].removeprefix("your ").removeprefix("a ") for name in AUTHOR_FIELDS]
    assert [words for words in closed if words not in anonymous] == []


def test_links_and_counters_last_as_long_as_the_page_says(text):
    in_400_days = timezone.now() + timedelta(days=400)

    assert "until sixty days after the workshop, or for 400 days while it has no date" in text
    assert timedelta(days=60) == VALID_AFTER_EVENT
    assert link_expiry(make_edition()) - in_400_days < timedelta(minutes=1)
    assert "counts for ten minutes" in text
    assert timedelta(seconds=WINDOW) == timedelta(minutes=10)


@pytest.mark.parametrize("is_edited", [False, True])
def test_an_upgrade_replaces_the_earlier_text_unless_somebody_edited_it(pytestconfig, is_edited):
    migration = import_module("apps.pages.migrations.0002_privacy_of_students")
    earlier = (pytestconfig.rootpath / "tests/pages/privacy_of_0.2.0.md").read_text("utf-8")
    earlier += "Our own words." if is_edited else ""
    pages = Page.objects.filter(slug="privacy")
    pages.update(body=earlier.replace("\n", "\r\n"))

    migration.replace_earlier_text(apps, connection.schema_editor())

    assert ("Students who send" in pages.get().body) is not is_edited
