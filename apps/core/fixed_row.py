"""What a row of a form is about, where it is said once and stays."""

from __future__ import annotations

from django import forms
from django.db.models import Model
from django.urls import reverse


class FixedRowWidget(forms.Widget):
    """The name of a row that stays what it is, with a link to its own page."""

    template_name = "core/widgets/fixed_row.html"
    row: Model

    def get_context(self, name: str, value, attrs: dict | None) -> dict:
        meta = self.row._meta
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[self.row.pk])
        return super().get_context(name, value, attrs) | {"row": self.row, "url": url}


class FixedRowField(forms.Field):
    """Shows a row and lets nobody exchange it; asks no database about it."""

    widget = FixedRowWidget

    def __init__(self, row: Model) -> None:
        super().__init__(disabled=True, required=False)
        self.widget.row = row

    def clean(self, value) -> Model:
        return self.widget.row
