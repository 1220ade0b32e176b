"""The discussion of an expression: who reads it, who writes in it, and what is never shown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.exceptions import NotAllowed
from apps.interest.services import add_note, erase_expression
from apps.interest.student.display import everything_about
from apps.mail.models import Letter
from apps.review.discussion import add_comment, may_discuss
from apps.review.models import Comment, Reviewer
from apps.review.services import save_review
from tests.factories import (
    make_edition,
    make_expression,
    make_reviewer,
    make_user,
)
from tests.queries import count_queries
from tests.reading import messages_of

pytestmark = pytest.mark.django_db


def _page(expression) -> str:
    return f"/admin/interest/expression/{expression.pk}/change/"


def _comments(expression) -> str:
    return f"/admin/review/{expression.pk}/comments/"


def test_chairs_and_those_who_reviewed_discuss(edition, rena):
    expression = make_expression(edition)
    in_conflict, elsewhere = make_reviewer(edition), make_reviewer(make_edition(year=2031))
    before = may_discuss(expression, rena)
    save_review(expression=expression, reviewer=rena, score=4)
    save_review(expression=expression, reviewer=in_conflict, has_conflict=True)

    assert not before
    assert may_discuss(expression, rena)
    assert may_discuss(expression, make_user("Chair"))
    for user in (in_conflict, elsewhere, make_user("Helpdesk"), make_user("Editor"), make_user()):
        assert not may_discuss(expression, user)
        with pytest.raises(NotAllowed):
            add_comment(expression=expression, author=user, text="Hello.")


def test_a_reviewer_writes_after_the_review_and_not_before(as_reviewer, rena, edition):
    expression = make_expression(edition)

    early = as_reviewer.post(_comments(expression), {"text": "Too early."})
    save_review(expression=expression, reviewer=rena, score=4)
    done = as_reviewer.post(_comments(expression), {"text": "Fine by me."}, follow=True)
    as_reviewer.post(_comments(expression), {"text": "Fine by me."})
    empty = as_reviewer.post(_comments(expression), {"text": "  "}, follow=True)

    assert early.status_code == 403
    assert messages_of(done) == ["The comment is saved."]
    assert "Fine by me." in done.content.decode()
    assert "Write the comment first." in messages_of(empty)[-1]
    assert list(Comment.objects.values_list("text", "author__name")) == [
        ("Fine by me.", "Rena Reviewer")
    ]


def test_comments_are_hidden_from_others(as_reviewer, rena, as_helpdesk, edition, chair):
    expression = make_expression(edition)
    add_comment(expression=expression, author=chair, text="Between us.")

    before = as_reviewer.get(_page(expression)).content.decode()
    helpdesk = as_helpdesk.get(_page(expression)).content.decode()
    save_review(expression=expression, reviewer=rena, has_conflict=True)
    in_conflict = as_reviewer.get(_page(expression)).content.decode()
    save_review(expression=expression, reviewer=rena, score=3)
    after = as_reviewer.get(_page(expression)).content.decode()

    assert ["Between us." in page for page in (before, helpdesk, in_conflict, after)] == [
        *(False, False, False),
        True,
    ]
    assert as_helpdesk.post(_comments(expression), {"text": "Hello."}).status_code == 403


def test_the_discussion_keeps_an_anonymous_review_anonymous(as_reviewer, rena, edition, chair):
    edition.call.is_review_anonymous = True
    edition.call.save()
    expression = make_expression(edition, name="Ada Hidden", email="hidden@example.net")
    save_review(expression=expression, reviewer=rena, score=3)
    text = "Write to hidden@example.net about it."
    comment = add_comment(expression=expression, author=rena, text=text)

    pages = [
        as_reviewer.get(address).content.decode()
        for address in (_page(expression), f"{_comments(expression)}{comment.pk}/")
    ]

    for page in pages:
        assert "about it." in page
        assert "hidden@example.net" not in page
        assert "Ada Hidden" not in page
    assert "do not name the author" in pages[0]


def test_scores_of_others_stay_hidden_in_the_discussion(as_reviewer, rena, edition):
    expression, other = make_expression(edition), make_reviewer(edition, name="Otto Other")
    save_review(expression=expression, reviewer=rena, score=3)
    save_review(expression=expression, reviewer=other, score=1, remark="Hidden remark")
    add_comment(expression=expression, author=other, text="What do you think?")

    page = as_reviewer.get(_page(expression)).content.decode()

    assert "What do you think?" in page
    assert "Hidden remark" not in page
    assert "Otto Other: 1" not in page


def test_authors_delete_their_own_comments_and_chairs_all(
    as_reviewer, rena, as_chair, chair, edition
):
    expression = make_expression(edition)
    save_review(expression=expression, reviewer=rena, score=3)
    own = add_comment(expression=expression, author=rena, text="Mine.")
    foreign = add_comment(expression=expression, author=chair, text="Not mine.")
    address = _comments(expression)

    refused = as_reviewer.post(f"{address}{foreign.pk}/")
    asked = as_reviewer.get(f"{address}{own.pk}/")
    still_there = Comment.objects.filter(pk=own.pk).exists()
    as_reviewer.post(f"{address}{own.pk}/")
    again = as_reviewer.post(f"{address}{own.pk}/", follow=True)
    as_chair.post(f"{address}{foreign.pk}/")

    assert (refused.status_code, asked.status_code, still_there) == (403, 200, True)
    assert messages_of(again)[-1] == "This comment was deleted already."
    assert not Comment.objects.exists()


def test_a_comment_of_another_expression_is_not_deleted(as_reviewer, rena, edition):
    one, other = make_expression(edition), make_expression(edition)
    for expression in (one, other):
        save_review(expression=expression, reviewer=rena, score=3)
    comment = add_comment(expression=other, author=rena, text="Stays.")

    as_reviewer.post(f"{_comments(one)}{comment.pk}/")

    assert Comment.objects.filter(pk=comment.pk).exists()


def test_own_reviews_lead_to_the_discussion(as_reviewer, rena, edition, chair):
    expression = make_expression(edition)
    save_review(expression=expression, reviewer=rena, score=3)
    for text in ("One.", "Two."):
        add_comment(expression=expression, author=chair, text=text)

    page = as_reviewer.get(f"/admin/review/queue/{edition.pk}/mine/").content.decode()

    assert "2 comments" in page
    assert "#discussion" in page


def test_comments_are_no_part_of_what_the_student_gets_and_are_erased(edition, chair):
    expression = make_expression(edition)
    add_comment(expression=expression, author=chair, text="Secret words.")

    assert "Secret words" not in str(everything_about(expression))
    erase_expression(expression=expression)
    assert not Comment.objects.exists()


def test_a_test_entry_is_not_discussed(edition, chair):
    expression = make_expression(edition, is_test=True)

    with pytest.raises(NotAllowed):
        add_comment(expression=expression, author=chair, text="Hello.")


def _notices() -> list[str]:
    notices = Letter.objects.filter(kind="review/comment_notice").order_by("to_email")
    return list(notices.values_list("to_email", flat=True))


def test_a_comment_is_announced_to_the_others_in_the_discussion(edition, rena, chair):
    expression = make_expression(edition, name="Ada Hidden", title="Hidden title")
    others = {name: make_reviewer(edition, name=name) for name in ("Otto", "Conflict", "Left")}
    make_reviewer(edition, name="Not reviewed")
    make_user("Chair", name="Another chair")
    for user in (rena, others["Otto"], others["Left"]):
        save_review(expression=expression, reviewer=user, score=3)
    save_review(expression=expression, reviewer=others["Conflict"], has_conflict=True)
    others["Left"].is_active = False
    others["Left"].save()

    add_comment(expression=expression, author=chair, text="Secret question?")
    of_chair = _notices()
    add_comment(expression=expression, author=rena, text="Secret answer.")

    assert of_chair == sorted([rena.email, others["Otto"].email])
    assert _notices() == sorted([rena.email, others["Otto"].email, chair.email])
    letter = Letter.objects.filter(to_email=chair.email).get()
    assert letter.subject == f"New comment on {expression.display_reference} – {edition.name}"
    for text in (letter.body_text, letter.body_html):
        assert f"{_page(expression)}#discussion" in text
        assert "Secret" not in text
        assert "Hidden" not in text


def test_one_email_a_day_is_about_an_expression(edition, rena, chair):
    one, other = make_expression(edition), make_expression(edition)
    for expression in (one, other):
        save_review(expression=expression, reviewer=rena, score=3)
    for text in ("One.", "One.", "Two."):
        add_comment(expression=one, author=chair, text=text)
    add_comment(expression=other, author=chair, text="Three.")
    on_one_day = len(_notices())
    Letter.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))

    add_comment(expression=one, author=chair, text="Four.")

    assert (on_one_day, len(_notices())) == (2, 3)


def test_nobody_is_written_to_who_cannot_read_the_discussion(edition, rena, chair):
    expression = make_expression(edition)
    save_review(expression=expression, reviewer=rena, score=3)
    add_comment(expression=expression, author=rena, text="Mine.")
    Letter.objects.all().delete()
    Reviewer.objects.filter(user=rena).delete()

    add_comment(expression=expression, author=chair, text="Answer.")

    assert _notices() == []


def test_the_email_about_a_comment_is_erased_with_the_expression(edition, rena, chair):
    expression = make_expression(edition)
    save_review(expression=expression, reviewer=rena, score=3)
    add_comment(expression=expression, author=chair, text="Hello.")
    Letter.objects.update(state=Letter.State.SENT, sent_at=timezone.now())

    assert "New comment" not in str(everything_about(expression))
    erase_expression(expression=expression)
    assert _notices() == []


def test_the_board_counts_the_comments_of_a_discussion(as_chair, chair, edition):
    expression = make_expression(edition)
    board = f"/admin/selection/board/{edition.pk}/"
    without = as_chair.get(board).content.decode()
    before = count_queries(lambda: as_chair.get(board))
    add_note(expression=expression, text="A note", by=chair)
    add_note(expression=expression, text="Another note", by=chair)
    for text in ("One", "Two", "Three"):
        add_comment(expression=expression, author=chair, text=text)

    page = as_chair.get(board).content.decode()

    assert "comment" not in without
    assert f'{_page(expression)}#discussion">3 comments' in page
    assert "2 notes" in page
    assert count_queries(lambda: as_chair.get(board)) == before
