"""What speakers fill in on their own page."""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.core.files.base import File

from apps.contributors.speaker_edits import OF_A_CONTRIBUTION, OF_A_PERSON, Standing
from apps.core.fields import Line, Lines, Link
from apps.core.forms import ChooseAgain
from apps.core.markdown import fits_a_page
from apps.people.forms import PersonForm, PhotoField, PhotoWidget
from apps.programme.models import validate_slides

_MARKDOWN = (
    "An empty line begins a new paragraph. Markdown works: *slanted*, **bold**, [words](link)."
)
_LONGEST = 10_000


class AboutYouForm(PersonForm):
    """Biography and portrait; what is proposed already stands in it."""

    bio = Lines(
        label="Biography",
        required=False,
        max_length=_LONGEST,
        what="biography",
        help_text=_MARKDOWN,
        validators=[fits_a_page],
    )
    link = Link(label="Your own page", help_text="Your name leads to it.")
    photo = PhotoField(
        label="Portrait",
        required=False,
        help_text="A JPEG, PNG or WebP of at most 20 MB. Where and when it was taken is removed. "
        "Without one your initials are shown.",
    )

    class Meta(PersonForm.Meta):
        fields = ["bio", "link", *PersonForm.Meta.fields]

    field_order = ["bio", "link", "photo", "photo_focus"]

    def __init__(self, data: Any, files: Any, *, standing: Standing) -> None:
        shown = {**standing.words, "photo": standing.file or ""}
        super().__init__(data, files, instance=copy(standing.row), initial=shown)
        self.fields["photo"].widget.clear_checkbox_label = "Remove it and show your initials"
        self.fields["photo_focus"].widget.photo_url = standing.file_url

    def clean_photo(self) -> Any:
        """Nothing if nobody changed it: what waits is no file of the person's own yet."""
        photo = super().clean_photo()
        return photo if "photo" in self.changed_data else None

    def clean_photo_focus(self) -> str:
        """The point as shown if nobody moved it: a slider's whole percents would round it."""
        moved = "photo_focus" in self.changed_data and self.cleaned_data["photo_focus"]
        return str(moved or self.initial["photo_focus"])

    def words(self) -> dict[str, str]:
        """What `saying.say` takes, from a valid form."""
        return {name: self.cleaned_data[name] for name in OF_A_PERSON}

    def file(self) -> File | bool | None:
        """Likewise."""
        return self.cleaned_data["photo"] if "photo" in self.changed_data else None


class SlidesWidget(PhotoWidget):
    """Chooses a PDF, or removes the one there is."""

    stored_words = "The slides there are now"
    clear_checkbox_label = "Remove these slides"

    def __init__(self) -> None:
        super().__init__({"accept": "application/pdf"})


class WhatYouGiveForm(ChooseAgain, forms.Form):
    """Title, abstract, slides and links of one contribution."""

    title = Line(
        label="Title", required=False, max_length=300, help_text="“To be announced” if empty."
    )
    abstract = Lines(
        label="Abstract",
        required=False,
        max_length=_LONGEST,
        what="abstract",
        help_text=_MARKDOWN,
        validators=[fits_a_page],
    )
    slides = forms.FileField(
        label="Slides",
        required=False,
        allow_empty_file=True,
        widget=SlidesWidget,
        validators=[validate_slides],
        help_text="A PDF of at most 50 MB, without a password. Visitors can download it.",
        error_messages={
            "empty": "The file is empty. Choose another one.",
            "contradiction": "Either choose new slides or remove those that are here, not both.",
        },
    )
    slides_url = Link(label="Link to the slides", help_text="If they are somewhere else.")
    video_url = Link(label="Link to the recording")
    paper_url = Link(label="Link to the paper")
    arxiv_url = Link(label="Link to arXiv")
    code_url = Link(label="Link to the code")
    poster_url = Link(label="Link to the poster")

    def __init__(self, data: Any, files: Any, *, standing: Standing) -> None:
        super().__init__(data, files, initial={**standing.words, "slides": standing.file})
        self.fields["slides"].widget.stored_url = standing.file_url

    def words(self) -> dict[str, str]:
        """What `saying.say` takes, from a valid form."""
        return {name: self.cleaned_data[name] for name in OF_A_CONTRIBUTION}

    def file(self) -> File | bool | None:
        """Likewise."""
        return self.cleaned_data["slides"] if "slides" in self.changed_data else None
