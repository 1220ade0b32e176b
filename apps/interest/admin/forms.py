"""What a step asks for before it is taken."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.interest.models import Expression, Format, Review
from apps.interest.workflow import MOVES, Action


class OfferForm(forms.Form):
    """What an acceptance offers; what was asked for is chosen already."""

    def __init__(self, *args, expression: Expression, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offer"] = _formats(
            "Offer", list(Format), "Select what is offered.", expression.asked_for
        )


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


NOT_MINE = "0"


class ReviewForm(forms.Form):
    """A score or that it is not mine to judge: one choice, so that nobody says both."""

    verdict = forms.ChoiceField(
        label="Your score",
        choices=[
            *((str(score.value), score.label) for score in Review.Score),
            (NOT_MINE, "Not mine to judge"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a score, or say that it is not yours to judge."},
    )
    remark = forms.CharField(
        label="Remark (optional)",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Chairs read it at once, the other reviewers after the decision, students never.",
        error_messages={"max_length": "Shorten the remark to 5,000 characters."},
    )
    # The review that was on the page, by its moment; and what was skipped last.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    @property
    def said(self) -> dict[str, Any]:
        """What was said, as the service takes it."""
        verdict = self.cleaned_data["verdict"]
        return {
            "has_conflict": verdict == NOT_MINE,
            "score": None if verdict == NOT_MINE else int(verdict),
            "remark": self.cleaned_data["remark"],
        }


def _formats(label: str, formats: list[Format], missing: str, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[(one.value, one.label) for one in formats],
        initial=initial,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": missing},
    )
