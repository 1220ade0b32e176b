"""Hooks by which the apps above add to the list and the page of expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from apps.interest.models import Expression
from apps.interest.permissions import ExpressionPermissions


class ExpressionAdminExtension:
    """One app's additions; each method adds nothing unless a subclass overrides it."""

    def get_columns(
        self, request: HttpRequest, permissions: ExpressionPermissions
    ) -> list[Callable[[Expression], Any]]:
        """Columns of the list, shown before the day of submission (`admin.display` functions)."""
        return []

    def get_list_queryset(
        self,
        request: HttpRequest,
        permissions: ExpressionPermissions,
        expressions: QuerySet[Expression],
    ) -> QuerySet[Expression]:
        """The list's rows, with what the columns need prefetched."""
        return expressions

    def get_list_context(
        self, request: HttpRequest, permissions: ExpressionPermissions
    ) -> dict[str, Any]:
        """More context for admin/interest/expression/change_list.html."""
        return {}

    def get_page_context(
        self, request: HttpRequest, permissions: ExpressionPermissions, expression: Expression
    ) -> dict[str, Any]:
        """More context for admin/interest/expression/change_form.html."""
        return {}


_extensions: list[ExpressionAdminExtension] = []


def register_extension(extension: ExpressionAdminExtension) -> None:
    """Adds to the list and the page of expressions, in the order of registration."""
    _extensions.append(extension)


def get_extensions() -> list[ExpressionAdminExtension]:
    """All registered extensions."""
    return _extensions
