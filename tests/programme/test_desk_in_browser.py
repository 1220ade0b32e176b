"""The programme on the desk as a browser and axe see it."""

import pytest

from apps.programme.models import Contributor
from tests.browser import violations
from tests.conftest import session_of
from tests.factories import (
    make_contribution,
    make_current_edition,
    make_room,
    make_session,
    make_slot,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_pages_of_the_programme_are_accessible_and_fit_a_phone(visitor, as_chair):
    edition = make_current_edition()
    lightning = make_session(edition, kind="lightning", room=make_room(edition))
    posters = make_session(edition, kind="posters", day=2, has_shifts=True)
    talk = make_contribution(edition, kind="lightning", title="A talk")
    Contributor.objects.create(contribution=talk, name="Ada Example")
    make_slot(lightning, talk)
    make_contribution(edition, kind="poster", title="A poster")
    overview = f"/admin/programme/session/programme/{edition.pk}/"
    pages = [
        overview,
        *(f"{overview}{page}/" for page in ("students", "corrections", "publish")),
        f"/admin/programme/session/{lightning.pk}/change/",
        f"/admin/programme/session/{lightning.pk}/move/",
        f"/admin/programme/session/{lightning.pk}/round/",
        f"/admin/programme/session/{posters.pk}/boards/",
        f"/admin/programme/contribution/{talk.pk}/change/",
    ]
    visit = visitor.open(overview, session=session_of(as_chair), may_be_measured=True, width=320)

    found = {}
    for path in pages:
        visit.go(path)
        found[path] = violations(visit.page)
    # The last of them has rows of several fields: all of a row can be pressed on a phone.
    last = visit.page.locator("#contributors-0 .order-button").last.bounding_box()

    assert {path: lines for path, lines in found.items() if lines} == {}
    assert last
    assert last["x"] + last["width"] <= 320
