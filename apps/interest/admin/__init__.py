"""The organisers' screens for expressions of interest: the list, each one, its steps, the call."""

from apps.interest.admin.call import AccessLinkAdmin, QuestionInline
from apps.interest.admin.expressions import ExpressionAdmin
from apps.interest.admin.mailings import MailingAdmin
from apps.interest.admin.reviewers import ReviewerInline

__all__ = ["AccessLinkAdmin", "ExpressionAdmin", "MailingAdmin", "QuestionInline", "ReviewerInline"]
