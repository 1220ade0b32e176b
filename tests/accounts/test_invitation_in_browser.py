"""An invitation accepted in a real browser, whose headers no test client imitates."""

import pytest

from apps.accounts.models import User
from apps.accounts.services import invitation_path, invite

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False])
def test_the_form_is_accepted_and_its_secret_address_told_to_nobody(visitor, live_server, scripts):
    _, link = invite(email="new@example.org", role="Editor", by=None)
    token = link.rstrip("/").rsplit("/", 1)[1]
    visit = visitor.open(invitation_path(token), scripts=scripts)
    referers: list[str] = []
    visit.page.on("request", lambda request: referers.append(request.headers.get("referer", "")))

    visit.page.fill("#id_name", "Nia New")
    visit.page.fill("#id_password", "several words to remember")
    visit.page.fill("#id_again", "several words to remember")
    visit.page.click("form.form button[type=submit]")
    visit.page.wait_for_url(live_server.url + "/admin/")

    assert User.objects.get().name == "Nia New"
    assert len(referers) > 1
    assert [referer for referer in referers if token in referer] == []
    assert visit.faults == []


def test_each_problem_of_the_form_has_a_line_of_its_own(visitor):
    _, link = invite(email="new@example.org", role="Editor", by=None)
    visit = visitor.open(invitation_path(link.rstrip("/").rsplit("/", 1)[1]), width=320)

    visit.page.click("form.form button[type=submit]")
    problems = visit.page.locator(".error-summary li")
    problems.first.wait_for()
    tops = [box["y"] for box in (item.bounding_box() for item in problems.all()) if box]

    assert len(tops) == 3
    assert tops == sorted(set(tops))
