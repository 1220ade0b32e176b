"""Expressions of interest and everything that belongs to them."""

from apps.interest.models.answers import Answer, CoAuthor, Consent, Question
from apps.interest.models.expression import (
    NEEDS,
    REFERENCE_ALPHABET,
    REFERENCE_LENGTH,
    AccessLink,
    DailyNotice,
    Event,
    Expression,
    ExpressionLetter,
    ExpressionQuerySet,
    Format,
    StudentLink,
    fingerprint,
    new_reference,
)
from apps.interest.models.files import ExpressionPDF
from apps.interest.models.notes import Note, Remark

__all__ = [
    "NEEDS",
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
    "ExpressionPDF",
    "ExpressionQuerySet",
    "Format",
    "Note",
    "Question",
    "Remark",
    "StudentLink",
    "fingerprint",
    "new_reference",
]
