"""The form for an expression of interest."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.core.files.base import File
from django.db.models import Model
from django.forms import model_to_dict
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.core.forms import (
    AddressField,
    ChooseAgain,
    LineField,
    LinesField,
    LinkField,
    NameField,
    checkboxes_field,
    radio_field,
)
from apps.core.image_forms import PDFWidget
from apps.core.images import digest
from apps.core.text import one_line
from apps.core.tokens import version_token
from apps.core.uploads import validate_entry_pdf
from apps.editions.models import Call, Edition, FormQuestion
from apps.interest.models import Expression, Format, Question
from apps.topics.models import Topic

MOST_COAUTHORS = 10
_SHOWN_COAUTHORS = 3
_MAX_ABSTRACT_LENGTH = 20_000
_COAUTHOR_PARTS = (
    (_("Co-author %(number)d: full name"), _("Write the name in at most 200 characters")),
    (_("Co-author %(number)d: affiliation"), _("Write the affiliation in at most 200 characters")),
)
# The names of the two fields of each co-author.
_COAUTHORS = [
    (f"coauthor_name_{number}", f"coauthor_affiliation_{number}")
    for number in range(1, MOST_COAUTHORS + 1)
]
# Asked if the call has `asks_` of the same name.
OPTIONAL_FIELDS = ("career_stage", "supervisor", "school", "link")
_YOU = ("name", "email", "university", *OPTIONAL_FIELDS)
_WORK = ("formats", "preference", "title", "abstract", "topics", "pdf")
# Names of the fields for text, which error pages give back.
TEXT_FIELDS = (
    *("name", "university", "supervisor", "school", "link", "title", "abstract"),
    *("coauthor_*", "question_*"),
)
YES_OR_NO = [("yes", _("Yes")), ("no", _("No"))]


class Folded(Div):
    """A collapsed part of the form, open if it has values or errors."""

    template = "interest/_form_folded.html"

    def __init__(
        self, summary: str, *fields, is_open: bool, hint: str = "", css_id: str = ""
    ) -> None:
        super().__init__(*fields, css_id=css_id or None)
        self.summary, self.is_open, self.hint = summary, is_open, hint


class ExpressionForm(ChooseAgain, forms.Form):
    """The fields that the call asks for.

    With an `instance` it starts with the stored answers and has no address, which has a page of
    its own. `service_fields`, `chosen_topics`, `coauthor_pairs`, `answers` and `new_pdf` of a valid
    form are the arguments of `submit_expression` and `correct_expression`.
    """

    name = NameField(
        label=_("Full name"),
        help_text=_("As it will appear in the programme"),
        missing=_("Enter your full name"),
        too_long=_("Write your name in at most 200 characters"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = AddressField(
        label=_("Email address"),
        help_text=_("We will send the decision to this address"),
        missing=_("Enter your email address"),
    )
    university = NameField(
        label=_("University"),
        missing=_("Enter your university"),
        too_long=_("Write the university in at most 200 characters"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    career_stage = radio_field(
        Expression.CareerStage.choices,
        label=_("What is your current position?"),
        missing=_("Select your current position"),
    )
    supervisor = NameField(
        label=_("Supervisor"), too_long=_("Write the supervisor in at most 200 characters")
    )
    school = NameField(
        label=_("School or lab"), too_long=_("Write the school or lab in at most 200 characters")
    )
    link = LinkField(
        label=_("A link to you or your work"), help_text=_("Your website, a paper or code")
    )
    preference = radio_field(
        Expression.Preference.choices,
        required=False,
        label=_("If you selected both, which do you prefer?"),
    )
    # Not marked as optional: `clean` requires it if both formats are selected.
    preference.widget.is_required = True
    title = LineField(
        label=_("Title"),
        help_text=_("At most 200 characters"),
        missing=_("Enter a title"),
        too_long=_("Your title has %(show_value)d characters. Shorten it to 200 or fewer."),
    )
    pdf = forms.FileField(
        label="PDF",
        required=False,
        allow_empty_file=True,
        widget=PDFWidget,
        validators=[validate_entry_pdf],
        help_text=_("At most 10 MB, without a password"),
        error_messages={
            "invalid": _("Choose a PDF file"),
            "missing": _("Choose a PDF file"),
            "contradiction": _("Either choose a new PDF or remove the current one, not both"),
        },
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        edition: Edition,
        call: Call,
        instance: Expression | None = None,
    ) -> None:
        self.edition, self.call, self.instance = edition, call, instance
        super().__init__(data, files, initial=self._initial(instance) if instance else None)
        self.topics = {str(topic.pk): topic for topic in edition.topics.all()}
        self.questions = {
            f"question_{question.pk}": question
            for question in edition.questions.all()
            if question.asked_at == Question.AskedAt.SUBMISSION
        }
        self._fit_to_call()
        # Most of the twenty fields of co-authors come back empty; these are not validated.
        for number, names in enumerate(_COAUTHORS, start=1):
            if not self.is_bound or any(map(self.data.get, names)):
                self._add_coauthor(number)
        self.fields |= {name: question_field(asked) for name, asked in self.questions.items()}

    @cached_property
    def helper(self) -> FormHelper:
        """The layout; not made for a form that is only validated."""
        for number in range(1, MOST_COAUTHORS + 1):
            self._add_coauthor(number)
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = self._layout()
        return helper

    @property
    def content_hash(self) -> str:
        """Hash of all that the empty form shows: key of its HTML in the template fragment cache.

        Drawing its fifty controls takes three quarters of the time of the page.
        """
        rows: list[Model] = [self.call, *self.topics.values(), *self.questions.values()]
        return version_token(get_language(), *[model_to_dict(row) for row in rows])

    def _fit_to_call(self) -> None:
        """Remove the fields that the call does not ask for, and add those that it sets."""
        not_asked = {name for name in OPTIONAL_FIELDS if not getattr(self.call, f"asks_{name}")}
        if self.instance:
            not_asked.add("email")
        if not self.call.asks_pdf and not self.initial.get("pdf"):
            not_asked.add("pdf")
        elif self.call.is_review_anonymous and self.call.has_anonymous_pdfs:
            hint = _("At most 10 MB, without a password, and without anything that identifies you")
            self.fields["pdf"].help_text = hint
        offered = self._offered()
        if len(offered) > 1:
            self.fields["formats"] = checkboxes_field(
                offered,
                label=_("What would you like to present?"),
                help_text=_("Select all that apply"),
                missing=_("Select lightning talk, poster or both"),
                unknown=_("Select lightning talk, poster or both"),
            )
        else:
            not_asked.add("preference")
        for name in not_asked:
            del self.fields[name]
        self.fields["abstract"] = LinesField(
            label=_("Abstract"),
            help_text=abstract_hint(self.call),
            missing=_("Enter an abstract"),
            word_limit=self.call.abstract_words,
            max_length=_MAX_ABSTRACT_LENGTH,
        )
        if self.topics:
            self.fields["topics"] = checkboxes_field(
                [(key, str(topic)) for key, topic in self.topics.items()],
                label=_("Topics"),
                help_text=_("Select all that apply"),
                missing=_("Select at least one topic"),
                unknown=_("Select topics from the list"),
            )
        self.order_fields([*_YOU, *_WORK])

    def _add_coauthor(self, number: int) -> None:
        for name, (label, too_long) in zip(_COAUTHORS[number - 1], _COAUTHOR_PARTS, strict=True):
            if name not in self.fields:
                field = NameField(label=label % {"number": number}, too_long=too_long)
                # Not each of the twenty is marked as optional: their heading says so.
                field.widget.is_required = True
                self.fields[name] = field

    def _offered(self) -> list[tuple[str, str]]:
        """The formats that the call offers, or that were requested already."""
        call, instance = self.call, self.instance
        talk = call.offers_talks or (instance is not None and instance.wants_talk)
        poster = call.offers_posters or (instance is not None and instance.wants_poster)
        minutes = call.talk_minutes
        length = f" ({ngettext('%d minute', '%d minutes', minutes) % minutes})" if minutes else ""
        size = f" ({call.poster_size})" if call.poster_size else ""
        offered = {
            Format.TALK.value: (talk, f"{Format.TALK.label}{length}"),
            Format.POSTER.value: (poster, f"{Format.POSTER.label}{size}"),
        }
        return [(name, label) for name, (is_offered, label) in offered.items() if is_offered]

    def _layout(self) -> Layout:
        shown = [name for names in _COAUTHORS for name in names]
        first, more = shown[: 2 * _SHOWN_COAUTHORS], shown[2 * _SHOWN_COAUTHORS :]
        coauthors = Folded(
            gettext("Add co-authors (optional)"),
            *first,
            Folded(
                gettext("More than %d co-authors") % _SHOWN_COAUTHORS,
                *more,
                is_open=self._has_any(more),
            ),
            is_open=self._has_any(shown),
            hint=gettext("Up to %d, in the order of the programme. Do not add yourself.")
            % MOST_COAUTHORS,
            css_id="coauthors",
        )
        parts = [
            Fieldset(gettext("About you"), *self._present(_YOU)),
            Fieldset(gettext("Your work"), *self._present(_WORK), coauthors),
        ]
        if self.questions:
            parts.append(Fieldset(gettext("Additional questions"), *self.questions))
        return Layout(*parts)

    def _present(self, names: tuple[str, ...]) -> list[str]:
        return [name for name in names if name in self.fields]

    def _has_any(self, names: list[str]) -> bool:
        return any(self[name].value() or (self.is_bound and self[name].errors) for name in names)

    # Answers

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        wanted = data.get("formats", [])
        if "preference" in self.fields and "preference" not in self.errors:
            if len(wanted) == 1:
                data["preference"] = ""
            elif len(wanted) > 1 and not data.get("preference"):
                self.add_error("preference", gettext("Select which you prefer, or no preference"))
        for number, (name, affiliation) in enumerate(_COAUTHORS, start=1):
            if data.get(affiliation) and not data.get(name) and name not in self.errors:
                self.add_error(
                    name,
                    gettext("Enter the name of co-author %d, or clear the affiliation") % number,
                )
        return data

    def service_fields(self) -> dict[str, Any]:
        """The answers that were asked for, by the fields of Expression."""
        data = self.cleaned_data
        wanted = data.get("formats") or [name for name, _ in self._offered()]
        answers = {name: data[name] for name in (*_YOU, "title", "abstract") if name in data}
        return answers | {
            "wants_talk": Format.TALK in wanted,
            "wants_poster": Format.POSTER in wanted,
            "preference": data.get("preference", ""),
        }

    def chosen_topics(self) -> list[Topic]:
        """The chosen topics, in the order of the edition."""
        chosen = self.cleaned_data.get("topics", [])
        return [topic for key, topic in self.topics.items() if key in chosen]

    def coauthor_pairs(self) -> list[tuple[str, str]]:
        """Names and affiliations of the co-authors, in their order, without gaps."""
        get = self.cleaned_data.get
        pairs = [(get(name, ""), get(affiliation, "")) for name, affiliation in _COAUTHORS]
        return [pair for pair in pairs if pair[0]]

    def answers(self) -> dict[Question, str]:
        """The answers to the questions of the organisers, "" for none."""
        return {question: self.cleaned_data[name] for name, question in self.questions.items()}

    def new_pdf(self) -> File | bool | None:
        """The PDF that was sent; False if the stored one is to be removed, None for no change."""
        if "pdf" not in self.changed_data:
            return None
        pdf: File | bool = self.cleaned_data["pdf"]
        stored = getattr(self.instance, "pdf", None)
        is_same = stored and isinstance(pdf, File) and digest(pdf) == stored.digest
        return None if is_same else pdf

    def _initial(self, instance: Expression) -> dict[str, Any]:
        initial = model_to_dict(instance, [*_YOU, "preference", "title", "abstract"])
        formats = {Format.TALK: instance.wants_talk, Format.POSTER: instance.wants_poster}
        initial["formats"] = [name.value for name, is_wanted in formats.items() if is_wanted]
        initial["pdf"] = instance.pdf.file if hasattr(instance, "pdf") else None
        initial["topics"] = [str(topic.pk) for topic in instance.topics.all()]
        for number, coauthor in enumerate(instance.coauthors.all(), start=1):
            name, affiliation = _COAUTHORS[number - 1]
            initial |= {name: coauthor.name, affiliation: coauthor.affiliation}
        for answer in instance.answers.all():
            initial[f"question_{answer.question_id}"] = answer.text
        return initial


def abstract_hint(call: Call) -> str:
    """The length of an abstract, in words."""
    words = call.abstract_words
    text = ngettext("Plain text, at most %d word", "Plain text, at most %d words", words)
    return text % words


def question_field(question: FormQuestion) -> forms.Field:
    """The form field of a question."""
    options: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help_text,
        "required": question.is_required,
    }
    missing = gettext("Answer “%(question)s”") % {"question": question.label}
    match question.kind:
        case Question.Kind.CHOICE:
            # The values as the field cleans them.
            choices = [(one_line(choice), choice) for choice in question.choice_list]
            return radio_field(choices, missing=missing, **options)
        case Question.Kind.YES_NO:
            return radio_field(YES_OR_NO, missing=missing, **options)
        case Question.Kind.LONG_TEXT:
            return LinesField(missing=missing, max_length=5_000, **options)
        case _:
            return LineField(missing=missing, max_length=500, **options)
