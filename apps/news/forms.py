"""An announcement as organisers enter it."""

from django import forms
from django.utils import timezone

from apps.news.models import NewsItem


class NewsItemForm(forms.ModelForm):
    """Publishing without a moment means now; changed words are told to feeds as an update."""

    class Meta:
        model = NewsItem
        fields = ["title", "body", "is_published", "published_at"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        moment = self.fields.get("published_at")
        if moment and isinstance(moment.widget, forms.MultiWidget):
            # One label cannot name two boxes (WCAG 4.1.2).
            for box, name in zip(moment.widget.widgets, ("day", "time"), strict=True):
                box.attrs["aria-label"] = f"{moment.label}: {name}"

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        now = timezone.now()
        is_new_out = cleaned.get("is_published") and "is_published" in self.changed_data
        if is_new_out and not cleaned.get("published_at", self.instance.published_at):
            cleaned["published_at"] = self.instance.published_at = now
        if self.instance.pk and {"title", "body"} & set(self.changed_data):
            self.instance.changed_at = now
        return cleaned
