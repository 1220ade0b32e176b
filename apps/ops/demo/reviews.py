"""Three invented reviewers, and what they say of the invented expressions: the same each time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import Group as RoleGroup

from apps.accounts.models import Role, User
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.review.models import Review, Reviewer
from apps.review.services import save_review

_NAMES = ("Tamsin Okonedo-Blake", "Iveta Horáčková", "Ottoline Farquhar-Mbeki")
# What each of the three gives, by what became of it; less for what has only just come in.
_SCORES = {
    "confirmed": (5, 4, 4),
    "accepted": (4, 5, 4),
    "offer_declined": (4, 4, 5),
    "lapsed": (4, 3, 4),
    "waitlisted": (3, 4, 3),
    "declined": (2, 2, 3),
    "reopened": (2, 4, 2),
    "withdrawn_after_offer": (4, 4, 4),
    "cancelled": (3, 2),
    "under_review": (4, 3),
    "address_mended": (5, 3),
}
_REMARKS = {
    1: ("Not about frugal models at all; a kind word and a pointer elsewhere.",),
    2: (
        "The question is good, but nothing has been measured yet.",
        "Two of the three claims are known; the third one is a sentence long.",
    ),
    3: (
        "Solid, and I would not miss it. Better as a poster: it lives from its figures.",
        "Early work. A conversation would help more than three minutes on stage.",
    ),
    4: (
        "Clear question, honest numbers. Ask them to say what it cost.",
        "I would like our own students to hear this.",
    ),
    5: (
        "The best thing I have read today.",
        "Give this one a talk: it changes what we should measure.",
    ),
}


class InventedReviewers:
    """They answer as the services let anybody; afterwards nobody can sign in as one of them."""

    def __init__(self, edition: Edition) -> None:
        role = RoleGroup.objects.get(name=Role.REVIEWER)
        self.users = []
        for number, name in enumerate(_NAMES, start=1):
            address = f"reviewer{number}@frugal.example"
            user = User.objects.create_user(address, name=name, is_staff=True)
            user.groups.add(role)
            Reviewer.objects.create(edition=edition, user=user)
            self.users.append(user)

    def read(self, expression: Expression, number: int, fate: str, moment: datetime) -> None:
        """What they said of the expression `number` in the hours before `moment`."""
        for place, usual in enumerate(_SCORES.get(fate, ())):
            self._say(expression, number, place, usual, moment - timedelta(hours=7 - 2 * place))

    def rest(self) -> None:
        """Their work is done."""
        User.objects.filter(pk__in=[user.pk for user in self.users]).update(is_active=False)

    def _say(
        self, expression: Expression, number: int, place: int, usual: int, moment: datetime
    ) -> None:
        score = min(5, max(1, usual + (number + place) % 3 - 1))
        is_own_student = (number + 3 * place) % 11 == 7
        remarks = _REMARKS[score]
        says_something = (number + place) % 2 == 0
        review = save_review(
            expression=expression,
            reviewer=self.users[(number + place) % len(self.users)],
            score=None if is_own_student else score,
            has_conflict=is_own_student,
            remark="My own student."
            if is_own_student
            else remarks[number % len(remarks)] * says_something,
        ).review
        Review.objects.filter(pk=review.pk).update(reviewed_at=moment, changed_at=moment)
