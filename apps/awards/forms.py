"""Who or what gets an award, a row each."""

from django import forms

from apps.awards.models import Recipient
from apps.programme.forms import FixedRowField


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
            if self.instance.pk and name in self.fields and getattr(self.instance, name):
                self.fields[name] = FixedRowField(getattr(self.instance, name))
