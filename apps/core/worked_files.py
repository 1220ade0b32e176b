"""Files that something is made of, which takes long: made before a transaction begins.

While one lasts nobody else can write, on SQLite, and the admin begins one before it looks at what
was sent.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

_WORKED = "_worked"  # on an uploaded file: what was made of it, or why it is refused


class WorkedFile(forms.FileField, ABC):
    """A file that something is made of, which takes its time."""

    @abstractmethod
    def work(self, upload: UploadedFile) -> File:
        """What is made of `upload`; raises ValidationError for what is refused."""

    def work_ahead(self, upload: UploadedFile) -> None:
        """Makes it now; `clean` finds it made, or says why it is refused."""
        try:
            vars(upload)[_WORKED] = self.work(upload)
        except ValidationError as refused:
            vars(upload)[_WORKED] = refused

    def to_python(self, data: Any) -> File | None:
        upload: Any = super().to_python(data)
        if not upload:
            return None
        found = vars(upload).get(_WORKED)
        if isinstance(found, ValidationError):
            raise found
        return found or self.work(upload)


def worked(upload: UploadedFile | None) -> File | None:
    """What was made of `upload` ahead, if it was, and was not refused."""
    found = vars(upload).get(_WORKED) if upload else None
    return found if isinstance(found, File) else None


class WorksAhead(forms.BaseForm):
    """Mixed into a form with a WorkedFile, for whoever begins a transaction before it is cleaned."""

    base_fields: ClassVar[dict[str, forms.Field]]  # as every form has them

    @classmethod
    def work_ahead(cls, data: QueryDict, files: MultiValueDict[str, UploadedFile]) -> None:
        """Does so for what was sent; what is wrong with it is left to the form."""
        for name, field in cls.base_fields.items():
            if isinstance(field, WorkedFile) and (upload := files.get(name)):
                field.work_ahead(upload)
