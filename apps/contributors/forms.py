"""Forms on the pages of speakers and students."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.base import File
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.contributors.edits import SpeakerEdit
from apps.core.forms import ChooseAgain, LineField, LinesField, LinkField
from apps.core.image_forms import PDFWidget, PhotoField
from apps.core.markdown import fits_a_page
from apps.core.uploads import validate_slides
from apps.people.forms import FocusField

_MARKDOWN = _(
    "An empty line begins a new paragraph. Markdown works: *italic*, **bold**, [text](link)."
)
_MAX_LENGTH = 10_000


def _markdown_field(label: Promise) -> LinesField:
    return LinesField(
        label=label,
        required=False,
        max_length=_MAX_LENGTH,
        help_text=_MARKDOWN,
        validators=[fits_a_page],
    )


class SpeakerEditForm(ChooseAgain, forms.Form):
    """The arguments of `edits.submit_edit`; a subclass has the fields of a person or contribution."""

    def __init__(self, data: Any, files: Any, *, edit: SpeakerEdit) -> None:
        self.edit = edit
        super().__init__(data, files, initial={**edit.values, edit.file_field: edit.file})

    def field_values(self) -> dict[str, str]:
        """The `values`, from a valid form."""
        return {name: self.cleaned_data[name] for name in self.edit.values}

    def show_stored(self, values: dict[str, str]) -> None:
        """Show these in place of what was sent."""
        data: Any = self.data
        self.data = data = data.copy()
        for name in values.keys() & data.keys():
            data[name] = values[name]

    def new_file(self) -> File | bool | None:
        """The `file`, from a valid form."""
        name = self.edit.file_field
        return self.cleaned_data[name] if name in self.changed_data else None


class SpeakerProfileForm(SpeakerEditForm):
    """Biography and portrait of a speaker."""

    bio = _markdown_field(_("Biography"))
    link = LinkField(label=_("Your website"), help_text=_("Your name becomes a link to it."))
    photo = PhotoField(
        label=_("Portrait"),
        required=False,
        help_text=_(
            "A JPEG, PNG or WebP file of at most 20 MB. The place and time of the photo are removed "
            "from it. Without a photo your initials are shown."
        ),
    )
    photo_focus = FocusField()

    def __init__(self, data: Any, files: Any, *, edit: SpeakerEdit) -> None:
        super().__init__(data, files, edit=edit)
        self.fields["photo"].widget.clear_checkbox_label = _("Remove it and show your initials")
        self.fields["photo_focus"].widget.connect(self["photo"], edit.file_url)

    def clean_photo_focus(self) -> str:
        """Return the initial point if it was not moved: the sliders would round it to percents."""
        new_focus = "photo_focus" in self.changed_data and self.cleaned_data["photo_focus"]
        return str(new_focus or self.initial["photo_focus"])


class SpeakerContributionForm(SpeakerEditForm):
    """Title, abstract, slides and links of a contribution, as its speaker edits them."""

    title = LineField(
        label=_("Title"),
        required=False,
        max_length=300,
        help_text=_("“To be announced” if empty."),
    )
    abstract = _markdown_field(_("Abstract"))
    slides = forms.FileField(
        label=_("Slides"),
        required=False,
        allow_empty_file=True,
        widget=PDFWidget,
        validators=[validate_slides],
        help_text=_("A PDF of at most 50 MB, without a password. Visitors can download it."),
        error_messages={
            "empty": _("The file is empty. Choose another one."),
            "contradiction": _("Either choose a new PDF or remove the current one, not both."),
        },
    )
    slides_url = LinkField(
        label=_("Link to the slides"), help_text=_("If they are on another site.")
    )
    video_url = LinkField(label=_("Link to the recording"))
    paper_url = LinkField(label=_("Link to the paper"))
    arxiv_url = LinkField(label=_("Link to arXiv"))
    code_url = LinkField(label=_("Link to the code"))
    poster_url = LinkField(label=_("Link to the poster"))

    def __init__(self, data: Any, files: Any, *, edit: SpeakerEdit) -> None:
        super().__init__(data, files, edit=edit)
        slides = self.fields["slides"]
        slides.label = edit.target.file_label
        slides.widget.stored_url = edit.file_url


class StudentSlidesForm(forms.Form):
    """One PDF, from a student."""

    slides = forms.FileField(
        label="PDF",
        help_text=_("At most 50 MB, without a password."),
        validators=[validate_slides],
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": _("Choose a PDF"),
            "empty": _("The file is empty. Choose another one."),
            "missing": _("Choose a PDF"),
            "invalid": _("Choose a PDF"),
        },
    )
