"""What an organiser types about an edition's promises."""

from django import forms

from apps.editions.models import Deadline


class DeadlineForm(forms.ModelForm):
    """Moving a deadline to a later day keeps the old day, so that the page strikes it through."""

    class Meta:
        model = Deadline
        fields = ["title", "due_on", "due_time", "is_anywhere_on_earth", "extended_from_on"]

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        old, new = self.initial.get("due_on"), cleaned.get("due_on")
        was_moved_later = self.instance.pk and old and new and new > old
        if was_moved_later and "extended_from_on" not in self.changed_data:
            # The first date that was promised stays, however often it is extended.
            cleaned["extended_from_on"] = cleaned.get("extended_from_on") or old
        kept = cleaned.get("extended_from_on")
        if kept and new and new <= kept and "extended_from_on" not in self.changed_data:
            cleaned["extended_from_on"] = None
        return cleaned
