"""Forms for people, the focal points of their photos and their group memberships."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from apps.core.admin import LabelledFormSet
from apps.core.forms import RowsField
from apps.core.image_forms import ImageForm, PhotoField, PhotoWidget
from apps.people.models import Group, Person, PersonProfile, UploadedPhoto
from apps.people.pasted_lists import (
    ANOTHER_PERSON,
    MatchedPerson,
    PastedList,
    describe,
    people_named,
    read_list,
)
from apps.people.photo_matching import DELETE, MOST_PHOTOS, match_photo

_CENTRE = "0.5x0.5"


class Slider(forms.NumberInput):
    """Range input for a whole percentage."""

    input_type = "range"

    def __init__(self) -> None:
        super().__init__({"min": 0, "max": 100, "step": 1})


class FocusWidget(forms.MultiWidget):
    """Two sliders; with JavaScript also a point to drag and a preview of the square."""

    template_name = "people/widgets/focus.html"
    photo_url = ""  # of the stored photo
    file_input_id = ""  # id of the input that takes a new photo

    class Media:
        css = {"all": ["people/photo.css"]}
        js = [forms.widgets.Script("people/photo.js", type="module")]

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__({"across": Slider(), "down": Slider()}, attrs)

    def decompress(self, value: str | None) -> list[int]:
        """Return percent from the left and from the top."""
        across, down = (value or _CENTRE).split("x")
        return [round(float(across) * 100), round(float(down) * 100)]

    def connect(self, photo: forms.BoundField, photo_url: str) -> None:
        """Show the stored photo at `photo_url`, and the file that is chosen in the field `photo`."""
        self.photo_url, self.file_input_id = photo_url, photo.id_for_label

    def get_context(self, name: str, value, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"photo_url": self.photo_url, "file_input_id": self.file_input_id}
        return context


def _percent() -> forms.IntegerField:
    message = _("Enter whole numbers from 0 to 100.")
    codes = ("invalid", "min_value", "max_value")
    return forms.IntegerField(
        min_value=0, max_value=100, required=False, error_messages=dict.fromkeys(codes, message)
    )


class FocusField(forms.MultiValueField):
    """Focal point: two percentages, cleaned to "0.35x0.5", or "" if neither was sent."""

    widget = FocusWidget

    def __init__(self) -> None:
        super().__init__(
            (_percent(), _percent()),
            required=False,
            label=_("Focal point"),
            help_text=_(
                "The point that stays visible when the picture is cropped to a square. Drag it, "
                "or move the sliders."
            ),
        )

    def compress(self, data_list: list[int | None]) -> str:
        if not data_list:
            return ""
        across, down = (50 if percent is None else percent for percent in data_list)
        return f"{across / 100:g}x{down / 100:g}"


class FactsForm(ImageForm):
    """Photo and focal point of a person or profile; the admin adds the other fields."""

    photo = PhotoField(required=False, help_text=Person.photo.field.help_text)
    photo_focus = FocusField()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "affiliation" in self.fields:
            self.fields["affiliation"].widget.attrs["rows"] = 3
        if "photo_focus" in self.fields and "photo" in self.fields:
            photo_url = self.instance.photo.url if self.instance.photo else ""
            self.fields["photo_focus"].widget.connect(self["photo"], photo_url)

    def clean_photo_focus(self) -> str:
        """Keep the stored point unless it was moved: sliders would round it to whole percents.

        A new photo takes the point that was sent with it.
        """
        is_changed = {"photo", "photo_focus"} & set(self.changed_data)
        if is_changed and self.cleaned_data["photo_focus"]:
            return str(self.cleaned_data["photo_focus"])
        return self.instance.photo_focus


class GroupsField(RowsField):
    """Checkboxes for groups with the address of their edition."""

    def label_from_instance(self, group: Group) -> str:
        return f"{group} ({group.edition.slug})"


class PersonForm(FactsForm):
    """A person, who may be added to groups while they are saved."""

    add_to_groups = GroupsField(
        queryset=Group.objects.none(),
        required=False,
        label="Add to groups",
        help_text="The person becomes the last member of each. Roles and the order are on the "
        "group's own page.",
    )

    is_another = forms.BooleanField(
        required=False, label=ANOTHER_PERSON, help_text="Tick it to add a second person."
    )

    class Meta:
        model = Person
        fields = ["photo", "photo_focus"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        name = self.data.get(self.add_prefix("name"), "").strip()
        self.namesakes = list(people_named([name])) if name and not self.instance.pk else []
        if self.instance.pk:
            del self.fields["is_another"]
        elif not self.namesakes:
            self.fields["is_another"].widget = forms.HiddenInput()
        field: Any = self.fields.get("add_to_groups")  # absent for readers
        if field:
            groups = Group.objects.of_open_editions()
            # A group that someone else added the person to meanwhile is no error.
            if self.instance.pk and not self.is_bound:
                groups = groups.exclude(memberships__person=self.instance)
            field.queryset = groups

    def clean(self) -> dict[str, Any]:
        """Ask whether a new person with a known name is the same."""
        cleaned = super().clean() or self.cleaned_data
        if self.namesakes and not cleaned.get("is_another"):
            links = format_html_join(
                ", ",
                '<a href="{}">{}</a>',
                (
                    (reverse("admin:people_person_change", args=[person.pk]), describe(person))
                    for person in self.namesakes
                ),
            )
            text = (
                "Nothing was saved: a person with this name exists. If it is the same person, open "
                "{} and add groups there. If not, tick “{}” and save again."
            )
            self.add_error("name", format_html(text, links, ANOTHER_PERSON))
        return cleaned


class PersonProfileForm(FactsForm):
    """Photo of a person in one edition; the admin adds the other fields."""

    class Meta:
        model = PersonProfile
        fields = ["photo", "photo_focus"]


class MembershipFormSet(LabelledFormSet):
    """Members of a group, with labels that name people."""

    def name_of_row(self, form: forms.ModelForm) -> str:
        return form.instance.person.name if form.instance.pk else "new member"


class PasteForm(forms.Form):
    """A pasted list of people."""

    people = forms.CharField(
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField", "wrap": "off"}),
        label="People",
        help_text="One person on each line: name, affiliation, link.",
        error_messages={"required": "Paste at least one name."},
    )

    def clean_people(self) -> PastedList:
        return read_list(self.cleaned_data["people"])


class PastedChoicesForm(forms.Form):
    """Who each row of a pasted list is."""

    def __init__(self, *args, matched: Sequence[MatchedPerson], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.matched = matched
        for number, match in enumerate(matched):
            ask = [] if match.likely_choice else [("", "Choose who this is")]
            self.fields[f"person-{number}"] = forms.ChoiceField(
                choices=[*ask, *match.choices],
                initial=match.likely_choice,
                label=f"Who is {match.row.name}?",
                error_messages={
                    "required": f"Choose who {match.row.name} in line {match.row.line} is."
                },
            )

    def clean(self) -> dict:
        """Refuse a stored person who was chosen for two rows."""
        cleaned = super().clean() or {}
        chosen: dict[str, int] = {}
        for name, key in list(cleaned.items()):
            line = self.matched[int(name.partition("-")[2])].row.line
            if key.isdecimal() and chosen.setdefault(key, line) != line:
                message = f"This person was chosen for line {chosen[key]} too. Leave one out."
                self.add_error(name, message)
        return cleaned

    @property
    def rows(self) -> list[tuple[MatchedPerson, forms.BoundField]]:
        return [(match, self[f"person-{number}"]) for number, match in enumerate(self.matched)]

    @property
    def chosen(self) -> list[str]:
        return [self.cleaned_data[name] for name in self.fields]


class PhotosInput(forms.FileInput):
    """A file input for many photos; browsers let users drop files on it."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"multiple": True, "accept": PhotoWidget.accepted_types})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list:
        return files.getlist(name) if hasattr(files, "getlist") else []


