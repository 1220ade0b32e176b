"""Forms of the desk refuse what is there already with a sentence that says what to do."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db import models

from apps.core.admin import LabelledFormSet

_SAYS_WHAT_TO_DO = re.compile(r"\. [A-Z][^.]+\.$")


def _inlines(base: type = InlineModelAdmin) -> Iterator[type[InlineModelAdmin]]:
    subclasses: list[Any] = base.__subclasses__()
    for inline in subclasses:
        if inline.__module__.startswith("apps.") and getattr(inline, "model", None):
            yield inline
        yield from _inlines(inline)


def _models() -> list[type[models.Model]]:
    found = {*admin.site._registry, *(inline.model for inline in _inlines())}
    ours = [model for model in found if model.__module__.startswith("apps.")]
    return sorted(ours, key=lambda model: model._meta.label)


def _messages(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """Name and message of each unique column and constraint that a form can break."""
    fields = {field.name: field for field in model._meta.local_fields}
    for name, field in fields.items():
        # A form of a related row has no field for the row it belongs to.
        if field.unique and field.editable and not field.primary_key and not field.remote_field:
            yield name, str(field.error_messages["unique"])
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and all(
            fields[name].editable for name in constraint.fields
        ):
            yield constraint.name, str(constraint.get_violation_error_message())


@pytest.mark.parametrize("model", _models())
def test_a_unique_value_that_is_taken_is_refused_with_what_to_do(model):
    without = [
        name
        for name, message in _messages(model)
        if "%" in message or "constraint" in message.lower() or not _SAYS_WHAT_TO_DO.search(message)
    ]

    assert without == []


@pytest.mark.parametrize("inline", sorted(set(_inlines()), key=str), ids=str)
def test_two_equal_rows_of_one_page_are_refused_with_what_to_do(inline):
    if any(isinstance(row, models.UniqueConstraint) for row in inline.model._meta.constraints):
        assert issubclass(inline.formset, LabelledFormSet)
