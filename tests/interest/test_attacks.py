"""Attacks through students' input: long texts, markup, GET requests that write."""

import json
import time
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from apps.core.forms import LineField, LinesField
from apps.interest import urls
from apps.interest.models import Event, Expression, Question, StudentLink
from apps.interest.permissions import without_addresses
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_link, make_sent_expression
from tests.interest.calls import filled, make_open_call
from tests.interest.students import browser_of, link_path

HOSTILE = "'\"><xss onxss=1>{{ 7|add:7 }}</script>&lt;"
MARKS = ("<xss", '" onxss=', "' onxss=")
TEXTS = ("name", "university", "supervisor", "school", "title", "abstract")
FORM_TEXTS = ("name", "email", "university", "supervisor", "school", "link", "title", "abstract")
NEEDS = ("technical_needs", "access_needs", "diet")


@pytest.mark.parametrize(
    "text",
    ["a" * 20_000, "a@" * 10_000, "a@" + "b" * 20_000, "a@" + "b." * 10_000, "a." * 10_000],
    ids=["one word", "signs", "no dot", "dots", "no sign"],
)
def test_long_texts_are_searched_for_addresses_quickly(text):
    start = time.perf_counter()

    without_addresses(text)

    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Write to ada@example.org.", "Write to [address]"),
        ("<ada.b+c@mail.example.org>, (bo@example.org)", "<[address]>, ([address])"),
        ("mailto:ada@example.org", "mailto:[address]"),
        ("a@b@example.org", "a@[address]"),
        ("recall@10 is 0.9", "recall@10 is 0.9"),
    ],
)
def test_addresses_are_removed_from_texts(text, shown):
    assert without_addresses(text) == shown


@pytest.mark.parametrize("sign", ["\n", " ", "x", "\u0301", "\u200b"])
def test_megabytes_are_refused_quickly(sign):
    start = time.perf_counter()

    for field in (LinesField(missing="Enter it", max_length=20_000), LineField(missing="Enter it")):
        with pytest.raises(ValidationError, match=r"5000000 char|at most 200 char|Enter it"):
            field.clean(sign * 5_000_000)

    assert time.perf_counter() - start < 1


@pytest.mark.django_db
@pytest.mark.parametrize("marks", ["\u0301\u0316" * 250_000, "\u0301\u0316" * 75])
def test_combining_marks_in_every_field_are_refused_quickly_and_shown_again(marks):
    edition = make_open_call(asks_supervisor=True, asks_school=True, asks_link=True).edition
    text = ("a" + marks) if len(marks) < 1000 else ("a" + marks)[: 200_000 // len(FORM_TEXTS)]
    client, page = Client(), reverse("interest:call", args=[edition.slug])
    start = time.process_time()

    response = client.post(page, filled(edition) | dict.fromkeys(FORM_TEXTS, text))

    assert time.process_time() - start < 2
    assert response.status_code == 200
    assert response.content.decode().count(text) == len(FORM_TEXTS)
    assert not Expression.objects.exists()


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_combining_marks_at_sign_in_are_refused_quickly(db, name):
    text = "a" + "\u0301\u0316" * 40_000
    data = {"login": f"{text}@example.org", "email": f"{text}@example.org", "password": text}
    start = time.process_time()

    response = Client().post(reverse(name), data)

    assert time.process_time() - start < 1
    assert response.status_code == 200


@pytest.fixture
def hostile(db) -> Expression:
    """Confirmed, with markup in every text."""
    edition = make_call_edition(slug="2024")
    expression = make_sent_expression(
        edition,
        reference="R7K2QD",
        state="confirmed",
        can_attend=True,
        link="javascript:alert(1)",
        **dict.fromkeys((*TEXTS, *NEEDS), HOSTILE),
    )
    expression.coauthors.create(name=HOSTILE, affiliation=HOSTILE)
    for asked_at in Question.AskedAt.values:
        question = Question.objects.create(edition=edition, label="Why?", asked_at=asked_at)
        expression.answers.create(question=question, text=HOSTILE)
    return expression


def _pages(hostile: Expression) -> list[str]:
    """Every page about one expression, for the student and in the admin."""
    prefix = "<slug:edition>/interest/<str:reference>/"
    routes = [str(pattern.pattern) for pattern in urls.urlpatterns]
    student = [route.removeprefix(prefix) for route in routes if route.startswith(prefix)]
    admin = f"/admin/interest/expression/{hostile.pk}/"
    steps = ("change/", "move/withdraw/", "move/cancel/", "address/", "end-links/", "erase/")
    return [
        *(
            hostile.get_absolute_url() + page
            for page in student
            if page not in {"leave/", "data.json"}
        ),
        *(admin + step for step in (*steps, "as-student/")),
        f"/admin/selection/board/{hostile.edition_id}/",
        "/admin/interest/expression/",
        "/admin/",
    ]


def test_markup_is_escaped_on_every_page(as_chair, hostile):
    browser = browser_of(hostile)
    for path in _pages(hostile):
        client = as_chair if path.startswith("/admin") else browser

        html = client.get(path, follow=True).content.decode()

        assert [mark for mark in MARKS if mark in html] == [], path
        assert 'href="javascript' not in html, path


def test_downloads_are_attachments_with_the_original_text(as_chair, hostile):
    data = browser_of(hostile).get(f"{hostile.get_absolute_url()}data.json")
    export = "admin:interest_expression_export"
    files = {kind: as_chair.post(reverse(export, args=[kind])) for kind in ("csv", "xlsx")}

    for response in (data, *files.values()):
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "text/html" not in response["Content-Type"]
    assert json.loads(data.content)["expression"]["title"] == HOSTILE
    assert HOSTILE.replace('"', '""') in b"".join(files["csv"]).decode()
    with ZipFile(BytesIO(b"".join(files["xlsx"]))) as book:
        assert "<xss" not in book.read("xl/worksheets/sheet1.xml").decode()


def _all_rows() -> list:
    models = (Expression, StudentLink, Letter, Event)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_safe_methods_change_nothing(as_chair, hostile, method):
    browser = browser_of(hostile)
    _, token = make_link(hostile)
    before = _all_rows()

    for path in (*_pages(hostile), f"{hostile.get_absolute_url()}data.json"):
        client = as_chair if path.startswith("/admin") else browser
        getattr(client, method)(path)
    for path in (link_path(hostile, token), "/2024/interest/new-link/", "/2024/interest/"):
        getattr(Client(), method)(path)

    assert _all_rows() == before


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", ""])
@pytest.mark.parametrize("page", ["change/", "address/", "needs/"])
def test_a_body_of_another_content_type_changes_nothing(hostile, page, kind):
    before = Expression.objects.values().get()

    response = browser_of(hostile).generic(
        "POST", hostile.get_absolute_url() + page, b'{"email": "thief@example.org"}', kind
    )

    assert response.status_code in {200, 400}
    assert Expression.objects.values().get() == before
