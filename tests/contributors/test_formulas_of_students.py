"""Mathematics in abstracts of students, which are plain text otherwise."""

from importlib import import_module

import pytest
from django.apps import apps

from tests.contributors.students import add_to_programme, make_confirmed
from tests.factories import make_call_edition

pytestmark = pytest.mark.django_db

ABSTRACT = r"*We* show $x_1 \leq \alpha$ for [all](https://example.org) and $5."


@pytest.fixture
def contribution():
    expression = make_confirmed(make_call_edition(slug="2024"), abstract=ABSTRACT)
    (contribution,) = add_to_programme(expression)
    return contribution


def _page(client, contribution) -> str:
    return client.get(contribution.get_absolute_url()).content.decode()


def test_an_abstract_shows_its_formulas_and_no_other_markup(client, contribution):
    html = _page(client, contribution)

    formula = "<msub><mi>x</mi><mn>1</mn></msub><mo>≤</mo><mi>α</mi>"
    assert f"*We* show <math>{formula}</math> for [all](https://example.org) and $5." in html


@pytest.mark.parametrize("is_edited", [False, True])
def test_abstracts_stored_before_keep_their_formulas(client, contribution, is_edited):
    stored = r"\*We\* show $x_1 \\leq \\alpha$ for \[all](https://example.org) and $5."
    contribution.abstract = stored + (" Edited." if is_edited else "")
    contribution.save()
    migration = import_module("apps.contributors.migrations.0004_read_formulas_of_students")

    migration.read_formulas(apps, None)

    contribution.refresh_from_db()
    assert (contribution.abstract == stored + " Edited.") == is_edited
    if not is_edited:
        assert "<mo>≤</mo><mi>α</mi>" in _page(client, contribution)
