"""The registration form: for a new registration, and with an instance for its changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Layout
from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.core.forms import AddressField, LinesField, NameField, checkboxes_field, radio_field
from apps.editions.models import Edition
from apps.interest.forms import question_field
from apps.registration.models import (
    AttendanceKind,
    Registration,
    RegistrationConsent,
    RegistrationPeriod,
)
from apps.registration.places import Places
from apps.registration.services import Answers

# Names of the fields for text, which error pages give back.
TEXT_FIELDS = ("name", "affiliation", "diet", "access", "question_*")
_NEEDS = ("diet", "access")
_SHORT: dict[str, Any] = {"max_length": 1_000, "widget": forms.Textarea(attrs={"rows": 3})}

# How many days after the event needs are erased, or None; a higher layer knows it.
_needs_days: list[Callable[[Edition], int | None]] = []


def register_needs_days(days: Callable[[Edition], int | None]) -> None:
    """Register the function that knows how long needs are kept."""
    _needs_days[:] = [days]


class RegistrationForm(forms.Form):
    """The fields that the edition asks for; `given` of a valid form is what the services take.

    With an `instance` it starts with the stored answers and has no address, which has a page of
    its own.
    """

    name = NameField(
        label=_("Full name"),
        help_text=_("As it will appear on your badge"),
        missing=_("Enter your full name"),
        too_long=_("Write your name in at most 200 characters"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = AddressField(
        label=_("Email address"),
        help_text=_("We will send your ticket to this address"),
        missing=_("Enter your email address"),
    )
    affiliation = NameField(
        label=_("University or company"),
        too_long=_("Write this in at most %(limit_value)d characters"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    diet = LinesField(label=_("Dietary needs"), help_text=_("For the catering."), **_SHORT)
    access = LinesField(
        label=_("Access needs"),
        help_text=_("For example a ramp, a seat near the screen, or sign language."),
        **_SHORT,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        period: RegistrationPeriod,
        instance: Registration | None = None,
    ) -> None:
        self.period, self.instance = period, instance
        self.edition = period.edition
        self.places = Places.of(period)
        super().__init__(data, initial=self._stored(instance) if instance else None)
        self.questions = {
            f"question_{question.pk}": question
            for question in self.edition.registration_questions.all()
        }
        self.consents = {
            f"consent_{consent.pk}": consent for consent in self.edition.registration_consents.all()
        }
        self._fit_to_edition()

    def _fit_to_edition(self) -> None:
        """Remove the fields that the edition does not ask for, and add those that it sets."""
        if self.instance:
            del self.fields["email"]
        for name in _NEEDS:
            if not getattr(self.period, f"asks_{name}") and not self.initial.get(name):
                del self.fields[name]
        self.kinds = {str(kind.pk): kind for kind in self._offered(is_extra=False)}
        self.extras = {str(kind.pk): kind for kind in self._offered(is_extra=True)}
        if self.kinds:
            self.fields["kind"] = radio_field(
                [(key, self._label(kind)) for key, kind in self.kinds.items()],
                label=_("How will you take part?"),
                missing=_("Select how you will take part"),
            )
            if len(self.kinds) == 1:
                self.fields["kind"].initial = next(iter(self.kinds))
        if self.extras:
            self.fields["extras"] = checkboxes_field(
                [(key, self._label(kind)) for key, kind in self.extras.items()],
                label=_("What else would you like to join?"),
                help_text=_("Select all that apply"),
                missing="",
                unknown=_("Select from the list"),
                required=False,
            )
        self.fields |= {name: question_field(asked) for name, asked in self.questions.items()}
        for name, consent in self.consents.items():
            missing = gettext("Tick “%(text)s” to register") % {"text": consent.text}
            required = f" ({gettext('required')})" if consent.is_required else ""
            self.fields[name] = forms.BooleanField(
                label=f"{consent.text}{required}",
                required=consent.is_required,
                error_messages={"required": missing},
            )

    def _offered(self, *, is_extra: bool) -> list[AttendanceKind]:
        """The kinds or extras to choose from: those that are stored, and those with places.

        Without a place left, only a new or waiting registration may choose a kind, to wait for it.
        """
        may_wait = self.period.has_waiting_list and not is_extra
        if self.instance and not self.instance.is_waiting:
            may_wait = False
        kinds = (kind for kind in self.places.kinds.values() if kind.is_extra == is_extra)
        stored = {self.initial.get("kind"), *self.initial.get("extras", [])}
        return [
            kind
            for kind in kinds
            if may_wait or self.places.has_place(kind) or str(kind.pk) in stored
        ]

    def _label(self, kind: AttendanceKind) -> str:
        """ "Student (€ 20; 5 places left): with a proof of enrolment"."""
        notes = "; ".join(filter(None, [kind.price_note, self.places.note_of(kind)]))
        return "".join(
            [
                kind.name,
                f" ({notes})" if notes else "",
                f": {kind.description}" if kind.description else "",
            ]
        )

    @property
    def can_register(self) -> bool:
        """Whether there is a place, or a waiting list, for anybody."""
        if self.kinds or self.period.has_waiting_list:
            return True
        has_kinds = any(not kind.is_extra for kind in self.places.kinds.values())
        return not has_kinds and self.places.has_place(None)

    @cached_property
    def helper(self) -> FormHelper:
        """The layout."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        needs = self._present(_NEEDS)
        parts = [
            Fieldset(gettext("About you"), *self._present(("name", "email", "affiliation"))),
        ]
        if attendance := self._present(("kind", "extras")):
            parts.append(Fieldset(gettext("How you come"), *attendance))
        if needs:
            words = HTML(format_html('<p class="muted needs-words">{}</p>', self._needs_words()))
            parts.append(Fieldset(gettext("What you need"), words, *needs))
        if self.questions:
            parts.append(Fieldset(gettext("Additional questions"), *self.questions))
        if self.consents:
            parts.append(Fieldset(gettext("What you agree to"), *self.consents))
        helper.layout = Layout(*parts)
        return helper

    def _needs_words(self) -> str:
        words = gettext("Only the organisers see this.")
        days = next((find(self.edition) for find in _needs_days), None)
        if days is None:
            return words
        erased = ngettext(
            "It is erased before everything else, %d day after the event.",
            "It is erased before everything else, %d days after the event.",
            days,
        )
        return f"{words} {erased % days}"

    def _present(self, names: tuple[str, ...]) -> list[str]:
        return [name for name in names if name in self.fields]

    def _stored(self, registration: Registration) -> dict[str, Any]:
        needs = getattr(registration, "needs", None)
        given = set(registration.consents.values_list("consent", flat=True))
        return {
            "name": registration.name,
            "affiliation": registration.affiliation,
            "kind": str(registration.kind_id) if registration.kind_id else None,
            "extras": [str(extra.pk) for extra in registration.extras.all()],
            **{name: getattr(needs, name) for name in _NEEDS if needs},
            **{f"question_{each.question_id}": each.text for each in registration.answers.all()},
            **{f"consent_{pk}": True for pk in given},
        }

    @property
    def given(self) -> Answers:
        """What a person said, from a valid form."""
        data = self.cleaned_data
        columns = ("name", "email", "affiliation")
        chosen = data.get("extras", [])
        kind = self.kinds.get(data.get("kind", ""))
        return Answers(
            fields={name: data[name] for name in columns if name in data},
            kind=kind,
            extras=[extra for key, extra in self.extras.items() if key in chosen],
            needs={name: data.get(name, "") for name in _NEEDS},
            answers={question: data[name] for name, question in self.questions.items()},
            consents=self._given_consents(),
        )

    def _given_consents(self) -> dict[RegistrationConsent, bool]:
        return {consent: self.cleaned_data[name] for name, consent in self.consents.items()}
