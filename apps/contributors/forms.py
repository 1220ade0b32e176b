"""Forms on the pages of speakers and students."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.base import File

from apps.contributors.edits import SpeakerEdit
from apps.core.forms import ChooseAgain, LineField, LinesField, LinkField
from apps.core.image_forms import PDFWidget, PhotoField
from apps.core.markdown import fits_a_page
from apps.core.uploads import validate_slides
from apps.people.forms import FocusField

_MARKDOWN = (
    "An empty line begins a new paragraph. Markdown works: *slanted*, **bold**, [words](link)."
)
_MAX_LENGTH = 10_000


def _markdown_field(label: str) -> LinesField:
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

    bio = _markdown_field("Biography")
    link = LinkField(label="Your own page", help_text="Your name leads to it.")
    photo = PhotoField(
        label="Portrait",
        required=False,
        help_text="A JPEG, PNG or WebP of at most 20 MB. Where and when it was taken is removed. "
        "Without one your initials are shown.",
    )
    photo_focus = FocusField()

    def __init__(self, data: Any, files: Any, *, edit: SpeakerEdit) -> None:
        super().__init__(data, files, edit=edit)
        self.fields["photo"].widget.clear_checkbox_label = "Remove it and show your initials"
        self.fields["photo_focus"].widget.connect(self["photo"], edit.file_url)

    def clean_photo_focus(self) -> str:
        """Return the initial point if it was not moved: the sliders would round it to percents."""
        new_focus = "photo_focus" in self.changed_data and self.cleaned_data["photo_focus"]
        return str(new_focus or self.initial["photo_focus"])


class SpeakerContributionForm(SpeakerEditForm):
    """Title, abstract, slides and links of a contribution, as its speaker edits them."""

    title = LineField(
        label="Title", required=False, max_length=300, help_text="“To be announced” if empty."
    )
    abstract = _markdown_field("Abstract")
    slides = forms.FileField(
        label="Slides",
        required=False,
        allow_empty_file=True,
        widget=PDFWidget,
        validators=[validate_slides],
        help_text="A PDF of at most 50 MB, without a password. Visitors can download it.",
        error_messages={
            "empty": "The file is empty. Choose another one.",
            "contradiction": "Either choose a new PDF or remove the one that is here, not both.",
        },
    )
    slides_url = LinkField(label="Link to the slides", help_text="If they are somewhere else.")
    video_url = LinkField(label="Link to the recording")
    paper_url = LinkField(label="Link to the paper")
    arxiv_url = LinkField(label="Link to arXiv")
    code_url = LinkField(label="Link to the code")
    poster_url = LinkField(label="Link to the poster")

    def __init__(self, data: Any, files: Any, *, edit: SpeakerEdit) -> None:
        super().__init__(data, files, edit=edit)
        slides = self.fields["slides"]
        slides.label = edit.target.file_label
        slides.widget.stored_url = edit.file_url


class StudentSlidesForm(forms.Form):
    """One PDF, from a student."""

    slides = forms.FileField(
        label="PDF",
        help_text="At most 50 MB, without a password.",
        validators=[validate_slides],
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": "Choose a PDF",
            "empty": "The file is empty. Choose another one.",
            "missing": "Choose a PDF",
            "invalid": "Choose a PDF",
        },
    )
