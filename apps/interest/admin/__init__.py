"""The organisers' screens for expressions of interest: the list, each one, its steps, the call."""

from apps.interest.admin.call import AccessLinkAdmin, QuestionInline
from apps.interest.admin.detail import ExpressionAdmin

__all__ = ["AccessLinkAdmin", "ExpressionAdmin", "QuestionInline"]
