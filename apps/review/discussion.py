"""The discussion of an expression by the chairs and those who reviewed it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from apps.accounts.models import User
from apps.core.exceptions import NotAllowed
from apps.interest.models import Expression
from apps.interest.permissions import ExpressionPermissions, may_review
from apps.review.models import Comment, Review


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
    """Add a comment; the same text by the same author, sent twice, is one. Raises NotAllowed."""
    with transaction.atomic():
        # The lock makes two presses of one button arrive one after the other.
        rows = Expression.objects.select_for_update(of=("self",)).select_related("edition")
        current = rows.get(pk=expression.pk)
        if not may_discuss(current, author):
            raise NotAllowed("You can discuss this once you have reviewed it.")
        latest = current.comments.last()
        if latest and (latest.text, latest.author_id) == (text, author.pk):
            return latest
        return Comment.objects.create(expression=current, author=author, text=text)
