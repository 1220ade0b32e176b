import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from apps.editions.models import Edition
from tests.factories import make_current_edition, make_edition


@pytest.mark.django_db
def test_only_one_edition_stands_at_the_root():
    make_current_edition()

    with pytest.raises(IntegrityError):
        make_current_edition()


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["admin", "accounts", "privacy", "media", "static"])
def test_an_edition_cannot_take_a_routed_word(word):
    edition = Edition(slug=word, year=2024, title="Taken")

    with pytest.raises(ValidationError, match="is an address of the site itself"):
        edition.full_clean()


@pytest.mark.django_db
def test_a_draft_cannot_stand_at_the_root():
    with pytest.raises(IntegrityError):
        make_edition(state="draft", is_current=True)
