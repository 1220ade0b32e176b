"""Admin of expressions of interest: list, page of one, actions, call."""

from apps.interest.admin.call import AccessLinkAdmin, QuestionInline
from apps.interest.admin.detail import ExpressionAdmin

__all__ = ["AccessLinkAdmin", "ExpressionAdmin", "QuestionInline"]
