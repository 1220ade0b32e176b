"""The pages of the selection are for chairs only, each with its methods."""

import pytest

from apps.interest.models import Expression
from apps.mail.models import Letter, Mailing
from apps.selection.decisions import draft_decision_letters
from apps.selection.models import PendingDecision
from tests.factories import make_expression
from tests.selection.conftest import make_decision

pytestmark = pytest.mark.django_db

PAGES = {
    "board/{edition}/": {"GET"},
    "board/{edition}/decide/": {"POST"},
    "board/{edition}/bulk/": {"POST"},
    "board/{edition}/bulk/decide/": {"POST"},
    "release/{edition}/": {"GET"},
    "release/{edition}/draft/": {"POST"},
    "release/{edition}/now/": {"GET", "POST"},
    "release/{edition}/{draft}/": {"GET", "POST"},
    "release/{edition}/{draft}/hold/": {"POST"},
    "release/{edition}/{draft}/discard/": {"POST"},
    "texts/{edition}/": {"GET"},
    "texts/{edition}/interest/declined/": {"GET", "POST"},
    "waiting-list/{edition}/": {"GET"},
    "lapse/{edition}/": {"GET", "POST"},
    "expressions/{waiting}/offer/": {"POST"},
    "write/?edition__id__exact={edition}": {"GET", "POST"},
}


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_for_chairs_and_have_their_methods(
    client, as_stranger, as_reviewer, as_editor, as_helpdesk, as_chair, edition, page
):
    decision = make_decision(edition, name="Ada Secret")
    draft_decision_letters(edition=edition)
    waiting = make_expression(edition, state="waitlisted")
    path = "/admin/selection/" + page.format(
        edition=edition.pk, draft=decision.pk, waiting=waiting.pk
    )
    data = {
        "press": f"{waiting.pk}:1:talk",
        "choice": "clear",
        "rows": "1:1",
        "seen": decision.draft_key,
        "offer": "talk",
        "send": "1",
        "save": "1",
        "subject": "x",
        "body": "x",
    }

    for who in (client, as_stranger, as_reviewer, as_editor, as_helpdesk):
        is_staff = who not in (client, as_stranger)
        for method, answer in (("GET", who.get(path)), ("POST", who.post(path, data))):
            status = (403 if method in PAGES[page] else 405) if is_staff else 302
            assert answer.status_code == status, (page, method)
            assert "Ada Secret" not in answer.content.decode()
    assert as_chair.get(path).status_code == (200 if "GET" in PAGES[page] else 405)
    if "POST" not in PAGES[page]:
        assert as_chair.post(path).status_code == 405
    assert set(Expression.objects.values_list("state", flat=True)) == {"submitted", "waitlisted"}
    assert PendingDecision.objects.filter(is_held=False).count() == 1
    assert Letter.objects.filter(state="draft").count() == 1
    assert Mailing.objects.count() == 0
