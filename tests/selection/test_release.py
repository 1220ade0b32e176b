"""Drafts of decision letters and their release: one letter per decision, state and letter together."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.core.exceptions import ChangedMeanwhile
from apps.interest.models import ExpressionLetter
from apps.interest.services import correct_address, erase_expression, move, reply_by_on
from apps.interest.student.data import everything_about
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter, LetterText
from apps.selection.decisions import decide, take_back
from apps.selection.drafts import (
    NoDraft,
    Standing,
    discard_letter,
    draft_letters,
    edit_draft,
    hold,
    pending_of,
)
from apps.selection.models import PendingDecision
from apps.selection.release import NotReleased, ready_of, release, release_one
from tests.factories import make_call, make_edition, make_expression, make_user

pytestmark = pytest.mark.django_db

DECISIONS = [
    ("accept", "talk", "accepted", "We offer you a lightning talk"),
    ("accept", "poster", "accepted", "We offer you a poster"),
    ("accept", "both", "accepted", "We offer you a lightning talk and a poster"),
    ("waitlist", "", "waitlisted", "You are on the waiting list"),
    ("decline", "", "declined", "Our decision"),
]


@pytest.fixture
def edition():
    edition = make_edition(title="Workshop", contact_email="chairs@example.org")
    make_call(edition, reply_days=10)
    return edition


@pytest.fixture
def decider():
    return make_user("Chair", name="Dana Decider")


def decided(edition, by, verdict="decline", offer="", **fields) -> PendingDecision:
    expression = make_expression(edition, **fields)
    Letter.objects.all().delete()
    return decide(expression=expression, verdict=verdict, offer=offer, by=by)


def drafts() -> list[Letter]:
    return list(Letter.objects.filter(state="draft"))


def one(edition) -> PendingDecision:
    return pending_of(edition).get()


# Drafting


@pytest.mark.parametrize(("verdict", "offer", "state", "subject"), DECISIONS)
def test_a_decision_becomes_the_draft_of_its_letter(
    edition, decider, verdict, offer, state, subject
):
    pending = decided(edition, decider, verdict, offer, title="Small models")

    outcome = draft_letters(edition=edition)

    (draft,) = drafts()
    assert (outcome.count, outcome.left) == (1, 0)
    assert draft.subject.startswith(f"{subject} ")
    assert "“Small models”" in draft.body_text
    assert draft.expression_link.expression == pending.expression
    assert ("[reply-by date]" in draft.body_text) == (verdict == "accept")
    assert one(edition).standing == Standing.READY
    pending.expression.refresh_from_db()
    assert pending.expression.state == "submitted"


def test_drafting_again_writes_nothing_again(edition, decider):
    decided(edition, decider)
    draft_letters(edition=edition)

    outcome = draft_letters(edition=edition)

    assert (outcome.count, len(drafts())) == (0, 1)


def test_of_another_edition_nothing_is_drafted(edition, decider):
    decided(make_edition(), decider)

    assert draft_letters(edition=edition).count == 0
    assert drafts() == []


def test_drafting_that_takes_long_goes_on_with_the_next_call(edition, decider):
    for _ in range(3):
        decided(edition, decider)

    first = draft_letters(edition=edition, seconds=0)
    second = draft_letters(edition=edition)

    assert (first.count, first.left) == (1, 2)
    assert (second.count, second.left) == (2, 0)
    assert Letter.objects.filter(state="draft").count() == 3


def test_what_was_corrected_is_drafted_anew_in_the_same_letter(edition, decider):
    pending = decided(edition, decider)
    draft_letters(edition=edition)
    correct_address(expression=pending.expression, email="new@example.net")
    assert one(edition).standing == Standing.CHANGED

    outcome = draft_letters(edition=edition)

    (draft,) = drafts()
    assert (outcome.count, draft.to_email, one(edition).standing) == (1, "new@example.net", "ready")


def test_another_text_of_the_edition_is_taken_up_by_those_not_edited(edition, decider):
    edited, plain = decided(edition, decider), decided(edition, decider)
    draft_letters(edition=edition)
    edited.refresh_from_db()
    edit_draft(pending=edited, stamp=edited.draft_stamp, subject="By hand", body="For {name}.")
    LetterText.objects.create(
        edition=edition, kind="interest/declined", subject="Anew", body="Anew for {name}."
    )
    standings = dict(pending_of(edition).values_list("pk", "standing"))
    assert standings == {edited.pk: Standing.READY, plain.pk: Standing.REWORDED}

    draft_letters(edition=edition)

    assert sorted(draft.subject for draft in drafts()) == ["Anew", "By hand"]


# One draft


def test_a_draft_has_words_of_its_own(edition, decider):
    pending = decided(edition, decider, name="Ada Example")
    draft_letters(edition=edition)
    pending.refresh_from_db()

    edit_draft(
        pending=pending,
        stamp=pending.draft_stamp,
        subject="Dear {name}",
        body="See https://example.org/ {title}",
    )

    (draft,) = drafts()
    assert draft.subject == "Dear Ada Example"
    assert draft.body_text.startswith("See https://example.org/ Expression")
    assert '<a href="https://example.org/">' in draft.body_html
    assert one(edition).is_edited


def test_words_of_ones_own_are_kept_when_it_is_drafted_anew(edition, decider):
    pending = decided(edition, decider, name="Ada Example")
    draft_letters(edition=edition)
    pending.refresh_from_db()
    edit_draft(pending=pending, stamp=pending.draft_stamp, subject="x", body="To {name}.")
    pending.expression.name = "Ada Corrected"
    pending.expression.version += 1
    pending.expression.save()

    draft_letters(edition=edition)

    (draft,) = drafts()
    assert draft.body_text.startswith("To Ada Corrected.")


def test_of_two_who_edit_the_same_draft_the_second_is_told(edition, decider):
    pending = decided(edition, decider)
    draft_letters(edition=edition)
    pending.refresh_from_db()
    stamp = pending.draft_stamp
    edit_draft(pending=pending, stamp=stamp, subject="First", body="First.")

    with pytest.raises(ChangedMeanwhile):
        edit_draft(pending=pending, stamp=stamp, subject="Second", body="Second.")

    assert drafts()[0].subject == "First"


def test_a_discarded_letter_leaves_the_decision_pending(edition, decider):
    pending = decided(edition, decider)
    draft_letters(edition=edition)

    assert discard_letter(pending=pending) is True
    assert discard_letter(pending=pending) is False
    with pytest.raises(NoDraft):
        edit_draft(pending=pending, stamp="x", subject="x", body="x")

    assert (drafts(), one(edition).standing) == ([], Standing.UNDRAFTED)
    assert Letter.objects.get().state == "discarded"
    draft_letters(edition=edition)
    assert len(drafts()) == 1


@pytest.mark.parametrize("reversal", ["take_back", "decide", "withdraw", "erase"])
def test_reversing_a_decision_discards_its_unsent_letter(edition, decider, reversal):
    pending = decided(edition, decider)
    draft_letters(edition=edition)
    expression = pending.expression

    match reversal:
        case "take_back":
            take_back(expression=expression, by=decider)
        case "decide":
            decide(expression=expression, verdict="waitlist", by=decider)
        case "withdraw":
            move(expression=expression, action=Action.WITHDRAW, actor=Actor.STUDENT)
        case "erase":
            erase_expression(expression=expression)

    assert drafts() == []
    assert not Letter.objects.filter(kind="interest/declined", state="queued").exists()


def test_the_student_never_sees_a_draft(edition, decider):
    pending = decided(edition, decider)
    draft_letters(edition=edition)

    assert everything_about(pending.expression)["letters"] == []


# The release


@pytest.mark.parametrize(("verdict", "offer", "state", "subject"), DECISIONS)
def test_a_release_moves_and_writes_at_once(edition, decider, verdict, offer, state, subject):
    pending = decided(edition, decider, verdict, offer)
    draft_letters(edition=edition)
    releaser = make_user("Chair", name="Rhea Releaser")

    report = release(edition=edition, seen=ready_of(edition), by=releaser)

    expression = pending.expression
    expression.refresh_from_db()
    letter = Letter.objects.get()
    assert (report.released, report.refused, report.left) == (1, [], [])
    assert (expression.state, expression.offer, expression.decided_by) == (state, offer, decider)
    assert (letter.state, letter.to_email) == ("queued", expression.email)
    assert letter.subject.startswith(f"{subject} ")
    assert letter.due_at <= timezone.now()
    assert not PendingDecision.objects.exists()
    told = expression.events.filter(is_for_chairs=False)[0]
    assert (told.to_state, told.by) == (state, releaser)


def test_the_reply_by_date_in_the_letter_is_that_of_the_offer(edition, decider):
    with time_machine.travel("2030-04-20T12:00:00Z"):
        pending = decided(edition, decider, "accept", "talk")
        draft_letters(edition=edition)
    with time_machine.travel("2030-04-23T23:30:00Z"):  # already the next day in London
        release(edition=edition, seen=ready_of(edition), by=decider)

    expression = pending.expression
    expression.refresh_from_db()
    letter = Letter.objects.get()
    assert f"{expression.reply_by_on:%-d %B %Y}" == "4 May 2030"
    assert "by Saturday 4 May 2030 whether" in letter.body_text
    assert "by Saturday 4 May 2030 whether" in letter.body_html


def test_released_twice_it_is_one_letter(edition, decider):
    decided(edition, decider)
    draft_letters(edition=edition)
    seen = ready_of(edition)
    release(edition=edition, seen=seen, by=decider)

    report = release(edition=edition, seen=seen, by=decider)

    assert (report.released, report.gone) == (0, 1)
    assert Letter.objects.count() == 1


def test_what_is_held_is_not_released_until_it_is_let_go(edition, decider):
    pending = decided(edition, decider)
    draft_letters(edition=edition)
    seen = ready_of(edition)
    hold(pending=pending, is_held=True)

    first = release(edition=edition, seen=seen, by=decider)
    not_offered = ready_of(edition)
    hold(pending=pending, is_held=False)
    second = release(edition=edition, seen=seen, by=decider)

    assert (first.released, first.held, not_offered, second.released) == (0, 1, [], 1)


def test_what_has_gone_cannot_be_held_back(edition, decider):
    pending = decided(edition, decider)
    draft_letters(edition=edition)
    release(edition=edition, seen=ready_of(edition), by=decider)

    assert hold(pending=pending, is_held=True) is False


def test_what_was_corrected_since_is_refused_by_name(edition, decider):
    pending = decided(edition, decider, name="Ada Example", reference="R7K2QD")
    draft_letters(edition=edition)
    seen = ready_of(edition)
    correct_address(expression=pending.expression, email="new@example.net")

    report = release(edition=edition, seen=seen, by=decider)

    assert report.refused == ["R7K-2QD, Ada Example: changed since it was drafted: draft it again."]
    assert pending_of(edition).exists()
    assert len(drafts()) == 1


def test_a_draft_that_was_edited_since_the_page_was_opened_is_refused(edition, decider):
    pending = decided(edition, decider)
    draft_letters(edition=edition)
    seen = ready_of(edition)
    pending.refresh_from_db()
    edit_draft(pending=pending, stamp=pending.draft_stamp, subject="x", body="x")

    report = release(edition=edition, seen=seen, by=decider)

    assert (report.released, len(report.refused), len(drafts())) == (0, 1, 1)


def test_decided_anew_since_the_page_was_opened_it_stays(edition, decider):
    pending = decided(edition, decider)
    draft_letters(edition=edition)
    seen = ready_of(edition)
    decide(expression=pending.expression, verdict="accept", offer="talk", by=decider)
    draft_letters(edition=edition)

    report = release(edition=edition, seen=seen, by=decider)

    assert (report.released, report.gone + len(report.refused)) == (0, 1)
    assert PendingDecision.objects.get().verdict == "accept"


@pytest.mark.parametrize("stamp", ["", "-", "x", "1-x", "9" * 30, "99999999-20300101"])
def test_a_stamp_somebody_made_up_releases_nothing(edition, decider, stamp):
    decided(edition, decider)
    draft_letters(edition=edition)

    assert release(edition=edition, seen=[stamp], by=decider).released == 0
    assert PendingDecision.objects.count() == 1


def test_of_another_edition_nothing_is_released(edition, decider):
    decided(edition, decider)
    draft_letters(edition=edition)

    report = release(edition=make_edition(), seen=ready_of(edition), by=decider)

    assert (report.released, report.gone) == (0, 1)
    assert PendingDecision.objects.count() == 1


def test_a_release_that_takes_long_goes_on_with_the_next_call(edition, decider):
    for _ in range(3):
        decided(edition, decider)
    draft_letters(edition=edition)

    first = release(edition=edition, seen=ready_of(edition), by=decider, seconds=0)
    second = release(edition=edition, seen=first.left, by=decider)

    assert (first.released, len(first.left), second.released) == (1, 2, 2)
    assert Letter.objects.filter(state="queued").count() == 3


def test_without_its_letter_nothing_moves(edition, decider):
    pending = decided(edition, decider)
    draft_letters(edition=edition)
    (stamp,) = ready_of(edition)
    Letter.objects.update(state="sent", sent_at=timezone.now())

    with pytest.raises(NotReleased):
        release_one(pk=pending.pk, stamp=stamp, by=decider)

    pending.expression.refresh_from_db()
    assert (pending.expression.state, PendingDecision.objects.count()) == ("submitted", 1)


def test_a_letter_that_cannot_be_written_moves_nothing(edition, decider, monkeypatch):
    pending = decided(edition, decider)
    draft_letters(edition=edition)
    seen = ready_of(edition)

    def broken(*args):
        raise RuntimeError

    monkeypatch.setattr("apps.selection.release.columns_of", broken)
    with pytest.raises(RuntimeError):
        release(edition=edition, seen=seen, by=decider)

    pending.expression.refresh_from_db()
    assert (pending.expression.state, PendingDecision.objects.count()) == ("submitted", 1)
    assert len(drafts()) == 1


def test_a_rehearsal_says_so_in_its_subject(edition, decider):
    decided(edition, decider, is_test=True)

    draft_letters(edition=edition)

    assert drafts()[0].subject.startswith("Rehearsal: Our decision")


def test_somebody_with_two_expressions_gets_a_letter_about_each(edition, decider):
    for title in ("One", "Two"):
        decided(edition, decider, email="ada@example.org", title=title)
    draft_letters(edition=edition)

    release(edition=edition, seen=ready_of(edition), by=decider)

    letters = Letter.objects.filter(to_email="ada@example.org")
    assert sorted("“One”" in letter.body_text for letter in letters) == [False, True]
    assert ExpressionLetter.objects.filter(letter__in=letters).count() == 2


def test_the_day_to_reply_by_is_counted_where_the_edition_is_held(edition):
    edition.time_zone = "Australia/Sydney"

    with time_machine.travel("2030-04-20T20:00:00Z"):
        assert reply_by_on(edition) == timezone.now().date() + timedelta(days=11)
