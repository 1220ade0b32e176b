"""A person and their photo, as organisers enter them."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from apps.core.admin import LabelledFormSet
from apps.core.fixed_row import FixedRowField
from apps.core.forms import ChooseAgain
from apps.core.images import clean_photo, digest
from apps.core.worked_files import WorkedFile, WorksAhead, worked
from apps.people.models import Membership, Person
from apps.people.photos import make_ready

_MIDDLE = "0.5x0.5"


class PhotoWidget(forms.ClearableFileInput):
    """Chooses a photo, or removes the one there is."""

    template_name = "people/widgets/photo.html"
    stored_words = "The photo there is now"  # what leads to it, where a form shows it
    stored_url = ""  # where it is fetched, if not at the file's own address
    clear_checkbox_label = "Remove the photo and show the initials"

    def __init__(self, attrs: dict | None = None) -> None:
        # Without HEIC in this list iPhones hand over a JPEG by themselves.
        super().__init__({"accept": "image/jpeg,image/png,image/webp"} | (attrs or {}))

    def get_context(self, name: str, value, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"stored_words": self.stored_words, "stored_url": self.stored_url}
        return context


class PhotoField(WorkedFile):
    """A photo as clean_photo lets it in; clean() gives the file to store, None or False (remove)."""

    widget = PhotoWidget
    default_error_messages = {
        "contradiction": "Either choose a new photo or remove the one there is, not both."
    }

    def __init__(self, **kwargs) -> None:
        super().__init__(allow_empty_file=True, **kwargs)

    def work(self, upload: UploadedFile) -> ContentFile:
        return clean_photo(upload)


class Slider(forms.NumberInput):
    """A whole percentage."""

    input_type = "range"

    def __init__(self) -> None:
        super().__init__({"min": 0, "max": 100, "step": 1})


class FocusWidget(forms.MultiWidget):
    """Two sliders; where scripts run, also a point to drag on the photo, and the square it gives."""

    template_name = "people/widgets/focus.html"
    photo_url = ""  # the current photo's
    file_input_id = ""  # where a new one is chosen

    class Media:
        css = {"all": ["people/photo.css"]}
        js = [forms.widgets.Script("people/photo.js", type="module")]

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__({"across": Slider(), "down": Slider()}, attrs)

    def decompress(self, value: str | None) -> list[int]:
        """Percent from the left and from the top."""
        across, down = (value or _MIDDLE).split("x")
        return [round(float(across) * 100), round(float(down) * 100)]

    def get_context(self, name: str, value, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"photo_url": self.photo_url, "file_input_id": self.file_input_id}
        return context


def _percent() -> forms.IntegerField:
    words = "Enter whole numbers from 0 to 100."
    codes = ("invalid", "min_value", "max_value")
    return forms.IntegerField(
        min_value=0, max_value=100, required=False, error_messages=dict.fromkeys(codes, words)
    )


class FocusField(forms.MultiValueField):
    """Two percentages in, "0.35x0.5" out, or "" if neither was sent."""

    widget = FocusWidget

    def __init__(self, **kwargs) -> None:
        super().__init__((_percent(), _percent()), required=False, **kwargs)

    def compress(self, data_list: list[int | None]) -> str:
        if not data_list:
            return ""
        across, down = (50 if percent is None else percent for percent in data_list)
        return f"{across / 100:g}x{down / 100:g}"


class PersonForm(ChooseAgain, WorksAhead, forms.ModelForm):
    """A person's photo; the admin adds their other fields."""

    photo = PhotoField(
        required=False,
        help_text="A JPEG, PNG or WebP of at most 20 MB. Where and when it was taken is removed. "
        "Without one the initials are shown.",
    )
    photo_focus = FocusField(
        label="Focal point",
        help_text="The point that stays in the picture when a square is cut out of it. Drag it, "
        "or move the sliders.",
    )

    class Meta:
        model = Person
        fields = ["photo", "photo_focus"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "affiliation" in self.fields:
            self.fields["affiliation"].widget.attrs["rows"] = 3
        if "photo_focus" in self.fields and "photo" in self.fields:
            widget = self.fields["photo_focus"].widget
            widget.photo_url = self.instance.photo.url if self.instance.photo else ""
            widget.file_input_id = self["photo"].id_for_label

    @classmethod
    def work_ahead(cls, data: QueryDict, files: MultiValueDict[str, UploadedFile]) -> None:
        """The photo, and its squares for the focal point that was sent with it."""
        super().work_ahead(data, files)
        photo, focus = worked(files.get("photo")), cls.base_fields["photo_focus"]
        if photo is None:
            return
        try:
            sent = focus.clean(focus.widget.value_from_datadict(data, files, "photo_focus"))
        except ValidationError:
            return  # nothing will be stored
        make_ready(photo, sent or _MIDDLE)

    def clean_photo(self) -> ContentFile | bool | None:
        """Notes which file it was, so that an edition's folder knows whether its own is newer."""
        photo: ContentFile | bool | None = self.cleaned_data["photo"]
        if "photo" in self.changed_data:
            upload = self.files.get(self.add_prefix("photo"))
            self.instance.photo_digest = digest(upload) if upload and photo else ""
        return photo

    def clean_photo_focus(self) -> str:
        """The point as stored if nobody moved it: a slider's whole percents would round it.

        That of another photo says nothing of a new one, which goes by the point sent with it.
        """
        is_meant = {"photo", "photo_focus"} & set(self.changed_data)
        if is_meant and self.cleaned_data["photo_focus"]:
            return str(self.cleaned_data["photo_focus"])
        return self.instance.photo_focus


class MembershipForm(forms.ModelForm):
    """One row of a group. Who it is about is said once: another person is another row.

    Costs no query for a row that is there already, so that a group of a thousand opens
    and saves like one of ten.
    """

    class Meta:
        model = Membership
        fields = ["person", "affiliation", "ordering"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "affiliation" in self.fields:
            self.fields["affiliation"].widget.attrs["rows"] = 2
        if self.instance.pk and "person" in self.fields:
            self.fields["person"] = FixedRowField(self.instance.person)

    def _get_validation_exclusions(self) -> set[str]:
        known = {"person", "group"} if self.instance.pk else set()
        return super()._get_validation_exclusions() | known  # type: ignore[misc]  # undocumented


class MembershipFormSet(LabelledFormSet):
    """Rows are told apart by the number that came with them, without asking for each one."""

    def name_of_row(self, form: forms.ModelForm) -> str:
        """Whom the row is about."""
        return form.instance.person.name if form.instance.pk else "new member"

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        if form.instance.pk:
            form.fields["id"] = forms.IntegerField(
                initial=form.instance.pk, required=False, widget=forms.HiddenInput
            )

    def get_unique_error_message(self, unique_check) -> str:
        """Said when one form holds a person twice."""
        return "Somebody stands in this group twice. Take one of the two rows out."

    def get_form_error(self) -> str:
        return "This person is in the group already."
