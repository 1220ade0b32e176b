"""Who sees how much of an expression of interest. The desk and the exports ask here, nobody else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.editions.models import Edition
from apps.interest.models import Expression

# Who sent it. Co-authors and the log tell it too.
AUTHOR_FIELDS = ("name", "university", "career_stage", "supervisor", "school", "link")
_SIGN = r"[^\s<>@,;:\"'()]"
# A dot in its host tells an address from "recall@10". It begins where a word begins: tried at
# every letter, one long word would take seconds.
_ADDRESS = re.compile(rf"(?<!{_SIGN}){_SIGN}+@{_SIGN}+\.{_SIGN}+")


@dataclass(frozen=True)
class Sight:
    """Which expressions one person sees, how much of them, and what they do with them besides the
    table of moves."""

    sees_address: bool = False
    # Access needs, diet, technical needs, consents, what was answered at acceptance; letters.
    sees_everything: bool = False
    helps: bool = False
    exports: bool = False
    # Every review; others see their own, and in the list none but theirs.
    sees_reviews: bool = False
    # The keys of the editions whose expressions are seen; None for all.
    editions: frozenset[int] | None = None
    # Of these, the ones whose reviewers are not to know whom they read.
    anonymous: frozenset[int] = frozenset()

    @property
    def sees_authors(self) -> bool:
        """Whether lists, searches and files may tell who sent what.

        They hold several editions side by side, so one with an anonymous review closes them all.
        """
        return not self.anonymous

    def sees_author_of(self, expression: Expression) -> bool:
        """Whether the screen of `expression` tells who sent it: names, universities, the log."""
        return expression.edition_id not in self.anonymous

    def sees(self, expression: Expression) -> bool:
        """Whether `expression` is seen at all."""
        return self._holds(expression.edition_id)

    def sees_edition(self, edition: Edition) -> bool:
        """Whether the expressions of `edition` are seen at all."""
        return self._holds(edition.pk)

    def _holds(self, edition: int) -> bool:
        return self.editions is None or edition in self.editions

    def visible(self, expressions: QuerySet[Expression]) -> QuerySet[Expression]:
        """Those of `expressions` that are seen at all."""
        if self.editions is None:
            return expressions
        return expressions.filter(edition__in=self.editions)

    def words(self, text: str) -> str:
        """A person's own words, without e-mail addresses for those who are to see none."""
        return text if self.sees_address else without_addresses(text)


_CHAIR = Sight(sees_address=True, sees_everything=True, helps=True, exports=True, sees_reviews=True)
_HELPDESK = Sight(sees_address=True, helps=True)


def sight_of(user: User | AnonymousUser) -> Sight | None:
    """What `user` may see; None for those to whom expressions are closed altogether.

    A reviewer nobody has chosen yet has a sight that holds no edition.
    """
    if user.has_perm("interest.decide_expression"):
        return _CHAIR
    if user.has_perm("interest.help_expression"):
        return _HELPDESK
    if user.has_perm("interest.review_expression"):
        chosen = _editions_reviewed_by(user)
        anonymous = frozenset(edition for edition, is_anonymous in chosen.items() if is_anonymous)
        return Sight(exports=True, editions=frozenset(chosen), anonymous=anonymous)
    return None


def may_review(user: User | AnonymousUser, edition: Edition) -> bool:
    """Whether `user` reviews `edition`: any chair, and the reviewers who were chosen for it."""
    if user.has_perm("interest.decide_expression"):
        return True
    if not user.has_perm("interest.review_expression"):
        return False
    return edition.pk in _editions_reviewed_by(user)


def _editions_reviewed_by(user: User | AnonymousUser) -> dict[int, bool]:
    """The editions `user` was chosen for, each with whether its review is anonymous.

    Asked once for each request's user, as Django does with permissions.
    """
    known = vars(user)
    if "_reviewed" not in known:
        # `reviewers` is the reverse of apps.review.models.Reviewer.edition.
        chosen = Edition.objects.filter(reviewers__user=user.pk).values_list(
            "pk", "call__is_review_anonymous"
        )
        known["_reviewed"] = {edition: bool(is_anonymous) for edition, is_anonymous in chosen}
    reviewed: dict[int, bool] = known["_reviewed"]
    return reviewed


def without_addresses(text: str) -> str:
    """`text` with every e-mail address in it taken out."""
    return _ADDRESS.sub("[address]", text)
