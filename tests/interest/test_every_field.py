"""Every field of the form, also one that is added later, reaches whoever may read it."""

import json

import pytest
from django import forms

from apps.core.forms import AddressField, LinkField
from apps.interest.forms import ExpressionForm
from apps.interest.models import Expression
from apps.mail.models import Letter
from tests.factories import make_reviewer
from tests.interest.calls import ASKS_EVERYTHING, filled, make_open_call, open_page
from tests.interest.students import browser_of, main

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"


def _typed(name: str, field: forms.Field) -> str:
    """A valid answer that no other field has; of several choices the last."""
    match field:
        case AddressField():
            return f"{name}@example.net"
        case LinkField():
            return f"https://example.net/{name}/"
        case forms.ChoiceField():
            return str(list(field.widget.choices)[-1][0])
    return f"My {name}"


@pytest.fixture
def form() -> ExpressionForm:
    call = make_open_call(**ASKS_EVERYTHING)
    return ExpressionForm(edition=call.edition, call=call)


@pytest.fixture
def answers(form, client) -> dict[str, str]:
    """The answers of an expression that was sent just now, as people read them, by field."""
    fields = {
        name: field
        for name, field in form.fields.items()
        if not name.startswith("coauthor_") and name not in ("formats", "topics")
    }
    typed = {name: _typed(name, field) for name, field in fields.items()}
    token = open_page(client)
    data = filled(form.edition, **typed, formats=["talk", "poster"], token=token)
    assert client.post("/2030/interest/", data).status_code == 302
    labels = {name: dict(getattr(field, "choices", ())) for name, field in fields.items()}
    return {name: str(labels[name].get(value, value)) for name, value in typed.items()}


def _missing(answers: dict[str, str], text: str) -> list[str]:
    return [name for name, answer in answers.items() if answer not in text]


def test_students_read_every_answer_on_their_page_and_in_the_receipt(answers):
    expression = Expression.objects.get()

    page = main(browser_of(expression).get(expression.get_absolute_url()))
    receipt = Letter.objects.get(kind="interest/receipt")

    assert _missing(answers, page) == []
    assert _missing(answers, receipt.body_text) == []


def test_students_download_every_answer(answers):
    expression = Expression.objects.get()

    data = browser_of(expression).get(f"{expression.get_absolute_url()}data.json").content

    assert answers.keys() - json.loads(data)["expression"].keys() == set()


def test_chairs_read_and_export_every_answer(answers, as_chair):
    page = as_chair.get(f"{LIST}{Expression.objects.get().pk}/change/")
    export = as_chair.post(f"{LIST}export/csv/")

    assert _missing(answers, page.content.decode()) == []
    assert _missing(answers, b"".join(export.streaming_content).decode()) == []


def test_reviewers_read_and_export_every_answer_but_addresses(form, answers, as_reviewer, reviewer):
    make_reviewer(form.edition, reviewer)
    expression = Expression.objects.get()
    addresses = [name for name, field in form.fields.items() if isinstance(field, AddressField)]

    review = as_reviewer.get(f"/admin/review/{expression.pk}/").content.decode()
    page = as_reviewer.get(f"{LIST}{expression.pk}/change/").content.decode()
    export = as_reviewer.post(f"{LIST}export/csv/")

    for text in (review, page, b"".join(export.streaming_content).decode()):
        assert _missing(answers, text) == addresses
