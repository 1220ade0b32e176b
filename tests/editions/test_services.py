import pytest

from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.editions.services import (
    archive_edition,
    make_edition_current,
    publish_edition,
    unpublish_edition,
)
from tests.factories import make_current_edition, make_edition

pytestmark = pytest.mark.django_db


def _standing(*editions: Edition) -> list[tuple[str, bool]]:
    rows = {row.pk: (row.state, row.is_current) for row in Edition.objects.all()}
    return [rows[edition.pk] for edition in editions]


def test_publishing_twice_is_publishing_once():
    edition = make_edition(state="draft")

    publish_edition(edition=edition)
    publish_edition(edition=edition)

    assert _standing(edition) == [("published", False)]
    assert edition.history.count() == 2, "made, and published once"


def test_the_new_current_edition_takes_the_place_of_the_old_one():
    old, new = make_current_edition(), make_edition(state="draft")

    make_edition_current(edition=new)

    assert _standing(old, new) == [("published", False), ("published", True)]


def test_the_archived_edition_may_stay_at_the_root_until_there_is_a_new_one():
    edition = make_current_edition()

    archive_edition(edition=edition)

    assert _standing(edition) == [("archived", True)]


def test_a_draft_cannot_be_archived():
    with pytest.raises(NotAllowed, match="Publish it first"):
        archive_edition(edition=make_edition(state="draft"))


def test_the_current_edition_cannot_go_back_to_draft():
    with pytest.raises(NotAllowed, match="is the site's home page"):
        unpublish_edition(edition=make_current_edition())
