"""Form fields for photos, logos and PDFs: checked, replaced and removed; images re-encoded."""

from typing import Any

from django import forms
from django.core.files.base import ContentFile, File
from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.forms import ChooseAgain
from apps.core.images import clean_banner, clean_logo, clean_photo, digest


class PhotoWidget(forms.ClearableFileInput):
    """File input for a photo, with a box that removes the stored one."""

    template_name = "core/widgets/photo.html"
    stored_words: Any = _("The current photo")  # text of the link to the stored file
    stored_url = ""  # address of the stored file, if not its own
    clear_checkbox_label: Any = _("Remove the photo and show the initials")

    # Because HEIC is not in this list, iPhones convert to JPEG.
    accepted_types = "image/jpeg,image/png,image/webp"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__({"accept": self.accepted_types} | (attrs or {}))

    def get_context(self, name: str, value, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"stored_words": self.stored_words, "stored_url": self.stored_url}
        return context


class PhotoField(forms.FileField):
    """Photo upload. Cleans to the file to store, None (no change) or False (remove)."""

    widget = PhotoWidget
    default_error_messages = {
        "contradiction": _("Either choose a new photo or remove the current one, not both.")
    }

    def __init__(self, **kwargs) -> None:
        super().__init__(allow_empty_file=True, **kwargs)

    def to_python(self, data: File | None) -> ContentFile | None:
        upload = super().to_python(data)
        return self.clean_upload(upload) if upload else None

    def clean_upload(self, upload: File) -> ContentFile:
        """Re-encode the upload without metadata; raise ValidationError if it is refused."""
        return clean_photo(upload)


class PDFWidget(PhotoWidget):
    """File input for a PDF, with a box that removes the stored one."""

    accepted_types = "application/pdf,.pdf"
    stored_words = _("The current PDF")
    clear_checkbox_label = _("Remove this PDF")


class LogoWidget(PhotoWidget):
    """File input for a logo, with a box that removes the stored one."""

    accepted_types = f"image/svg+xml,{PhotoWidget.accepted_types}"
    clear_checkbox_label = "Remove this logo"


class LogoField(PhotoField):
    """Logo upload. Cleans to the file to store, None (no change) or False (remove)."""

    widget = LogoWidget
    default_error_messages = {
        "contradiction": "Either choose a new logo or remove the current one, not both."
    }

    def clean_upload(self, upload: File) -> ContentFile:
        return clean_logo(upload)


class BannerField(LogoField):
    """Upload of a logo or banner of an edition."""

    def clean_upload(self, upload: File) -> ContentFile:
        return clean_banner(upload)


class ImageForm(ChooseAgain, forms.ModelForm):
    """Keeps the digest of each uploaded image, so that an import recognises its own file."""

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        for name in self.changed_data:
            if isinstance(self.fields[name], PhotoField) and name in cleaned:
                upload = self.files.get(self.add_prefix(name))
                value = digest(upload) if upload and cleaned[name] else ""
                setattr(self.instance, f"{name}_digest", value)
        return cleaned


def logo_preview(row: Model, field: str, background: str) -> SafeString | None:
    """Small picture of the logo in `field` for the admin; `background` is a class of logo.css."""
    logo = getattr(row, field)
    if not logo:
        return None
    # From the row: reading the size from the file would open it, or fail if it is missing.
    size = (getattr(row, f"{field}_width"), getattr(row, f"{field}_height"))
    return format_html(
        '<img class="logo-small {}" src="{}" width="{}" height="{}" alt="" loading="lazy">',
        *(background, logo.url, *size),
    )
