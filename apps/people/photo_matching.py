"""Which person of an edition an uploaded photo shows, by the name of its file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from apps.core.search import fold
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.people.models import Person, UploadedPhoto
from apps.people.models.persons import PersonQuerySet

MOST_PHOTOS = 50  # in one upload
MOST_WAITING = 200  # in an edition
DELETE = "delete"  # chosen for a photo that is not wanted

_WORD = re.compile(r"[^\W\d_]+")
_NOT_NAMES = {
    *("photo", "photos", "portrait", "picture", "pic", "img", "image", "headshot", "profile"),
    *("foto", "bild", "passbild", "copy", "final", "small", "large", "cropped", "web"),
    *("prof", "dr", "jpg", "jpeg", "png", "webp"),
}


def people_of(edition: Edition) -> PersonQuerySet:
    """Those whom pages of the edition name."""
    return Person.objects.named_in(Edition.objects.filter(pk=edition.pk))


def match_photo(file_name: str, people: Iterable[Person]) -> Person | None:
    """The one person whose name fits the file's best; None if there is none or several fit."""
    words = _words(file_name.rpartition(".")[0] or file_name)
    scores = [(_score(words, _words(person.name)), person) for person in people]
    best = max((score for score, _ in scores), default=0)
    fitting = [person for score, person in scores if score == best]
    return fitting[0] if best and len(fitting) == 1 else None


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(fold(text)) if word not in _NOT_NAMES]


def _score(words: list[str], name: list[str]) -> int:
    """3 for the whole name and nothing else, 2 for the whole name, 1 for the last name; else 0."""
    if not words or not name:
        return 0
    if sorted(words) == sorted(name) or "".join(words) == "".join(name):
        return 3
    if set(name) <= set(words):
        return 2
    initials = {word[0] for word in name}
    others = [word for word in words if word not in name and word not in initials]
    return 1 if name[-1] in words and not others else 0


def photo_token(people: Iterable[Person], photos: Iterable[UploadedPhoto]) -> str:
    """Token of the photos that a page showed, so that a save notices changes by others."""
    return version_token(
        sorted([person.pk, person.photo.name or ""] for person in people),
        sorted(photo.pk for photo in photos),
    )
