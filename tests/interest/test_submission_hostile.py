"""Hostile submissions cause no server error, no invalid row and no unescaped HTML."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.core.models import RateCounter
from apps.interest.models import Expression
from apps.interest.services import erase_expression
from apps.interest.submission import issue_token
from apps.mail.models import Letter
from tests.factories import make_edition, make_topic
from tests.interest.calls import ASKS_EVERYTHING, filled, make_open_call

pytestmark = pytest.mark.django_db

PAGE = "/2030/interest/"
# Parts of MARKUP that are on a page only if it was not escaped.
MARKS = ("<xss", '" onxss=', "' onxss=")
MARKUP = "'\"><xss onxss=1>{{ 7|add:7 }}{% now %}</script>&lt;"

# Unusual, and yet valid as a name or title.
odd = st.sampled_from(
    [MARKUP[:190], "=1+1", "Ada\0Example", "O’Brien \u202e", "名前", "👩\u200d🔬"]
)
hostile = st.one_of(
    odd,
    odd,
    st.sampled_from(
        [
            MARKUP,
            f'" onxss="{MARKUP}',
            f"Ada{MARKUP}",
            "\0",
            "Ada\0Example",
            "Ada\r\nBcc: all@example.org\r\n\r\nBody",
            "ada@example.org\r\nBcc: all@example.org",
            "ada@example.org, all@example.org",
            f'"{MARKUP}"@example.org',
            '"a\\"b"@example.org',
            "ada@xn--80ak6aa92e.example",
            "=cmd|' /C calc'!A0",
            "\u202etxt.exe",
            "\ufeff\u200b\u2028",
            "x" * 1_000_000,
            "\u0301" * 5_000,
            "word " * 200_000,
            "javascript:alert(1)",
            "http://[::1",
            "https://example.org/" + MARKUP,
            "//example.org",
            "9" * 400,
            "-1",
            "1e9",
            "None",
            "[]",
            "talk",
        ]
    ),
    st.text(max_size=300),
    st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Co", "Cn"]), max_size=40),
)


@st.composite
def submissions(draw: st.DrawFn, names: list[str], topics: list[str]) -> dict[str, Any]:
    """Changes to a valid form; None leaves the field out."""
    changes: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(names), max_size=4, unique=True)):
        value = st.one_of(st.none(), hostile, st.lists(hostile, max_size=3))
        if name == "topics":
            value = st.lists(st.sampled_from([*topics, "0", "x", MARKUP]), max_size=4)
        changes[name] = draw(value)
    return changes


@pytest.fixture
def call(settings):
    settings.SUBMISSION_LIMIT = 1_000_000
    call = make_open_call(**ASKS_EVERYTHING)
    for kind in ("text", "long_text", "choice", "yes_no"):
        call.edition.questions.create(label=f"A {kind}?", kind=kind, choices=f"One\n{MARKUP}")
    make_topic(make_edition(slug="2031"))
    return call


def _names(call) -> list[str]:
    names = ["name", "email", "university", "career_stage", "supervisor", "school", "link"]
    names += ["formats", "preference", "title", "abstract", "topics", "token", "comment"]
    names += [f"coauthor_{part}_{n}" for n in (1, 2, 10) for part in ("name", "affiliation")]
    return names + [f"question_{pk}" for pk in call.edition.questions.values_list("pk", flat=True)]


def _marks(response) -> list[str]:
    html = response.content.decode()
    return [f"{response.request['PATH_INFO']}: {mark}" for mark in MARKS if mark in html]


def _check(expression: Expression, client, as_chair) -> None:
    """Validate the rows of the expression and every page that shows it."""
    expression.full_clean()
    for coauthor in expression.coauthors.all():
        coauthor.full_clean()
    for answer in expression.answers.all():
        answer.full_clean()
    assert set(expression.topics.values_list("edition", flat=True)) <= {expression.edition_id}
    for letter in Letter.objects.all():
        letter.full_clean()
        assert not any(mark in letter.body_html for mark in MARKS)
        assert len(f"{letter.to_name}{letter.to_email}{letter.subject}".splitlines()) == 1
    slug, reference = expression.edition.slug, expression.reference
    for name in ("sent", "mine", "change"):
        response = client.get(reverse(f"interest:{name}", args=[slug, reference]))
        assert response.status_code == 200
        assert _marks(response) == []
    for path in (
        reverse("admin:interest_expression_changelist"),
        reverse("admin:interest_expression_change", args=[expression.pk]),
    ):
        response = as_chair.get(path)
        assert response.status_code == 200
        assert _marks(response) == []


def test_any_submission_is_handled(client, as_chair, call):
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        token = issue_token(call.edition, is_test=False).signed
    valid = filled(call.edition, token=token, career_stage="phd")
    topics = [str(pk) for pk in call.edition.topics.model.objects.values_list("pk", flat=True)]
    kept = []

    @given(changes=submissions(_names(call), topics))
    def send(changes: dict[str, Any]) -> None:
        data = {name: value for name, value in (valid | changes).items() if value is not None}

        response = client.post(PAGE, data)

        assert response.status_code in {200, 302, 400, 403, 413, 429}
        assert _marks(response) == []
        for expression in Expression.objects.all():
            kept.append(expression.pk)
            _check(expression, client, as_chair)
            erase_expression(expression=expression)
        client.cookies.clear()
        RateCounter.objects.all().delete()

    send()

    assert len(kept) > hypothesis_settings().max_examples / 20, (
        "hardly any submission got as far as the database"
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"name=%ff%fe&email=%00&title=%", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"name=x&" * 1000, "application/x-www-form-urlencoded; charset=utf-16"),
        (b"name=x&" * 30_000, "application/x-www-form-urlencoded"),
        (b"name=x", "application/x-www-form-urlencoded; charset=nonsense"),
        (b'{"name": {"a": [1]}}', "application/json"),
        (b"--x\r\nContent-Disposition: form-data; name=name\r\n\r\nAda", "multipart/form-data"),
        (b"--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
        (b"x" * 6_000_000, "application/x-www-form-urlencoded"),
        (b"", ""),
    ],
)
@pytest.mark.usefixtures("call")
def test_a_malformed_body_is_handled(client, body, kind):
    response = client.generic("POST", PAGE, body, content_type=kind)

    assert response.status_code in {200, 400, 413}
    assert Expression.objects.count() == 0
