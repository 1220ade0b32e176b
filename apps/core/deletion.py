"""Deleting at the desk: what is in use stays, and pages name things by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

_ModelAdmin: Any = admin.ModelAdmin  # without django-stubs' narrow types, as simple_history's


class GuardedDeletionAdmin(_ModelAdmin):
    """An admin that refuses to delete a row in use, with the number of uses and another way.

    In use is what other rows choose (many to many), would lose (SET_NULL) or forbid to delete
    (PROTECT, RESTRICT), and what the relations `used_by` name. All other rows that refer to it
    are its parts: they are listed before they are deleted with it.
    """

    used_by: tuple[str, ...] = ()
    instead_of_deleting = ""  # a sentence: how to merge it, hide it or free it

    def reasons_to_keep(self, row: models.Model) -> list[str]:
        """Why it cannot be deleted, in sentences; empty if it can."""
        uses = list(_uses(row, self.used_by))
        if not uses:
            return []
        return [f"“{row}” is used by {' and '.join(uses)}.", self.instead_of_deleting]

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """As Django's, with reasons to keep, and without the rows between two related objects."""
        objs = list(objs)
        reasons = [reason for row in objs for reason in self.reasons_to_keep(row) if reason]
        if reasons:
            return [], {}, set(), list(dict.fromkeys(reasons))
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        between = [
            model._meta
            for model in apps.get_models(include_auto_created=True)
            if model._meta.auto_created
        ]
        prefixes = tuple(f"{capfirst(meta.verbose_name)}: " for meta in between)
        names = {meta.verbose_name_plural for meta in between}
        counts = {name: count for name, count in counts.items() if name not in names}
        return _without(to_delete, prefixes), counts, perms_needed, protected


def _uses(row: models.Model, used_by: tuple[str, ...]) -> Iterator[str]:
    """The uses of a row: "16 expressions of interest"."""
    for relation in row._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel | models.ManyToManyRel):
            continue
        if is_use(relation, used_by):
            model: Any = relation.related_model
            count = model._base_manager.filter(**{relation.field.name: row}).count()
            meta = model._meta
            name = meta.verbose_name if count == 1 else meta.verbose_name_plural
            if count:
                yield f"{count} {name}"


def is_use(relation: models.ManyToOneRel | models.ManyToManyRel, used_by: tuple[str, ...]) -> bool:
    """Whether the rows of a relation keep the row they refer to from being deleted."""
    if isinstance(relation, models.ManyToManyRel):
        return True
    keeps = {models.PROTECT, models.RESTRICT, models.SET_NULL, models.SET_DEFAULT}
    return relation.on_delete in keeps or relation.name in used_by


def _without(tree: list[Any], prefixes: tuple[str, ...]) -> list[Any]:
    """A nested list without the texts that begin so."""
    return [
        _without(each, prefixes) if isinstance(each, list) else each
        for each in tree
        if isinstance(each, list) or not str(each).startswith(prefixes)
    ]
