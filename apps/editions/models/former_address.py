"""Former addresses of editions."""

from __future__ import annotations

from django.db import models

from apps.editions.models.edition import Edition


class FormerAddress(models.Model):
    """An address at which an edition was public; it redirects to the present one."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="former_addresses")
    slug = models.SlugField("address", max_length=40, unique=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "former addresses"

    def __str__(self) -> str:
        return f"/{self.slug}/"
