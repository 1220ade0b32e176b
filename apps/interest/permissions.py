"""Permissions on expressions of interest: which ones a user sees, and how much of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.models import User
from apps.editions.models import Edition
from apps.interest.models import NEEDS, Expression
from apps.interest.workflow import Actor

# Fields that identify the author. Co-authors and the log do so as well.
AUTHOR_FIELDS = ("name", "university", "career_stage", "supervisor", "school", "link")
ADDRESS_FIELDS = ("email",)
_ADDRESS_CHARACTER = r"[^\s<>@,;:\"'()]"
# The host needs a dot: "recall@10" is no address. The lookbehind keeps the search linear.
_ADDRESS = re.compile(
    rf"(?<!{_ADDRESS_CHARACTER}){_ADDRESS_CHARACTER}+@{_ADDRESS_CHARACTER}+\.{_ADDRESS_CHARACTER}+"
)


@dataclass(frozen=True)
class ExpressionPermissions:
    """Permissions of one user, besides the moves of the workflow."""

    sees_address: bool = False
    # Access needs, diet, technical needs, consents, answers given at acceptance, letters, notes.
    sees_private_data: bool = False
    helps: bool = False
    exports: bool = False
    # All reviews; other users see their own, and in the list only those.
    sees_reviews: bool = False
    # Primary keys of the visible editions; None for all.
    editions: frozenset[int] | None = None
    # The visible editions with an anonymous review, and those of them whose PDFs may name people.
    anonymous: frozenset[int] = frozenset()
    without_pdfs: frozenset[int] = frozenset()

    @property
    def sees_authors(self) -> bool:
        """Whether lists, searches and exports may contain the author fields.

        They may hold several editions, so one edition with an anonymous review closes them all.
        """
        return not self.anonymous

    @property
    def hidden_fields(self) -> list[str]:
        """The fields of Expression that lists, searches and exports neither load nor show."""
        return [
            *[*ADDRESS_FIELDS] * (not self.sees_address),
            *[*AUTHOR_FIELDS] * (not self.sees_authors),
            *[*NEEDS] * (not self.sees_private_data),
        ]

    def sees_author_of(self, expression: Expression) -> bool:
        """Whether the page of `expression` shows the author fields, co-authors and log."""
        return expression.edition_id not in self.anonymous

    def sees_pdf_of(self, expression: Expression) -> bool:
        """Whether the user may open the PDF of a visible `expression`."""
        return expression.edition_id not in self.without_pdfs

    def sees(self, edition_id: int) -> bool:
        """Whether the user may see the expressions of this edition."""
        return self.editions is None or edition_id in self.editions

    def visible(self, expressions: QuerySet[Expression]) -> QuerySet[Expression]:
        """The part of `expressions` that the user may see."""
        if self.editions is None:
            return expressions
        return expressions.filter(edition__in=self.editions)

    def redact(self, text: str) -> str:
        """`text`, without email addresses if the user may not see them."""
        return text if self.sees_address else without_addresses(text)


_CHAIR = ExpressionPermissions(
    sees_address=True, sees_private_data=True, helps=True, exports=True, sees_reviews=True
)
_HELPDESK = ExpressionPermissions(sees_address=True, helps=True)


def permissions_for(user: User | AnonymousUser) -> ExpressionPermissions | None:
    """Permissions of `user`; None if expressions are closed to them altogether.

    A reviewer without an assigned edition has permissions that include no edition.
    """
    if user.has_perm("interest.decide_expression"):
        return _CHAIR
    if user.has_perm("interest.help_expression"):
        return _HELPDESK
    if user.has_perm("interest.review_expression"):
        reviewed = _reviewed_editions(user)
        return ExpressionPermissions(
            exports=True,
            editions=frozenset(reviewed),
            anonymous=frozenset(pk for pk, call in reviewed.items() if call.is_anonymous),
            without_pdfs=frozenset(pk for pk, call in reviewed.items() if call.hides_pdfs),
        )
    return None


def may_review(user: User | AnonymousUser, edition: Edition) -> bool:
    """Whether `user` may review `edition`: chairs, and the reviewers assigned to it."""
    if user.has_perm("interest.decide_expression"):
        return True
    return user.has_perm("interest.review_expression") and edition.pk in _reviewed_editions(user)


def workflow_actor(user: User | AnonymousUser | None) -> Actor | None:
    """The workflow role of a signed-in user: a chair, or None."""
    return Actor.CHAIR if user and user.has_perm("interest.decide_expression") else None


def require_chair(request: HttpRequest) -> User:
    """The chair who sent the request; raises PermissionDenied for all other users."""
    user = request.user
    if not isinstance(user, User) or workflow_actor(user) is not Actor.CHAIR:
        raise PermissionDenied
    return user


class _Anonymity(NamedTuple):
    """Rules of the review of an edition."""

    is_anonymous: bool
    hides_pdfs: bool


def _reviewed_editions(user: User | AnonymousUser) -> dict[int, _Anonymity]:
    """The editions the user is assigned to, each with what its review hides."""
    # Through the reverse relation: the app with the reviewers is above this one.
    editions = Edition.objects.filter(reviewers__user=user.pk)
    rows = editions.values_list("pk", "call__is_review_anonymous", "call__has_anonymous_pdfs")
    return {
        pk: _Anonymity(bool(is_anonymous), bool(is_anonymous and not has_anonymous_pdfs))
        for pk, is_anonymous, has_anonymous_pdfs in rows
    }


def without_addresses(text: str) -> str:
    """`text` with every email address replaced."""
    return _ADDRESS.sub("[address]", text)
