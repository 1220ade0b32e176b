"""Uploads of pictures and downloads at the desk."""

from typing import Any

from django import forms
from django.core.files.base import ContentFile, File

from apps.core.forms import ChooseAgain
from apps.core.image_forms import ImageForm, PhotoField
from apps.core.images import clean_picture
from apps.editions.models import Download, Picture, name_in_texts

_NAME_HELP = (
    "Used in texts; it cannot be changed later. If empty, it is made from the name of the file."
)


class PictureField(PhotoField):
    """Picture upload. Cleans to the file to store, or to the stored one."""

    def clean_upload(self, upload: File) -> ContentFile:
        return clean_picture(upload)


class _NamedFileForm(forms.ModelForm):
    """Names a new file by its upload, unless a name was written."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:  # not of a stored row
            self.fields["name"].required = False
            self.fields["name"].help_text = _NAME_HELP

    def clean_name(self) -> str:
        upload = self.files.get(self.add_prefix("file"))
        name = str(self.cleaned_data["name"])
        if name or not upload:
            return name
        return name_in_texts(upload.name or "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "name" in self.fields and "file" not in self.errors and not cleaned.get("name"):
            self.add_error("name", "Write a name, such as venue.jpg.")
        return cleaned


class PictureForm(_NamedFileForm, ImageForm):
    """File of a picture; the admin adds the other fields."""

    file = PictureField(label="Picture", help_text=Picture.file.field.help_text)

    class Meta:
        model = Picture
        fields = ["file"]


class DownloadForm(_NamedFileForm, ChooseAgain):
    """File of a download; the admin adds the other fields."""

    class Meta:
        model = Download
        fields = ["file"]
        widgets = {"file": forms.FileInput({"accept": ".pdf,.zip"})}
