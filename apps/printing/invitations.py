"""Letters of invitation for a visa, for one person at a time. Nothing that is typed is stored."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils import translation
from django.utils.translation import gettext

from apps.core.inline_markup import plain_title
from apps.core.text import one_line, several_lines
from apps.editions.dates import format_day
from apps.editions.models import Edition
from apps.printing.certificates import presented_by
from apps.printing.programme import edition_facts, printed_name
from apps.printing.typesetting import typeset
from apps.registration.models import Registration


class _Line(forms.CharField):
    widget = AdminTextInputWidget

    def clean(self, value: Any) -> str:
        return one_line(super().clean(value))


class InvitationForm(forms.Form):
    """The facts of a letter; consulates ask for different ones, so most can be left out."""

    name = _Line(label="Full name, as in the passport", max_length=200)
    affiliation = _Line(label="University or company", max_length=200, required=False)
    born = _Line(label="Date of birth", max_length=60, required=False)
    nationality = _Line(max_length=100, required=False)
    passport = _Line(label="Passport number", max_length=60, required=False)
    presents = _Line(label="Presents", max_length=400, required=False, help_text="A title.")
    more = forms.CharField(
        label="More",
        max_length=2000,
        required=False,
        widget=AdminTextareaWidget(attrs={"rows": 4}),
        help_text="For example who pays for travel and accommodation.",
    )
    signed_by = _Line(label="Signed by", max_length=200)
    position = _Line(label="Their position", max_length=200, required=False)

    def clean_more(self) -> str:
        return several_lines(self.cleaned_data["more"])


def facts_of(registration: Registration) -> dict[str, str]:
    """What the form can be filled in with."""
    titles = presented_by(
        registration.edition,
        expression=registration.expression,
        person_pk=registration.person_id,
    )
    return {
        "name": registration.name,
        "affiliation": registration.affiliation,
        "presents": plain_title(titles[0]) if titles else "",
    }


def make_invitation(edition: Edition, facts: dict[str, str]) -> bytes:
    """The letter as PDF, in the language of the edition."""
    with translation.override(edition.language_code):
        return typeset("invitation", _letter(edition, facts))


def _letter(edition: Edition, facts: dict[str, str]) -> dict[str, Any]:
    name = printed_name(facts["name"])
    shown = edition_facts(edition)
    venue = ", ".join(filter(None, [edition.venue, shown["address"]])) or shown["venue"]
    details = [
        (gettext("Name"), name),
        (gettext("Date of birth"), facts["born"]),
        (gettext("Nationality"), facts["nationality"]),
        (gettext("Passport number"), facts["passport"]),
        (gettext("University or company"), facts["affiliation"]),
        (gettext("Event"), edition.title_with_year),
        (gettext("Date"), shown["dates"]),
        (gettext("Place"), venue),
        (gettext("Presents"), facts["presents"]),
    ]
    contact = gettext("If you have questions, please write to %(email)s.")
    return {
        "title": gettext("Letter of invitation"),
        "edition": shown,
        "heading": gettext("Letter of invitation"),
        "written_on": format_day(edition.today),
        "greeting": gettext("To whom it may concern"),
        "opening": gettext("We invite %(name)s to take part in %(event)s.")
        % {"name": name, "event": edition.title_with_year},
        "details": [[label, value] for label, value in details if value],
        "more": facts["more"].split("\n\n") if facts["more"] else [],
        "request": gettext(
            "We would be grateful if you granted the visa that is needed for this journey."
        ),
        "contact": contact % {"email": edition.contact_email} if edition.contact_email else "",
        "closing": gettext("Yours faithfully"),
        "signed_by": facts["signed_by"],
        "position": facts["position"],
        "for_organisers": gettext("For the organisers"),
    }
