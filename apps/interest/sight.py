"""Who sees how much of an expression of interest. The desk and the exports ask here, nobody else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User

# A dot in its host tells an address from "recall@10".
_ADDRESS = re.compile(r"[^\s<>@,;:\"'()]+@[^\s<>@,;:\"'()]+\.[^\s<>@,;:\"'()]+")


@dataclass(frozen=True)
class Sight:
    """What one person may see of every expression, and do with it besides the table of moves."""

    sees_address: bool = False
    # Access needs, diet, technical needs, consents, what was answered at acceptance; letters.
    sees_everything: bool = False
    helps: bool = False
    exports: bool = False

    def words(self, text: str) -> str:
        """A person's own words, without e-mail addresses for those who are to see none."""
        return text if self.sees_address else without_addresses(text)


_CHAIR = Sight(sees_address=True, sees_everything=True, helps=True, exports=True)
_HELPDESK = Sight(sees_address=True, helps=True)
_REVIEWER = Sight(exports=True)


def sight_of(user: User | AnonymousUser) -> Sight | None:
    """What `user` may see; None for those who see no expression at all."""
    if user.has_perm("interest.decide_expression"):
        return _CHAIR
    if user.has_perm("interest.help_expression"):
        return _HELPDESK
    if user.has_perm("interest.review_expression"):
        return _REVIEWER
    return None


def without_addresses(text: str) -> str:
    """`text` with every e-mail address in it taken out."""
    return _ADDRESS.sub("[address]", text)
