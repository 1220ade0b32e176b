"""Forms of the student's page, besides the form of the call: the attendee details."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Layout
from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.forms import LinesField, radio_field
from apps.interest.forms import YES_OR_NO, question_field
from apps.interest.models import NEEDS, Consent, Expression, Format, Question

_SHORT: dict[str, Any] = {
    "max_length": 2_000,
    "widget": forms.Textarea(attrs={"rows": 3}),
}
_NEEDS = NEEDS[1:]  # those in words
_CONSENTS = _(
    "All of these are your choice, and do not affect your place. Without your consent to publish "
    "the abstract, only your name and title are published."
)


class NeedsForm(forms.Form):
    """Attendee details: needs, consents and questions, filled in with the stored ones."""

    can_attend = radio_field(
        YES_OR_NO,
        label=_("Can you come to the workshop?"),
        help_text=_("If a co-author comes in your place, select “No” and write to us."),
        missing=_("Select whether you can come"),
    )
    technical_needs = LinesField(
        label=_("Technical needs"),
        help_text=_("For example a power socket, a screen, sound."),
        **_SHORT,
    )
    access_needs = LinesField(
        label=_("Access needs"),
        help_text=_("Only the chairs see this. It is never used in the selection."),
        **_SHORT,
    )
    diet = LinesField(label=_("Dietary needs"), help_text=_("For the catering."), **_SHORT)

    def __init__(self, data: Any = None, *, expression: Expression) -> None:
        super().__init__(data, initial=self._stored(expression))
        self.expression = expression
        self.questions = list(
            expression.edition.questions.filter(asked_at=Question.AskedAt.ACCEPTANCE)
        )
        for question in self.questions:
            self.fields[_name(question)] = question_field(question)
        self.consents = Consent.About.asked_for(expression.confirmed_format or expression.offer)
        for about in self.consents:
            self.fields[f"consent_{about}"] = forms.BooleanField(label=about.label, required=False)

    def _stored(self, expression: Expression) -> dict[str, Any]:
        if not expression.has_details:
            return {}
        return {
            "can_attend": "yes" if expression.can_attend else "no",
            **{name: getattr(expression, name) for name in _NEEDS},
            **{_name(answer.question): answer.text for answer in expression.answers.all()},
            **{
                f"consent_{consent.about}": consent.is_given
                for consent in expression.consents.all()
            },
        }

    @cached_property
    def helper(self) -> FormHelper:
        """The layout."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        question_names = [_name(question) for question in self.questions]
        groups: list[tuple[str, list[str]]] = [
            (
                gettext("Your place"),
                [name for name in ("confirmed_format", "can_attend") if name in self.fields],
            ),
            (gettext("What you need"), [*_NEEDS]),
            (gettext("Additional questions"), question_names),
        ]
        fieldsets = [Fieldset(legend, *names) for legend, names in groups if names]
        consents = [f"consent_{about}" for about in self.consents]
        words = HTML(format_html('<p class="muted" id="consents-words">{}</p>', _CONSENTS))
        helper.layout = Layout(*fieldsets, Fieldset(gettext("What we may do"), words, *consents))
        return helper

    def service_fields(self) -> dict[str, Any]:
        """The common arguments of `confirm_offer` and `update_details`, from a valid form."""
        data = self.cleaned_data
        return {
            "needs": {
                "can_attend": data["can_attend"] == "yes",
                **{name: data[name] for name in _NEEDS},
            },
            "consents": {str(about): data[f"consent_{about}"] for about in self.consents},
            "answers": {question: data[_name(question)] for question in self.questions},
        }


class ConfirmForm(NeedsForm):
    """The same with the accepted format, and nothing filled in."""

    confirmed_format = radio_field(
        [
            (Format.TALK, Format.TALK.label),
            (Format.POSTER, Format.POSTER.label),
            (Format.BOTH, _("Both")),
        ],
        label=_("What would you like to present?"),
        missing=_("Select lightning talk, poster or both"),
    )
    field_order = ["confirmed_format"]

    def __init__(self, data: Any = None, *, expression: Expression) -> None:
        super().__init__(data, expression=expression)
        if expression.offer != Format.BOTH:
            del self.fields["confirmed_format"]

    def _stored(self, expression: Expression) -> dict[str, Any]:
        return {}

    def service_fields(self) -> dict[str, Any]:
        """The arguments of `confirm_offer`, from a valid form."""
        confirmed = self.cleaned_data.get("confirmed_format") or self.expression.offer
        return {"confirmed_format": confirmed, **super().service_fields()}


def _name(question: Question) -> str:
    return f"question_{question.pk}"
