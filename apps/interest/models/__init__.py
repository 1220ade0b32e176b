"""What students tell us in private: an expression of interest and all that belongs to it."""

from apps.interest.models.expression import (
    REFERENCE_ALPHABET,
    REFERENCE_LENGTH,
    CoAuthor,
    Event,
    Expression,
    ExpressionQuerySet,
    Format,
    new_reference,
)
from apps.interest.models.letters import DailyNotice, ExpressionLetter
from apps.interest.models.links import AccessLink, StudentLink
from apps.interest.models.questions import Answer, Consent, Question

__all__ = [
    "REFERENCE_ALPHABET",
    "REFERENCE_LENGTH",
    "AccessLink",
    "Answer",
    "CoAuthor",
    "Consent",
    "DailyNotice",
    "Event",
    "Expression",
    "ExpressionLetter",
    "ExpressionQuerySet",
    "Format",
    "Question",
    "StudentLink",
    "new_reference",
]
