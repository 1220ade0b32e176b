"""What several nouns have in common."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.text import slugify

from apps.core.routes import routed_words, validate_slug_behind


class CacheEntry(models.Model):
    """The table of Django's database cache, with the columns `createcachetable` would create.

    As a model its expired rows can be deleted, which Django does only once the table is full.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "cache entries"

    def __str__(self) -> str:
        return self.cache_key

    @classmethod
    def delete_expired(cls) -> None:
        """Delete counters whose time is over."""
        cls.objects.filter(expires__lt=timezone.now()).delete()


class Slugged(models.Model):
    """A row with a word for its address, made once from its name and then kept.

    Addresses and anchors survive renaming, since other sites link to them.
    `slug_source` names the field it is made from; `slug_scope` the foreign key
    within which it is unique, or "" for everywhere. `slug_route` is the route the
    slug stands behind in an address of its own, where words of the site itself are taken.
    """

    slug_source = "heading"
    slug_scope = "edition"
    slug_route = ""

    slug = models.SlugField(max_length=60, editable=False)

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Refuses a word that the site's own pages stand under; forms never ask for one."""
        super().clean_fields(exclude=exclude)
        if self.slug and self.slug_route and "slug" not in set(exclude or ()):
            try:
                validate_slug_behind(self.slug_route, self.slug)
            except ValidationError as error:
                raise ValidationError({"slug": error.messages}) from None

    def save(self, *args, **kwargs) -> None:
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    def _free_slug(self) -> str:
        words = slugify(getattr(self, self.slug_source)) or self._meta.model_name or "row"
        # Room for the number that tells two of the same name apart.
        base = words[:54].strip("-_") or "row"
        siblings = type(self)._default_manager.all()
        if self.slug_scope:
            column = f"{self.slug_scope}_id"
            siblings = siblings.filter(**{column: getattr(self, column)})
        taken = set(siblings.filter(slug__startswith=base).values_list("slug", flat=True))
        if self.slug_route:
            taken |= routed_words(self.slug_route)
        slug, number = base, 2
        while slug in taken:
            slug, number = f"{base}-{number}", number + 1
        return slug
