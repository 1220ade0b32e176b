"""Log of actions on expressions that the log of no single expression can hold."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from apps.accounts.models import User
from apps.interest.models import Expression


def log_action(
    user: User, flag: int, action: str, details: str, *, model: type[Model] = Expression
) -> None:
    """Write a line to Django's admin log; `flag` is ADDITION, CHANGE or DELETION."""
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(model),
        object_repr=action[:200],
        action_flag=flag,
        change_message=details,
    )
