"""People: what is true of them in all editions, and what differs in one of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from zlib import adler32

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from imagefield.fields import ImageField, PPOIField
from simple_history.models import HistoricalRecords

from apps.core.images import random_photo_name, validate_focus
from apps.core.markdown import fits_a_page
from apps.core.models import Slugged
from apps.core.search import Fold, fold
from apps.core.thumbnails import SQUARES, make_thumbnails
from apps.editions.models import Edition
from apps.people.links import NamedLink, named_links, validate_links

_LAST_SQUARE = list(SQUARES)[-1]
_PHOTO_FIELDS = ["photo", "photo_width", "photo_height", "photo_focus", "photo_digest"]
# The facts of a person that may differ in an edition, apart from the photo.
FACTS = ("link", "affiliation", "pronouns", "contact_email", "links", "bio")
# Lookups from a person to the editions whose pages name them.
_NAMED_IN = ["memberships__group__edition", "profiles__edition"]


def register_naming(lookup: str) -> None:
    """Tell that people are named in the edition at `lookup`, which begins at a person."""
    if lookup not in _NAMED_IN:
        _NAMED_IN.append(lookup)


class PersonQuerySet(models.QuerySet["Person"]):
    def named_in(self, editions: models.QuerySet[Edition]) -> PersonQuerySet:
        """People whom the pages of one of `editions` name."""
        is_named = Q()
        for lookup in _NAMED_IN:
            is_named |= Q(**{f"{lookup}__in": editions})
        return self.filter(pk__in=Person.objects.filter(is_named).order_by().values("pk"))

    def named(self, names: Iterable[str]) -> PersonQuerySet:
        """People with one of these names, whatever the case and the accents."""
        return self.alias(folded_name=Fold("name")).filter(
            folded_name__in={fold(name) for name in names}
        )


class PersonFacts(models.Model):
    """Facts of a person, of all editions or of one."""

    link = models.URLField(
        blank=True, max_length=500, help_text="The person's own page. The name links to it."
    )
    affiliation = models.TextField(blank=True, max_length=1000, help_text="One per line.")
    pronouns = models.CharField(
        blank=True, max_length=40, help_text="For example they/them. Shown beside the name."
    )
    contact_email = models.EmailField(
        "public email address",
        blank=True,
        help_text="Public. It is shown in a form that few robots recognise.",
    )
    links = models.TextField(
        "further links",
        blank=True,
        max_length=3000,
        validators=[validate_links],
        help_text="One web address per line, such as https://orcid.org/0000-0002-1825-0097 or "
        "those of Google Scholar, GitHub or Mastodon.",
    )
    bio = models.TextField("biography", blank=True, validators=[fits_a_page], help_text="Markdown.")
    photo = ImageField(
        blank=True,
        upload_to=random_photo_name,
        width_field="photo_width",
        height_field="photo_height",
        ppoi_field="photo_focus",
        formats=SQUARES,
        help_text=(
            "A JPEG, PNG or WebP of at most 20 MB. Its location and time are removed. "
            "Without a photo the initials are shown."
        ),
    )
    photo_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    photo_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    photo_focus = PPOIField(
        "focal point",
        validators=[validate_focus],
        help_text="The point that stays visible when the picture is cropped to a square.",
    )
    photo_digest = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 of the file as it was given; tells whether a folder's photo is a new one.",
    )

    class Meta:
        abstract = True

    @property
    def square_urls(self) -> dict[str, str] | None:
        """URLs of the photo's square thumbnails by their names in SQUARES.

        None where pages show the initials: there is no photo, or its file is missing.
        """
        if not self.photo:
            return None
        urls = {square: getattr(self.photo, square) for square in SQUARES}
        # Only a local folder is asked; other storages would need a request for each portrait.
        base_url = getattr(self.photo.storage, "base_url", None)
        if base_url and not self.photo.storage.exists(urls[_LAST_SQUARE].removeprefix(base_url)):
            return None
        return urls

    def save(self, *args, **kwargs) -> None:
        """Also make missing thumbnails of the photo, after the commit."""
        super().save(*args, **kwargs)
        if self.photo:
            transaction.on_commit(partial(make_thumbnails, self.photo), robust=True)


class Named:
    """Portraits of a person without a photo."""

    name: str

    @property
    def initials(self) -> str:
        """First letters of the first and last word of the name, shown without a photo."""
        words = [word for word in self.name.replace("(", " ").replace(")", " ").split() if word]
        letters = [word[0] for word in (words[:1] + words[1:][-1:])]
        return "".join(letters).upper()

    @property
    def tint(self) -> int:
        """0, 1 or 2: variant of the edition's hue behind the initials."""
        return adler32(self.name.encode()) % 3

    @property
    def shape(self) -> int:
        """0 to 3: the shape behind the initials, as different names have different ones."""
        return adler32(self.name.encode()) // 3 % 4


