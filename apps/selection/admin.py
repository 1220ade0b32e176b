"""What the desk's page of an expression says of its pending decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from apps.accounts.models import User
from apps.interest.admin.extensions import ExpressionAdminExtension, register_extension
from apps.interest.models import Expression
from apps.interest.permissions import ExpressionPermissions, workflow_actor
from apps.interest.workflow import Action, may
from apps.selection import mailing_views  # noqa: F401  (registers the admin of mailings)
from apps.selection.models import PendingDecision


class DecisionExtension(ExpressionAdminExtension):
    """The pending decision and the buttons that decide."""

    def get_page_context(
        self, request: HttpRequest, sight: ExpressionPermissions, expression: Expression
    ) -> dict[str, Any]:
        who = workflow_actor(request.user) if isinstance(request.user, User) else None
        pending = PendingDecision.objects.filter(expression=expression).select_related("made_by")
        return {
            "verdicts": [
                (action.value, action.label)
                for action in map(Action, PendingDecision.Verdict.values)
                if may(who, action, expression.state)
            ],
            "pending": pending.first() if sight.sees_everything else None,
        }


register_extension(DecisionExtension())
