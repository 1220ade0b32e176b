"""Photos that were uploaded many at once, until each has its person."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from apps.core.files import PrivateFileField
from apps.core.images import random_photo_name
from apps.editions.models import Edition


class UploadedPhotoQuerySet(models.QuerySet["UploadedPhoto"]):
    def expired(self) -> UploadedPhotoQuerySet:
        """Uploaded photos that were not assigned to a person in time."""
        return self.filter(uploaded_at__lte=timezone.now() - UploadedPhoto.KEPT_FOR)


class UploadedPhoto(models.Model):
    """A photo that waits for its person, cleaned; kept for a day and never public."""

    KEPT_FOR = timedelta(days=1)

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="uploaded_photos")
    file = PrivateFileField(upload_to=random_photo_name)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file as it was given.")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="uploaded_photos",
    )
    uploaded_at = models.DateTimeField("uploaded", default=timezone.now)

    objects = UploadedPhotoQuerySet.as_manager()

    class Meta:
        ordering = ["file_name", "pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def file_address(self) -> str:
        return reverse("admin:people_person_uploaded_photo", args=[self.edition_id, self.pk])
