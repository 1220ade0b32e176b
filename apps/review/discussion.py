"""The discussion of an expression by the chairs and those who reviewed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import NotAllowed
from apps.interest.models import Expression, ExpressionLetter
from apps.interest.permissions import ExpressionPermissions, may_review
from apps.mail.models import Letter
from apps.mail.services import queue_letter
from apps.review.models import Comment, Review

# "notice" at the end: no part of what the student gets (interest/student/display.py).
COMMENT_NOTICE = "review/comment_notice"
# A person gets one email about an expression within this time.
_PAUSE = timedelta(days=1)


@dataclass(frozen=True)
class ShownComment:
    """A comment as one user sees it."""

    comment: Comment
    text: str
    may_delete: bool


def may_discuss(expression: Expression, user: User) -> bool:
    """Whether `user` reads and writes comments: a chair, or a reviewer without a conflict of interest
    who has reviewed the expression."""
    if expression.is_test:
        return False
    if user.has_perm("interest.decide_expression"):
        return True
    if not may_review(user, expression.edition):
        return False
    own = Review.objects.filter(expression=expression, reviewer=user, has_conflict=False)
    return own.exists()


def may_delete(comment: Comment, user: User) -> bool:
    """Whether `user` may delete a comment: its author, and chairs."""
    return comment.author_id == user.pk or user.has_perm("interest.decide_expression")


def shown_comments(
    expression: Expression, user: User, permissions: ExpressionPermissions
) -> list[ShownComment]:
    """The comments on an expression for one user, without email addresses that they may not see."""
    if not may_discuss(expression, user):
        return []
    return [
        ShownComment(comment, permissions.redact(comment.text), may_delete(comment, user))
        for comment in expression.comments.select_related("author")
    ]


def add_comment(*, expression: Expression, author: User, text: str) -> Comment:
    """Add a comment, and write to the others in the discussion. Raises NotAllowed.

    The same text by the same author, sent twice, is one comment.
    """
    with transaction.atomic():
        # The lock makes two presses of one button arrive one after the other.
        rows = Expression.objects.select_for_update(of=("self",)).select_related("edition")
        current = rows.get(pk=expression.pk)
        if not may_discuss(current, author):
            raise NotAllowed("You can discuss this once you have reviewed it.")
        latest = current.comments.last()
        if latest and (latest.text, latest.author_id) == (text, author.pk):
            return latest
        comment = Comment.objects.create(expression=current, author=author, text=text)
        _notify(comment, author)
    return comment


def _notify(comment: Comment, author: User) -> None:
    """Queue an email to each other person who reviewed the expression or wrote a comment on it.

    It has neither the comment nor the entry, so it tells nothing to who reads it elsewhere.
    """
    expression = comment.expression
    users = User.objects.filter(
        Q(reviews__in=expression.reviews.filter(has_conflict=False))
        | Q(review_comments__expression=expression),
        is_active=True,
    )
    recent = Letter.objects.filter(
        expression_link__expression=expression,
        kind=COMMENT_NOTICE,
        created_at__gt=timezone.now() - _PAUSE,
    )
    notified = {email.casefold() for email in recent.values_list("to_email", flat=True)}
    for user in users.exclude(pk=author.pk).distinct():
        if user.email.casefold() in notified or not may_discuss(expression, user):
            continue
        letter = queue_letter(
            kind=COMMENT_NOTICE,
            template="review/letters/comment_notice",
            to_email=user.email,
            to_name=user.name,
            edition=expression.edition,
            is_to_organisers=True,
            context={"expression": expression},
        )
        # So that it is erased with the expression.
        ExpressionLetter.objects.create(expression=expression, letter=letter)
