"""A letter from a mould says what its templates would have said, whatever stands in its blanks."""

import pytest

from apps.core.blanks import blank
from apps.mail.moulds import Mould
from apps.mail.services import Written, words_from
from tests.factories import make_edition

pytestmark = pytest.mark.django_db

HOSTILE = '<b>&"\'{{ site_url }}{% now "Y" %}</b>\\1\\g<0>'
TEMPLATE = "interest/letters/erased_notice"


@pytest.fixture
def edition():
    return make_edition(title="Workshop", contact_email="chairs@example.org")


def _cast(edition) -> Mould:
    context = {name: blank(name) for name in ("reference", "state")}
    return Mould(TEMPLATE, edition=edition, to_name=blank("to_name"), context=context)


@pytest.mark.parametrize("words", ["Ada", HOSTILE, "  two\n lines ", "a blank"])
def test_each_letter_is_what_the_templates_say(edition, words):
    words = blank("state") if words == "a blank" else words
    context = {"reference": words, "state": f"{words}!"}

    filled = _cast(edition).fill(context | {"to_name": words})

    assert filled == words_from(TEMPLATE, edition=edition, to_name=words, context=context)


def test_one_letter_leaves_nothing_to_the_next(edition):
    mould = _cast(edition)

    letters = [
        mould.fill({"reference": name, "state": "x", "to_name": name}) for name in ("A1", "B2")
    ]

    assert ["A1" in " ".join(letter) for letter in letters] == [True, False]
    assert ["B2" in " ".join(letter) for letter in letters] == [False, True]


def test_a_subject_keeps_its_length_whatever_is_filled_in(edition):
    filled = _cast(edition).fill({"reference": "x" * 400, "state": "x", "to_name": "Ada"})

    assert isinstance(filled, Written)
    assert len(filled.subject) == 300


def test_a_blank_without_a_value_is_a_fault(edition):
    with pytest.raises(KeyError):
        _cast(edition).fill({"reference": "R7K"})
