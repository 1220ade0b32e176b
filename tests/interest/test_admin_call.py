"""The call on the edition's page: its words, its questions, and links for late persons."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.utils import timezone

from apps.core.tokens import hash_token
from apps.editions.models import Call
from apps.interest.models import AccessLink, Question
from tests.factories import (
    make_call,
    make_current_edition,
    make_expression,
    make_question,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

LINKS = "/admin/interest/accesslink/"


def _page(edition) -> str:
    return f"/admin/editions/edition/{edition.pk}/change/"


def _form(client, edition, **changes) -> dict:
    """What the browser would send back of the edition's page, with `changes`."""
    context = client.get(_page(edition)).context
    formsets = [inline.formset for inline in context["inline_admin_formsets"]]
    forms = [context["adminform"].form]
    forms += [form for formset in formsets for form in [formset.management_form, *formset.forms]]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = value
    return data | changes


def test_a_call_is_written_and_dated_on_the_editions_page(as_editor):
    edition = make_current_edition(time_zone="Europe/London")
    data = {
        "call-TOTAL_FORMS": "1",
        "call-0-text": "Send us **words**.",
        "call-0-opens_on": "2198-05-01",
        "call-0-opens_time": "09:00",
        "call-0-closes_on": "2199-06-01",
        "call-0-closes_time": "17:00",
        "call-0-offers_talks": "on",
        "call-0-talk_minutes": "3",
        "call-0-abstract_words": "200",
        "call-0-notice": "daily",
        "call-0-reply_days": "7",
        "call-0-remind_days": "2",
    }

    response = as_editor.post(_page(edition), _form(as_editor, edition, **data))

    assert response.status_code == 302
    call = Call.objects.get()
    assert (call.edition, call.text, call.abstract_words) == (edition, "Send us **words**.", 200)
    assert (call.offers_posters, call.notice, call.status) == (False, "daily", "before")
    page = as_editor.get(_page(edition)).content.decode()
    assert "Not open yet: opens 1 May 2198, 09:00 BST" in page


def test_a_call_that_closes_before_it_opens_is_refused_in_words(as_editor):
    edition = make_current_edition()
    make_call(edition)

    data = _form(as_editor, edition, **{"call-0-opens_on": "2200-01-01"})
    page = as_editor.post(_page(edition), data).content.decode()

    assert "must not close before it opens" in page


def test_the_page_leads_to_the_form_the_list_and_a_late_persons_link(as_chair, as_editor):
    edition = make_current_edition(slug="2024")
    make_call(edition)

    as_chairs_see = as_chair.get(_page(edition)).content.decode()
    as_editors_see = as_editor.get(_page(edition)).content.decode()

    for page in (as_chairs_see, as_editors_see):
        assert '<a href="/2024/interest/">Rehearse its form</a>' in page
    assert f"{LINKS}add/?edition={edition.pk}" in as_chairs_see
    assert "/admin/interest/" not in as_editors_see


def test_questions_are_asked_reworded_and_taken_away(as_editor):
    edition = make_current_edition()
    question = make_question(edition, words="Old words?")

    data = _form(as_editor, edition, **{"questions-0-words": "New words?"})
    as_editor.post(_page(edition), data)
    question.refresh_from_db()
    reworded = question.words
    data = _form(as_editor, edition, **{"questions-0-DELETE": "on"})
    as_editor.post(_page(edition), data)

    assert reworded == "New words?"
    assert Question.objects.count() == 0


def test_a_choice_without_answers_to_choose_from_is_refused(as_editor):
    edition = make_current_edition()
    make_question(edition)

    data = _form(as_editor, edition, **{"questions-0-kind": "choice"})
    page = as_editor.post(_page(edition), data).content.decode()

    assert "Give the answers to choose from, one per line." in page


def test_an_answered_question_stays_and_the_refusal_tells_no_answer(as_editor):
    edition = make_current_edition()
    question = make_question(edition)
    make_expression(edition, answers={question: "a very private answer"})

    data = _form(as_editor, edition, **{"questions-0-DELETE": "on"})
    page = as_editor.post(_page(edition), data).content.decode()

    assert "was answered already, so it stays" in page
    assert "a very private answer" not in page
    assert Question.objects.count() == 1


def _sent(edition, **changes) -> dict:
    soon = timezone.localtime() + timedelta(days=3)
    return {
        "edition": edition.pk,
        "for_whom": "Ada <b>Late</b>, ada.late@example.net",
        "expires_at_0": soon.date().isoformat(),
        "expires_at_1": "12:00",
    } | changes


def test_a_late_persons_link_is_shown_once_and_kept_only_as_a_hash(as_chair, settings):
    settings.SITE_URL = "https://workshop.example"
    edition = make_current_edition(slug="2024")

    response = as_chair.post(f"{LINKS}add/", _sent(edition))
    page = response.content.decode()
    kept = Session.objects.get().get_decoded()
    later = as_chair.get(LINKS).content.decode()

    start = page.index("https://workshop.example/2024/interest/let-in/")
    address = page[start:].split("/</strong>")[0]
    link = AccessLink.objects.get()
    assert link.token_hash == hash_token(address.rsplit("/", 1)[1])
    assert link.edition == edition
    assert link.is_open
    assert "no-store" in response["Cache-Control"]
    assert "let-in" not in str(kept)
    assert "let-in" not in later
    assert "<b>Late" not in page + later
    assert "open" in later
    entry = LogEntry.objects.get()
    assert (entry.object_repr, "@" in entry.change_message) == (
        f"Late access to {edition.year}",
        False,
    )


def test_a_link_that_has_expired_already_is_not_made(as_chair):
    edition = make_current_edition()

    page = as_chair.post(f"{LINKS}add/", _sent(edition, expires_at_0="2001-01-01")).content.decode()

    assert "Enter a moment that is still to come." in page
    assert AccessLink.objects.count() == 0


def test_a_link_is_ended_and_stays_on_record(as_chair):
    edition = make_current_edition()
    as_chair.post(f"{LINKS}add/", _sent(edition))
    link = AccessLink.objects.get()

    chosen = {"action": "end", "_selected_action": [link.pk]}
    said = as_chair.post(LINKS, chosen, follow=True).content.decode()
    again = as_chair.post(LINKS, chosen, follow=True).content.decode()

    assert "Links that no longer let anybody in: 1." in said
    assert "Links that no longer let anybody in: 0." in again
    link.refresh_from_db()
    assert not link.is_open
    assert as_chair.post(f"{LINKS}{link.pk}/delete/", {"post": "yes"}).status_code == 403


def test_only_chairs_let_late_persons_in(as_editor, as_reviewer, as_helpdesk, as_stranger):
    edition = make_current_edition()

    for who in (as_editor, as_reviewer, as_helpdesk):
        assert who.get(LINKS).status_code == 403
        assert who.post(f"{LINKS}add/", _sent(edition)).status_code == 403
    assert as_stranger.post(f"{LINKS}add/", _sent(edition)).status_code == 302
    assert AccessLink.objects.count() == 0


def test_the_list_of_links_costs_the_same_queries_with_one_and_with_three(as_chair):
    edition = make_current_edition()

    def cost_of_one_more() -> int:
        expires_at = timezone.now() + timedelta(days=1)
        AccessLink.mint(expires_at=expires_at, edition=edition, for_whom="Ada")
        return count_queries(lambda: as_chair.get(LINKS))

    costs = [cost_of_one_more() for _ in range(3)]

    assert costs[0] == costs[2] <= 8
