"""Forms of visitors and chairs."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import LineField
from apps.feedback.models import MAX_SENTENCE, FeedbackSettings


class SentenceForm(forms.Form):
    """The optional sentence."""

    sentence = LineField(
        label=_("A sentence for the presenters (optional)"),
        max_length=MAX_SENTENCE,
        help_text=_("Up to 300 characters. Leave out your name and those of others."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SettingsForm(forms.ModelForm):
    class Meta:
        model = FeedbackSettings
        fields = ["is_on", "days_after", "needs_approval"]
