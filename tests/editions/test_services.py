"""States of an edition."""

import pytest

from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.editions.services import (
    archive_edition,
    publish_edition,
    unpublish_edition,
)
from tests.factories import make_current_edition, make_edition

pytestmark = pytest.mark.django_db


def _states() -> dict[str, tuple[str, bool]]:
    return {row.slug: (row.state, row.is_current) for row in Edition.objects.all()}


def test_publishing_twice_has_no_further_effect():
    edition = make_edition(slug="2024", state="draft")

    publish_edition(edition=edition)
    publish_edition(edition=edition)

    assert _states() == {"2024": ("published", False)}
    assert edition.history.count() == 2


def test_an_archived_edition_may_stay_the_home_page():
    archive_edition(edition=make_current_edition(slug="2024"))

    assert _states() == {"2024": ("archived", True)}


def test_a_draft_is_not_archived_and_the_home_page_does_not_become_a_draft():
    with pytest.raises(NotAllowed, match="Publish it first"):
        archive_edition(edition=make_edition(state="draft"))
    with pytest.raises(NotAllowed, match="is the site's home page"):
        unpublish_edition(edition=make_current_edition())
