"""Whatever is sent to the student's pages: never a fault of ours, never a mark that is read as HTML."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.interest.models import Consent, Expression
from apps.interest.workflow import State
from tests.factories import make_call_edition, make_sent_expression
from tests.interest.students import browser_of

pytestmark = pytest.mark.django_db

NASTY = "<script>alert(1)</script>"
ANYTHING = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            NASTY,
            "\x00",
            "a@example.org\r\nBcc: b@example.org",
            "é" * 300 + "@example.org",
            "x" * 30_000,
            "9" * 5_000,
            "on",
            "yes",
            "both",
            "-1",
        ]
    ),
)
FIELDS = [
    *(
        "version",
        "seen",
        "name",
        "university",
        "title",
        "abstract",
        "topics",
        "formats",
        "preference",
    ),
    *("coauthor_name_1", "coauthor_affiliation_2", "email", "can_attend", "confirmed_format"),
    *("technical_needs", "access_needs", "diet", "consent_photo", "consent_abstract"),
]
PAGES = ["change/", "address/", "confirm/", "needs/"]
# The rows made before an example are put back after it by hand.
ONE_STUDENT = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def expression() -> Expression:
    return make_sent_expression(
        make_call_edition(slug="2024"), reference="R7K2QD", state="accepted"
    )


@pytest.fixture
def browser(expression) -> Client:
    client = browser_of(expression)
    client.raise_request_exception = True
    return client


@ONE_STUDENT
@given(
    page=st.sampled_from(PAGES),
    typed=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, min_size=1),
)
def test_no_form_of_the_student_fails_or_stores_what_breaks_a_rule(
    expression, browser, page, typed
):
    if page == "needs/":
        told = {"state": State.CONFIRMED, "confirmed_format": "talk"}
        Expression.objects.filter(pk=expression.pk).update(**told)

    response = browser.post(f"/2024/interest/R7K2QD/{page}", typed)

    stored = Expression.objects.get(pk=expression.pk)
    stored.full_clean(exclude=["edition", "decided_by"])
    assert response.status_code in {200, 302, 409, 429}
    assert NASTY not in browser.get("/2024/interest/R7K2QD/").content.decode()
    assert NASTY not in response.content.decode()
    # As it was, for the next example.
    Consent.objects.all().delete()
    Expression.objects.filter(pk=expression.pk).update(
        state=State.ACCEPTED, confirmed_format="", can_attend=None, changed_at=timezone.now()
    )


@ONE_STUDENT
@given(words=st.text(min_size=1, max_size=80).filter(lambda words: words not in {".", ".."}))
def test_no_token_and_no_reference_is_too_strange(expression, words):
    client = Client()

    for path in ("link/%s/", "%s/", "sent/%s/", "%s/change/"):
        # As a browser would write it; a slash ends the part of the path.
        response = client.get(f"/2024/interest/{path % quote(words, safe='')}")

        assert response.status_code in {200, 400, 403, 404}
        assert "Sam" not in response.content.decode()


@ONE_STUDENT
@given(cookie=st.text(st.characters(max_codepoint=255), max_size=200))
def test_no_forged_cookie_opens_anything(expression, cookie):
    client = Client()
    client.cookies["mine"] = cookie

    assert client.get("/2024/interest/R7K2QD/").status_code in {400, 403}