class Person(Named, Slugged, PersonFacts):
    """A person, stored once for all editions."""

    slug_source = "name"
    slug_scope = ""

    slug = models.SlugField(max_length=60, unique=True, editable=False)
    name = models.CharField(max_length=200, help_text="As they write it.")
    shows_years = models.BooleanField(
        "page of all their years",
        default=False,
        help_text="Tick only if the person agrees. A public page then lists their talks, groups and "
        "awards in all editions, and their name links to it instead of to their own page.",
    )

    # Photos have no history: the files of a replaced photo are deleted, so restoring an older
    # version keeps the current photo.
    history = HistoricalRecords(excluded_fields=_PHOTO_FIELDS)
    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "people"
        ordering = [Fold("name"), "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def years_url(self) -> str:
        """The page of all their years, or "" unless they agreed to it."""
        return reverse("pages:person", args=[self.slug]) if self.shows_years else ""

    def shown_in(self, edition: Edition) -> ShownPerson:
        """The person as the pages of `edition` show them.

        Loads all profiles of the edition into this instance of it, unless an annotation
        `has_profiles` says that there are none.
        """
        profile = None
        if getattr(edition, "has_profiles", True):
            models.prefetch_related_objects([edition], "profiles")
            rows = edition.profiles.all()
            profile = next((row for row in rows if row.person_id == self.pk), None)
        return ShownPerson(self, profile)


class PersonProfile(PersonFacts):
    """The facts of a person that differ in one edition; the person's own stand for empty ones."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="profiles")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="profiles")

    history = HistoricalRecords(excluded_fields=_PHOTO_FIELDS)

    class Meta:
        verbose_name = "profile of a person"
        verbose_name_plural = "profiles of people"
        ordering = ["-edition__year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "edition"],
                name="one_profile_per_edition",
                violation_error_message="This person already has a profile in that edition. Change that one.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.edition.slug}"

    @property
    def facts_in_words(self) -> str:
        """The names of the facts that differ, such as “affiliation, photo”."""
        names = [
            str(column.verbose_name)
            for column in self._meta.concrete_fields
            if column.name in {*FACTS, "photo"} and getattr(self, column.name)
        ]
        return ", ".join(names) or "nothing"


class ShownPerson(Named):
    """A person as the pages of one edition show them."""

    link: str
    affiliation: str
    pronouns: str
    contact_email: str
    links: str
    bio: str

    def __init__(self, person: Person, profile: PersonProfile | None = None) -> None:
        """Each fact is that of the `profile`, or the person's own if it is empty there."""
        self.name, self.slug, self.shows_years = person.name, person.slug, person.shows_years
        for fact in FACTS:
            setattr(self, fact, getattr(profile, fact, "") or getattr(person, fact))
        self.name_url = person.years_url or self.link
        self._photo_of = profile if profile and profile.photo else person
        self.photo, self.photo_focus = self._photo_of.photo, self._photo_of.photo_focus

    @property
    def square_urls(self) -> dict[str, str] | None:
        """URLs of the thumbnails, as `PersonFacts.square_urls`."""
        return self._photo_of.square_urls

    @property
    def named_links(self) -> list[NamedLink]:
        """The further links with the names of their sites."""
        return named_links(self.links)

    @property
    def spelled_address(self) -> str:
        """The public email address without its sign @, which robots look for."""
        return self.contact_email.replace("@", " [at] ")
