"""Who or what gets an award, a row each."""

from typing import Any

from django import forms
from django.utils.safestring import SafeString

from apps.awards.models import Recipient
from apps.core.fixed_row import FixedRowField


class _Nothing(forms.Widget):
    """Leaves its place in the row empty."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return SafeString("")


class NothingField(forms.Field):
    """What a row is not about, and will not be."""

    widget = _Nothing

    def __init__(self) -> None:
        super().__init__(disabled=True, required=False)

    def clean(self, value: Any) -> None:
        return None


class RecipientForm(forms.ModelForm):
    """One row. What it is about is said once: another one is another row.

    Costs no query for a row that is there already.
    """

    class Meta:
        model = Recipient
        fields = ["contribution", "person", "title", "authors", "ordering"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "authors" in self.fields:
            self.fields["authors"].widget.attrs["rows"] = 3
        for name in ("contribution", "person"):
            if self.instance.pk and name in self.fields:
                row = getattr(self.instance, name)
                self.fields[name] = FixedRowField(row) if row else NothingField()
