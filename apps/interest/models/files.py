"""The PDF that a student may send with an expression of interest."""

from __future__ import annotations

import secrets

from django.db import models
from django.urls import reverse

from apps.core.files import PrivateFileField
from apps.core.uploads import validate_entry_pdf
from apps.interest.models.expression import Expression


def random_pdf_name(instance: models.Model, filename: str) -> str:
    """A name that cannot be guessed; that of the student's file, often their own, is not kept."""
    return f"entries/{secrets.token_hex(12)}.pdf"


class ExpressionPDF(models.Model):
    """A private file: sent to the student, and to those who may read it at the desk."""

    expression = models.OneToOneField(Expression, on_delete=models.CASCADE, related_name="pdf")
    file = PrivateFileField(upload_to=random_pdf_name, validators=[validate_entry_pdf])
    size = models.PositiveIntegerField(help_text="Bytes.")
    # A form that was sent twice changes nothing.
    digest = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"PDF of {self.expression.display_reference}"

    @property
    def file_address(self) -> str:
        """Address of the file, for the student."""
        edition, reference = self.expression.edition.slug, self.expression.reference
        return reverse("interest:pdf", args=[edition, reference])

    @property
    def file_name(self) -> str:
        """Name of the download, without the author."""
        return f"{self.expression.display_reference}.pdf"
