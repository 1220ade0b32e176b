"""Who did what with expressions that no expression's own log can tell."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest

from apps.accounts.models import User
from apps.interest.models import Expression


def note(by: User, flag: int, what: str, words: str, *, about: type[Model] = Expression) -> None:
    """Puts a line on record: `what` was done, and `words` on how; `flag` is the admin's own."""
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(about),
        object_repr=what[:200],
        action_flag=flag,
        change_message=words,
    )


def filter_of(request: HttpRequest) -> str:
    """The list's filter in a line, without an address somebody searched for."""
    asked = [f"{name}={value}" for name, value in request.GET.items() if name not in {"p", "o"}]
    words = [line if "@" not in line else "q=[address]" for line in asked]
    return f"Filter: {', '.join(words) or 'none'}"
