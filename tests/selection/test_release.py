"""Draft letters of decisions, and their release: state and letter together, once."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.interest.models import ExpressionLetter
from apps.interest.services import correct_address, erase_expression, move, reply_deadline
from apps.interest.student.display import everything_about
from apps.interest.workflow import Action, Actor
from apps.mail.drafts import DraftStatus, discard_draft, edit_draft, hold
from apps.mail.models import Letter, LetterText
from apps.selection.decisions import (
    clear_decision,
    decide,
    draft_decision_letters,
    pending_decisions,
    release_decisions,
)
from apps.selection.models import PendingDecision
from tests.factories import make_edition, make_user
from tests.queries import count_queries
from tests.selection.conftest import make_decision

pytestmark = pytest.mark.django_db

DECISIONS = [
    ("accept", "talk", "accepted", "We offer you a lightning talk"),
    ("accept", "poster", "accepted", "We offer you a poster"),
    ("accept", "both", "accepted", "We offer you a lightning talk and a poster"),
    ("waitlist", "", "waitlisted", "You are on the waiting list"),
    ("decline", "", "declined", "Our decision"),
]


def make_draft(edition, by, verdict="decline", offer="", **fields) -> PendingDecision:
    decision = make_decision(edition, by, verdict, offer, **fields)
    draft_decision_letters(edition=edition)
    decision.refresh_from_db()
    return decision


def draft_letters() -> list[Letter]:
    return list(Letter.objects.filter(state="draft"))


def ready_keys(edition) -> list[str]:
    return [row.draft_key for row in pending_decisions(edition) if row.is_ready]


def edit(decision, subject="x", body="x"):
    token = decision.version_token
    edit_draft(draft=decision, token=token, subject=subject, body=body)


def status_of(edition) -> DraftStatus:
    (decision,) = pending_decisions(edition)
    return decision.status


# Drafts


def test_a_release_reads_each_expression_once(edition, decider):
    def count_release() -> int:
        seen = ready_keys(edition)
        return count_queries(lambda: release_decisions(edition=edition, seen=seen, by=decider))

    make_draft(edition, decider, "accept", "talk")
    with_one = count_release()
    for _ in range(3):
        make_draft(edition, decider, "accept", "talk")

    # Two that lock, five that write or look at one row, and two savepoints.
    assert count_release() - with_one <= 2 * 11


@pytest.mark.parametrize(("verdict", "offer", "state", "subject"), DECISIONS)
def test_a_decision_gets_the_draft_of_its_letter_once(
    edition, decider, verdict, offer, state, subject
):
    decision = make_decision(edition, decider, verdict, offer, title="Small models")

    counts = [draft_decision_letters(edition=edition) for _ in range(2)]

    (draft,) = draft_letters()
    decision.expression.refresh_from_db()
    assert (counts, status_of(edition)) == ([1, 0], DraftStatus.READY)
    assert draft.subject.startswith(f"{subject} ")
    assert "“Small models”" in draft.body_text
    assert ("[reply-by date]" in draft.body_text) == (verdict == "accept")
    assert draft.expression_link.expression == decision.expression
    assert decision.expression.state == "submitted"
    assert draft not in everything_about(decision.expression)["letters"]


def test_decisions_of_another_edition_get_no_draft(edition, decider):
    make_decision(make_edition(), decider)

    assert (draft_decision_letters(edition=edition), draft_letters()) == (0, [])


def test_a_corrected_expression_is_drafted_again_in_the_same_letter(edition, decider):
    decision = make_draft(edition, decider)
    correct_address(expression=decision.expression, email="new@example.net")
    assert status_of(edition) == DraftStatus.CHANGED

    count = draft_decision_letters(edition=edition)

    (draft,) = draft_letters()
    assert (count, draft.to_email, status_of(edition)) == (1, "new@example.net", "ready")


def test_a_new_text_of_the_edition_replaces_all_but_edited_drafts(edition, decider):
    edited, plain = make_draft(edition, decider), make_draft(edition, decider)
    edit(edited, subject="By hand", body="For {name}.")
    LetterText.objects.create(
        edition=edition, kind="interest/declined", subject="Anew", body="Anew for {name}."
    )
    statuses = {row.pk: row.status for row in pending_decisions(edition)}

    draft_decision_letters(edition=edition)

    assert statuses == {edited.pk: DraftStatus.READY, plain.pk: DraftStatus.REWORDED}
    assert sorted(draft.subject for draft in draft_letters()) == ["Anew", "By hand"]


def test_an_edited_draft_keeps_its_text_with_new_values(edition, decider):
    decision = make_draft(edition, decider, name="Ada Example")
    edit(decision, subject="Dear {name}", body="See https://example.org/ {title}")
    first = draft_letters()[0]
    decision.expression.name = "Ada Corrected"
    decision.expression.version += 1
    decision.expression.save()

    draft_decision_letters(edition=edition)

    (draft,) = draft_letters()
    assert (first.subject, draft.subject) == ("Dear Ada Example", "Dear Ada Corrected")
    assert draft.body_text.startswith("See https://example.org/ Expression")
    assert '<a href="https://example.org/">' in draft.body_html


def test_of_two_who_edit_the_same_draft_the_second_is_refused(edition, decider):
    decision = make_draft(edition, decider)
    token = decision.version_token
    edit_draft(draft=decision, token=token, subject="First", body="First.")

    with pytest.raises(ChangedMeanwhile):
        edit_draft(draft=decision, token=token, subject="Second", body="Second.")

    assert draft_letters()[0].subject == "First"


def test_a_discarded_letter_leaves_the_decision_pending(edition, decider):
    decision = make_draft(edition, decider)

    discard_draft(draft=decision, token=decision.version_token)

    for change in (
        lambda: discard_draft(draft=decision, token=decision.version_token),
        lambda: edit(decision),
    ):
        with pytest.raises(NotAllowed):
            change()
    assert (draft_letters(), status_of(edition)) == ([], DraftStatus.UNDRAFTED)
    assert Letter.objects.filter(kind="interest/declined", state="discarded").count() == 1
    draft_decision_letters(edition=edition)
    assert len(draft_letters()) == 1


@pytest.mark.parametrize("reversal", ["clear", "decide", "withdraw", "erase"])
def test_a_reversed_decision_discards_its_draft(edition, decider, reversal):
    expression = make_draft(edition, decider).expression

    match reversal:
        case "clear":
            clear_decision(expression=expression, by=decider)
        case "decide":
            decide(expression=expression, verdict="waitlist", by=decider)
        case "withdraw":
            move(expression=expression, action=Action.WITHDRAW, actor=Actor.STUDENT)
        case "erase":
            erase_expression(expression=expression)

    assert draft_letters() == []
    assert not Letter.objects.filter(kind="interest/declined", state="queued").exists()


def test_a_rehearsal_says_so_in_its_subject(edition, decider):
    make_draft(edition, decider, is_test=True)

    assert draft_letters()[0].subject.startswith("Test entry: Our decision")


# Release


@pytest.mark.parametrize(("verdict", "offer", "state", "subject"), DECISIONS)
def test_a_release_moves_the_expression_and_queues_the_letter_once(
    edition, decider, verdict, offer, state, subject
):
    expression = make_draft(edition, decider, verdict, offer).expression
    releaser = make_user("Chair", name="Rhea Releaser")
    seen = ready_keys(edition)

    first = release_decisions(edition=edition, seen=seen, by=releaser)
    second = release_decisions(edition=edition, seen=seen, by=releaser)

    expression.refresh_from_db()
    letter = expression.letter_links.exclude(letter__kind__in=["interest/receipt"])[0].letter
    event = expression.events.filter(is_for_chairs=False)[0]
    assert (first.released, first.refused, second.released, second.gone) == (1, [], 0, 1)
    assert (expression.state, expression.offer, expression.decided_by) == (state, offer, decider)
    assert (letter.state, letter.to_email) == ("queued", expression.email)
    assert letter.subject.startswith(f"{subject} ")
    assert letter.due_at <= timezone.now()
    assert not PendingDecision.objects.exists()
    assert (event.to_state, event.by) == (state, releaser)


def test_the_reply_by_date_in_the_letter_is_that_of_the_release(edition, decider):
    with time_machine.travel("2030-04-20T12:00:00Z"):
        expression = make_draft(edition, decider, "accept", "talk").expression
    with time_machine.travel("2030-04-23T23:30:00Z"):  # already the next day in London
        release_decisions(edition=edition, seen=ready_keys(edition), by=decider)

    expression.refresh_from_db()
    letter = Letter.objects.get(kind="interest/offer_talk")
    assert f"{expression.reply_by_on:%-d %B %Y}" == "4 May 2030"
    assert "by Saturday 4 May 2030 whether" in letter.body_text
    assert "by Saturday 4 May 2030 whether" in letter.body_html


def test_the_reply_by_date_is_counted_in_the_time_zone_of_the_edition(edition):
    edition.time_zone = "Australia/Sydney"

    with time_machine.travel("2030-04-20T20:00:00Z"):
        assert reply_deadline(edition) == timezone.now().date() + timedelta(days=11)


def test_a_held_decision_is_not_released(edition, decider):
    decision = make_draft(edition, decider)
    seen = ready_keys(edition)
    hold(draft=decision, is_held=True)

    first = release_decisions(edition=edition, seen=seen, by=decider)
    keys_while_held = ready_keys(edition)
    hold(draft=decision, is_held=False)
    second = release_decisions(edition=edition, seen=seen, by=decider)

    assert (first.released, first.held, keys_while_held, second.released) == (0, 1, [], 1)
    with pytest.raises(NotAllowed):
        hold(draft=decision, is_held=True)


def _correct(decision, decider):
    correct_address(expression=decision.expression, email="new@example.net")


def _edit(decision, decider):
    edit(decision)


def _discard(decision, decider):
    discard_draft(draft=decision, token=decision.version_token)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_correct, "changed since it was drafted: draft it again."),
        (_edit, "the draft has changed since you opened the page."),
        (_discard, "no email yet: draft it again."),
    ],
)
def test_a_draft_changed_since_it_was_read_is_refused_by_name(edition, decider, change, reason):
    decision = make_draft(edition, decider, name="Ada Example", reference="R7K2QD")
    seen = ready_keys(edition)
    change(decision, decider)

    report = release_decisions(edition=edition, seen=seen, by=decider)

    assert (report.released, report.refused) == (0, [f"R7K-2QD, Ada Example: {reason}"])
    assert PendingDecision.objects.count() == 1


def test_another_decision_made_since_is_not_released(edition, decider):
    decision = make_draft(edition, decider)
    seen = ready_keys(edition)
    decide(expression=decision.expression, verdict="accept", offer="talk", by=decider)
    draft_decision_letters(edition=edition)

    report = release_decisions(edition=edition, seen=seen, by=decider)

    assert (report.released, report.gone + len(report.refused)) == (0, 1)
    assert PendingDecision.objects.get().verdict == "accept"


@pytest.mark.parametrize("key", ["", "-", "x", "1-x", "²-x", "9" * 30, "99999999-20300101"])
def test_an_invented_key_releases_nothing(edition, decider, key):
    make_draft(edition, decider)

    assert release_decisions(edition=edition, seen=[key], by=decider).released == 0
    assert PendingDecision.objects.count() == 1


def test_decisions_of_another_edition_are_not_released(edition, decider):
    make_draft(edition, decider)

    report = release_decisions(edition=make_edition(), seen=ready_keys(edition), by=decider)

    assert (report.released, report.gone, PendingDecision.objects.count()) == (0, 1, 1)


def test_a_letter_that_cannot_be_written_moves_nothing(edition, decider, monkeypatch):
    expression = make_draft(edition, decider).expression
    seen = ready_keys(edition)
    monkeypatch.setattr(PendingDecision, "build_letter", lambda self: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        release_decisions(edition=edition, seen=seen, by=decider)

    expression.refresh_from_db()
    assert (expression.state, PendingDecision.objects.count()) == ("submitted", 1)
    assert len(draft_letters()) == 1


def test_a_student_with_two_expressions_gets_a_letter_about_each(edition, decider):
    for title in ("One", "Two"):
        make_draft(edition, decider, email="ada@example.org", title=title)

    release_decisions(edition=edition, seen=ready_keys(edition), by=decider)

    letters = Letter.objects.filter(to_email="ada@example.org", kind="interest/declined")
    assert sorted("“One”" in letter.body_text for letter in letters) == [False, True]
    assert ExpressionLetter.objects.filter(letter__in=letters).count() == 2
