"""Hostile input to the student's forms causes neither a server error nor unescaped HTML."""

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.core.models import RateCounter
from apps.interest.models import Consent, Expression
from apps.interest.workflow import State
from tests.factories import make_call_edition, make_sent_expression
from tests.interest.students import browser_of

pytestmark = pytest.mark.django_db

NASTY = "<script>alert(1)</script>"
VALUES = [NASTY, "\x00", "a@example.org\r\nBcc: b@example.org", "é" * 300 + "@example.org"]
VALUES += ["x" * 30_000, "9" * 5_000, "on", "yes", "both", "-1"]
FIELDS = [
    "version",
    "name",
    "university",
    "title",
    "abstract",
    "topics",
    "formats",
    "preference",
    "email",
]
FIELDS += ["coauthor_name_1", "coauthor_affiliation_2", "can_attend", "confirmed_format"]
FIELDS += ["technical_needs", "access_needs", "diet", "consent_photo", "consent_abstract"]


@pytest.fixture
def expression() -> Expression:
    return make_sent_expression(
        make_call_edition(slug="2024"), reference="R7K2QD", state="accepted"
    )


@pytest.fixture
def browser(expression) -> Client:
    return browser_of(expression)


@given(
    page=st.sampled_from(["change/", "address/", "confirm/", "needs/"]),
    data=st.dictionaries(
        st.sampled_from(FIELDS), st.text(max_size=60) | st.sampled_from(VALUES), min_size=1
    ),
)
def test_forms_of_the_student_accept_any_input(expression, browser, page, data):
    # The database keeps the rows of the previous example.
    Consent.objects.all().delete()
    RateCounter.objects.all().delete()
    row = Expression.objects.filter(pk=expression.pk)
    row.update(
        state=State.ACCEPTED, confirmed_format="", can_attend=None, changed_at=timezone.now()
    )
    if page == "needs/":
        row.update(state=State.CONFIRMED, confirmed_format="talk")

    response = browser.post(f"/2024/interest/R7K2QD/{page}", data)

    row.get().full_clean(exclude=["edition", "decided_by"])
    assert response.status_code in {200, 302, 409, 429}
    assert NASTY not in response.content.decode()
    assert NASTY not in browser.get("/2024/interest/R7K2QD/").content.decode()
