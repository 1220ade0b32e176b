"""Students with something confirmed, and what they say of it."""

from apps.editions.models import Edition
from apps.interest.models import CoAuthor, Consent, Expression
from tests.factories import make_sent_expression


def make_confirmed(edition: Edition, *, format: str = "talk", consents: bool = True, **fields):
    """A confirmed expression by somebody who said whether it may be published."""
    coauthors = fields.pop("coauthors", ())
    expression = make_sent_expression(
        edition, state="confirmed", confirmed_format=format, can_attend=True, **fields
    )
    for name, affiliation in coauthors:
        CoAuthor.objects.create(expression=expression, name=name, affiliation=affiliation)
    say(expression, consents)
    return expression


def say(expression: Expression, is_given: bool) -> None:
    """What the student answers to whether the abstract may be published."""
    about = Consent.About.ABSTRACT
    Consent.objects.update_or_create(
        expression=expression,
        about=about,
        defaults={
            "wording": about.label,
            "is_given": is_given,
            "said_at": expression.changed_at,
        },
    )
