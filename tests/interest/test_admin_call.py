"""The call on the page of the edition: its dates, its questions, and links for late people."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.utils import timezone

from apps.core.tokens import hash_token
from apps.editions.models import Call
from apps.interest.models import AccessLink, Question
from tests.factories import make_call, make_current_edition, make_expression, make_question
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

LINKS = "/admin/interest/accesslink/"


@pytest.fixture
def edition():
    return make_current_edition(slug="2024", time_zone="Europe/London")


def _path(edition) -> str:
    return f"/admin/editions/edition/{edition.pk}/call/"


def _save(client, edition, **changes):
    """Send the page of the edition as a browser would, with `changes`; None clears a checkbox."""
    context = client.get(_path(edition)).context
    formsets = [inline.formset for inline in context["inline_admin_formsets"]]
    forms = [context["adminform"].form]
    forms += [form for formset in formsets for form in [formset.management_form, *formset.forms]]
    values = {bound.html_name: bound.value() for form in forms for bound in form}
    data = {
        name: value for name, value in values.items() if value is not None and value is not False
    }
    data = {name: value for name, value in (data | changes).items() if value is not None}
    return client.post(_path(edition), data)


def test_a_call_is_created_on_the_page_of_the_edition(as_editor, edition):
    fields = {
        "text": "Send us **words**.",
        "opens_on": "2198-05-01",
        "opens_time": "09:00",
        "closes_on": "2199-06-01",
        "closes_time": "17:00",
        "offers_talks": "on",
        "talk_minutes": "3",
        "offers_posters": None,
        "abstract_words": "200",
        "notice": "daily",
        "reply_days": "7",
        "remind_days": "2",
    }
    data = {f"call-0-{name}": value for name, value in fields.items()}

    response = _save(as_editor, edition, **data, **{"call-TOTAL_FORMS": "1"})

    assert response.status_code == 302
    call = Call.objects.get()
    assert (call.edition, call.text, call.abstract_words) == (edition, "Send us **words**.", 200)
    assert (call.offers_posters, call.notice, call.status) == (False, "daily", "before")
    page = as_editor.get(_path(edition)).content.decode()
    assert "Opens 1 May 2198, 09:00 BST" in page


def test_an_open_ended_call_is_closed_with_both_dates(as_editor, edition):
    call = make_call(edition, opens_on=None, closes_on=None, is_open_ended=True)
    change = {"call-0-is_open_ended": "", "call-0-closes_on": "2199-05-01"}

    before = as_editor.get(_path(edition)).content.decode()
    refused = _save(as_editor, edition, **change).content.decode()
    saved = _save(as_editor, edition, **change, **{"call-0-opens_on": "2020-01-01"})

    assert "Open until further notice" in before
    assert "Enter the opening day, too." in refused
    assert saved.status_code == 302
    call.refresh_from_db()
    assert (call.is_open_ended, call.status) == (False, "open")


def test_errors_of_calls_and_questions_are_shown(as_editor, edition):
    make_call(edition)
    make_question(edition)

    data = {"call-0-opens_on": "2200-01-01", "questions-0-kind": "choice"}
    page = _save(as_editor, edition, **data).content.decode()

    assert "must not close before it opens" in page
    assert "Give the answers to choose from, one per line." in page


def test_the_page_links_to_the_form_and_for_chairs_to_access_links(as_chair, as_editor, edition):
    make_call(edition, opens_on="2198-01-01")

    for_chairs, for_editors = (
        client.get(_path(edition)).content.decode() for client in (as_chair, as_editor)
    )

    for page in (for_chairs, for_editors):
        assert '<a href="/2024/interest/">Test the form</a>' in page
    assert f"{LINKS}add/?edition={edition.pk}" in for_chairs
    assert "/admin/interest/" not in for_editors


def test_an_open_form_is_viewed_and_not_tested_as_it_stores_real_entries(as_editor, edition):
    make_call(edition)

    page = as_editor.get(_path(edition)).content.decode()

    assert '<a href="/2024/interest/">View the form</a>' in page
    assert "Test the form" not in page


def test_a_question_is_changed_and_deleted_while_it_has_no_answer(as_editor, edition):
    question = make_question(edition, label="Old words?")

    _save(as_editor, edition, **{"questions-0-label": "New words?"})
    question.refresh_from_db()
    assert question.label == "New words?"

    expression = make_expression(edition, answers={question: "a very private answer"})
    page = _save(as_editor, edition, **{"questions-0-DELETE": "on"}).content.decode()
    assert "was answered already, so it stays" in page
    assert "a very private answer" not in page
    assert Question.objects.count() == 1

    expression.answers.all().delete()
    _save(as_editor, edition, **{"questions-0-DELETE": "on"})
    assert Question.objects.count() == 0


def _link_form(edition, **changes) -> dict:
    soon = timezone.localtime() + timedelta(days=3)
    return {
        "edition": edition.pk,
        "for_whom": "Ada <b>Late</b>, ada.late@example.net",
        "expires_at_0": soon.date().isoformat(),
        "expires_at_1": "12:00",
    } | changes


def test_an_access_link_is_shown_once_and_stored_as_a_hash(as_chair, settings, edition):
    settings.SITE_URL = "https://workshop.example"

    response = as_chair.post(f"{LINKS}add/", _link_form(edition))
    page = response.content.decode()
    session = Session.objects.get().get_decoded()
    later = as_chair.get(LINKS).content.decode()

    start = page.index("https://workshop.example/2024/interest/let-in/")
    url = page[start:].split("/</strong>")[0]
    link = AccessLink.objects.get()
    assert link.token_hash == hash_token(url.rsplit("/", 1)[1])
    assert (link.edition, link.is_open) == (edition, True)
    assert "no-store" in response["Cache-Control"]
    assert "let-in" not in str(session) + later
    assert "<b>Late" not in page + later
    entry = LogEntry.objects.get()
    assert entry.object_repr == f"Late access to {edition.year}"
    assert "@" not in entry.change_message


def test_an_access_link_cannot_expire_in_the_past(as_chair, edition):
    data = _link_form(edition, expires_at_0="2001-01-01")

    page = as_chair.post(f"{LINKS}add/", data).content.decode()

    assert "Enter a time in the future." in page
    assert AccessLink.objects.count() == 0


def test_access_links_are_revoked_and_never_deleted(as_chair, edition):
    as_chair.post(f"{LINKS}add/", _link_form(edition))
    link = AccessLink.objects.get()

    for count in (1, 0):
        data = {"action": "end", "_selected_action": [link.pk]}
        page = as_chair.post(LINKS, data, follow=True).content.decode()
        assert f"Links ended: {count}." in page
    link.refresh_from_db()
    assert not link.is_open
    assert as_chair.post(f"{LINKS}{link.pk}/delete/", {"post": "yes"}).status_code == 403


def test_only_chairs_create_access_links(as_editor, as_reviewer, as_helpdesk, as_stranger, edition):
    for client in (as_editor, as_reviewer, as_helpdesk):
        assert client.get(LINKS).status_code == 403
        assert client.post(f"{LINKS}add/", _link_form(edition)).status_code == 403
    assert as_stranger.post(f"{LINKS}add/", _link_form(edition)).status_code == 302
    assert AccessLink.objects.count() == 0


def test_the_list_of_links_costs_the_same_queries_with_one_and_with_three(as_chair, edition):
    def cost_of_one_more() -> int:
        expires_at = timezone.now() + timedelta(days=1)
        AccessLink.mint(expires_at=expires_at, edition=edition, for_whom="Ada")
        return count_queries(lambda: as_chair.get(LINKS))

    costs = [cost_of_one_more() for _ in range(3)]

    assert costs[0] == costs[2] <= 8