class PhotosField(forms.FileField):
    """Several uploads; the photos are checked one by one when they are stored."""

    widget = PhotosInput

    def clean(self, data: list, initial: object = None) -> list:
        if not data:
            raise forms.ValidationError("Choose at least one photo.", code="required")
        if len(data) > MOST_PHOTOS:
            raise forms.ValidationError(
                f"These are {len(data)} photos. Upload at most {MOST_PHOTOS} at a time.",
                code="too_many",
            )
        return data


class PhotosForm(forms.Form):
    photos = PhotosField()


class AssignPhotosForm(forms.Form):
    """The person of each uploaded photo."""

    def __init__(
        self, *args, photos: Sequence[UploadedPhoto], people: Sequence[Person], **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.photos = photos
        names = [
            (str(person.pk), f"{person} (has a photo)" if person.photo else str(person))
            for person in people
        ]
        choices = [("", "Choose a person"), *names, (DELETE, "Delete this photo")]
        self.notes = {}
        for photo in photos:
            match = match_photo(photo.file_name, people)
            if match and match.photo:
                self.notes[photo.pk] = f"{match} has a photo. Choose the name to replace it."
            self.fields[f"person-{photo.pk}"] = forms.ChoiceField(
                choices=choices,
                required=False,
                initial=str(match.pk) if match and not match.photo else "",
                label=f"Person on {photo.file_name}",
            )

    def clean(self) -> dict:
        """Refuse one person for two photos."""
        cleaned = super().clean() or {}
        chosen: set[str] = set()
        for name, key in list(cleaned.items()):
            if key.isdecimal() and key in chosen:
                self.add_error(name, "This person was chosen for another photo too.")
            chosen.add(key)
        return cleaned

    @property
    def rows(self) -> list[tuple[UploadedPhoto, forms.BoundField, str]]:
        return [
            (photo, self[f"person-{photo.pk}"], self.notes.get(photo.pk, ""))
            for photo in self.photos
        ]

    @property
    def chosen(self) -> dict[int, str]:
        """The choices by the primary key of the photo, where one was made."""
        keys = {photo.pk: self.cleaned_data[f"person-{photo.pk}"] for photo in self.photos}
        return {pk: key for pk, key in keys.items() if key}
