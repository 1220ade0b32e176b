import pytest

from apps.editions.models import Edition
from apps.selection.decisions import decide
from apps.selection.models import PendingDecision
from tests.factories import make_call, make_edition, make_expression, make_user


@pytest.fixture
def edition() -> Edition:
    edition = make_edition(title="Workshop", contact_email="chairs@example.org")
    make_call(edition, reply_days=10)
    return edition


@pytest.fixture
def decider():
    return make_user("Chair", name="Dana Decider")


def make_decision(edition, by=None, verdict="decline", offer="", **fields) -> PendingDecision:
    """A pending decision about a new expression."""
    expression = make_expression(edition, **fields)
    by = by or make_user("Chair", name="Dana Decider")
    return decide(expression=expression, verdict=verdict, offer=offer, by=by)
