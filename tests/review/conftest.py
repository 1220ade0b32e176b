"""An edition with an open call, and a reviewer in it."""

import pytest

from tests.factories import make_call, make_current_edition, make_reviewer


@pytest.fixture
def edition():
    edition = make_current_edition(title="Workshop on Reviews", year=2030)
    make_call(edition)
    return edition


@pytest.fixture
def rena(edition, reviewer):
    return make_reviewer(edition, reviewer)
