"""What a step asks for before it is taken."""

from __future__ import annotations

from django import forms

from apps.interest.models import Expression, Format
from apps.interest.workflow import MOVES, Action


class MoveForm(forms.Form):
    """What one move of one expression needs: what was confirmed, a reason."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the log. Reviewers read the log, too: no private matters.",
        error_messages={"required": "Say why."},
    )

    def __init__(self, *args, action: Action, expression: Expression, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not MOVES[action].needs_reason:
            self.fields["reason"].required = False
            self.fields["reason"].label = "Reason (optional)"
        if action == Action.CONFIRM:
            within = [one for one in Format if expression.offer in {one, Format.BOTH}]
            words = "Select what was confirmed."
            self.fields["confirmed_format"] = _formats("Confirmed", within, words, expression.offer)
        self.order_fields(["confirmed_format", "reason"])


class AddressForm(forms.Form):
    """The address a student can be reached at."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        error_messages={
            "required": "Enter the e-mail address.",
            "invalid": "Enter an e-mail address such as name@example.org.",
            "max_length": "An e-mail address has at most 254 characters.",
        },
    )


def _formats(label: str, formats: list[Format], missing: str, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[(one.value, one.label) for one in formats],
        initial=initial,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": missing},
    )
