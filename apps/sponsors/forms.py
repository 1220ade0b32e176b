"""A sponsor and their logos, as organisers enter them."""

from django import forms
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from apps.core.forms import ChooseAgain
from apps.core.images import clean_logo, digest
from apps.core.worked_files import WorksAhead
from apps.people.forms import PhotoField, PhotoWidget
from apps.sponsors.logos import FIELDS
from apps.sponsors.models import Sponsor


class LogoWidget(PhotoWidget):
    """Chooses a logo, or removes the one there is."""

    clear_checkbox_label = "Remove this logo"


class LogoField(PhotoField):
    """A logo as clean_logo lets it in; clean() gives the file to store, None or False (remove)."""

    widget = LogoWidget
    default_error_messages = {
        "contradiction": "Either choose a new logo or remove the one there is, not both."
    }

    def work(self, upload: UploadedFile) -> ContentFile:
        return clean_logo(upload)


class SponsorForm(ChooseAgain, WorksAhead, forms.ModelForm):
    """A sponsor's logos; the admin adds the other fields."""

    logo = LogoField(required=False, help_text=Sponsor.logo.field.help_text)
    logo_dark = LogoField(
        required=False,
        label="Logo for dark screens",
        help_text=Sponsor.logo_dark.field.help_text,
    )

    class Meta:
        model = Sponsor
        fields = ["logo", "logo_dark"]

    def clean(self) -> dict:
        """Notes which files they were, so that an edition's folder knows whether its own are newer."""
        cleaned = super().clean() or {}
        for name in FIELDS:
            if name in self.changed_data and name in cleaned:
                upload = self.files.get(self.add_prefix(name))
                known = digest(upload) if upload and cleaned[name] else ""
                setattr(self.instance, f"{name}_digest", known)
        return cleaned
