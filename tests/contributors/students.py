"""Students with a confirmed submission, their consent, and their contributions."""

from apps.contributors.accepted_submissions import add_submissions
from apps.editions.models import Edition
from apps.interest.models import CoAuthor, Consent, Expression
from apps.programme.models import Contribution
from tests.factories import make_sent_expression


def make_confirmed(
    edition: Edition, *, format: str = "talk", consents: bool = True, **fields
) -> Expression:
    """A confirmed expression, with or without consent to publish the abstract."""
    coauthors = fields.pop("coauthors", ())
    expression = make_sent_expression(
        edition, state="confirmed", confirmed_format=format, can_attend=True, **fields
    )
    for name, affiliation in coauthors:
        CoAuthor.objects.create(expression=expression, name=name, affiliation=affiliation)
    set_consent(expression, consents)
    return expression


def set_consent(expression: Expression, is_given: bool) -> None:
    """The student's answer to whether the abstract may be published."""
    about = Consent.About.ABSTRACT
    Consent.objects.update_or_create(
        expression=expression,
        about=about,
        defaults={
            "wording": str(about.label),
            "is_given": is_given,
            "said_at": expression.changed_at,
        },
    )


def add_to_programme(*expressions: Expression, is_published: bool = True) -> list[Contribution]:
    return add_submissions(
        edition=expressions[0].edition,
        expressions=[expression.pk for expression in expressions],
        is_published=is_published,
    ).contributions


def make_added(edition: Edition, **fields) -> Contribution:
    """The contribution of a confirmed expression."""
    return add_to_programme(make_confirmed(edition, **fields))[0]
