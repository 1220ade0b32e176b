"""Two organisers at the same moment: a row of a spreadsheet becomes one expression."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.imports.models import Sheet
from apps.imports.sheets.services import (
    discard_sheet,
    import_sheet,
    preview_sheet,
    take_back_sheet,
)
from apps.interest.models import Expression
from apps.interest.services import move
from apps.interest.workflow import Action, Actor
from tests.factories import make_call, make_edition, make_expression, make_topic
from tests.imports.sheets import bring_in, microsoft_file, microsoft_row
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def edition():
    edition = make_edition()
    make_call(edition)
    make_topic(edition, heading="Small models")
    return edition


def _import(sheet: Sheet, by: User, outcomes: list[str]) -> Callable[[], None]:
    sheet.refresh_from_db()
    preview = preview_sheet(sheet)
    assert preview
    token = preview.token

    def press() -> None:
        try:
            count = import_sheet(sheet=sheet, token=token, by=by)
        except (ChangedMeanwhile, NotAllowed) as refusal:
            outcomes.append(type(refusal).__name__)
        else:
            outcomes.append(f"imported {count}")

    return press


def test_two_confirmations_at_once_import_once(as_chair, chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file(microsoft_row(1), microsoft_row(2)))
    outcomes: list[str] = []
    press = _import(sheet, chair, outcomes)

    faults = overlapping(press, press)

    assert faults == []
    assert sorted(outcomes) == ["NotAllowed", "imported 2"]
    assert Expression.objects.count() == 2


def test_the_same_file_uploaded_twice_is_imported_once(as_chair, chair, edition):
    sheets = [bring_in(as_chair, edition, microsoft_file()) for _ in range(2)]
    outcomes: list[str] = []
    first, second = (_import(sheet, chair, outcomes) for sheet in sheets)

    faults = overlapping(first, second)

    assert faults == []
    assert sorted(outcomes) == ["ChangedMeanwhile", "imported 1"]
    assert Expression.objects.count() == 1


def test_a_submission_during_the_import_is_not_duplicated(as_chair, chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    outcomes: list[str] = []

    faults = overlapping(
        lambda: make_expression(edition, email="student1@example.net", title="Work number 1"),
        _import(sheet, chair, outcomes),
    )

    assert (faults, outcomes) == ([], ["ChangedMeanwhile"])
    assert Expression.objects.count() == 1


def test_a_sheet_discarded_during_the_import_is_not_imported(as_chair, chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file())
    outcomes: list[str] = []

    faults = overlapping(lambda: discard_sheet(sheet=sheet), _import(sheet, chair, outcomes))

    assert (faults, outcomes) == ([], ["NotAllowed"])
    assert (Expression.objects.count(), Sheet.objects.count()) == (0, 0)


def test_an_expression_decided_while_it_is_taken_back_stays(as_chair, chair, edition):
    sheet = bring_in(as_chair, edition, microsoft_file(microsoft_row(1), microsoft_row(2)))
    _import(sheet, chair, [])()
    first = Expression.objects.all()[0]
    refusals: list[str] = []

    def take_back() -> None:
        try:
            take_back_sheet(sheet=sheet, count=2)
        except ChangedMeanwhile:
            refusals.append("refused")

    faults = overlapping(
        lambda: move(expression=first, action=Action.DECLINE, actor=Actor.CHAIR, by=chair),
        take_back,
    )

    assert (faults, refusals) == ([], ["refused"])
    assert Expression.objects.count() == 2
