"""The files of photos: made for a row that is saved, found for a page, removed with their row.

The squares that pages show are there once a row is saved, so that looking at a page never makes one.
Files of a photo that is replaced, cleared or whose person is deleted go after the commit:
a transaction that is rolled back keeps them.
"""

import logging
import time
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import PurePosixPath
from typing import NamedTuple

from django.core.files.base import ContentFile, File
from django.core.files.storage import InMemoryStorage
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_save
from django.utils import timezone
from imagefield.fields import ImageFieldFile

from apps.core import clock
from apps.core.images import SQUARES
from apps.people.models import Person

logger = logging.getLogger(__name__)
_LAST_MADE = list(SQUARES)[-1]


_BEFORE = "_photo_before"
_READY = "_squares_ready"


class _Photo(NamedTuple):
    name: str
    focus: str


_NONE = _Photo("", "")


class _Ready(NamedTuple):
    """The contents of a photo's squares for one focus, by their names in SQUARES."""

    focus: str
    contents: dict[str, bytes]


def follow_rows() -> None:
    """Lets the files follow every row that is saved or deleted, whoever does it."""
    pre_save.connect(_remember, sender=Person, dispatch_uid="photo_before")
    post_save.connect(_follow, sender=Person, dispatch_uid="photo_saved")
    post_delete.connect(_forget, sender=Person, dispatch_uid="photo_deleted")


def make_ready(photo: File, focus: str) -> None:
    """Makes the squares of a clean `photo` in memory, so that saving a row with it only writes them.

    For before a transaction begins: while it lasts nobody else can write, on SQLite.
    """
    known = vars(photo).get(_READY)
    if known and known.focus == focus:
        return
    drawn = _stored(Person(photo_focus=focus), "photo.jpg")
    drawn.storage = InMemoryStorage()
    drawn.storage.save(drawn.name, photo)
    contents = {square: drawn.storage.open(drawn.process(square)).read() for square in SQUARES}
    photo.seek(0)
    vars(photo)[_READY] = _Ready(focus, contents)


def make_squares(person: Person, ready: _Ready | None = None) -> None:
    """Makes the squares of `person`'s photo that are missing, and removes those of another focus.

    Those that are `ready` are only written.

    If the photo's own file is gone, that is logged, and pages show the initials.
    """
    photo = _stored(person, person.photo.name)
    if ready and ready.focus == person.photo_focus:
        for square, content in ready.contents.items():
            if not photo.storage.exists(name := _name_of(photo, square)):
                photo.storage.save(name, ContentFile(content))
    try:
        made = {photo.process(square) for square in SQUARES}
    except FileNotFoundError:
        logger.warning("The file of the photo of person %s is missing.", person.pk)
        return
    transaction.on_commit(partial(_remove_others, photo, made), robust=True)


def shown_squares(person: Person) -> dict[str, str] | None:
    """The addresses of `person`'s squares by their name in SQUARES; None: show the initials.

    Asks the disk at most once a minute for each photo, not at each view.
    """
    photo = person.photo
    if not photo:
        return None
    squares = _squares(photo.name, person.photo_focus, int(time.monotonic() // 60))
    if squares is None:  # so that no page keeps the initials for longer
        clock.changes_at([timezone.now() + timedelta(minutes=1)])
    return squares


@lru_cache(maxsize=8192)
def _squares(name: str, focus: str, minute: int) -> dict[str, str] | None:
    """`minute` is there to ask again in the next one: a folder of media may come back."""
    photo = _stored(Person(photo_focus=focus), name)
    # Storages elsewhere have no path, and are not asked for each photo over the network.
    try:
        photo.storage.path(name)
    except NotImplementedError:
        is_there = True
    else:
        is_there = photo.storage.exists(_name_of(photo, _LAST_MADE))
    return {square: getattr(photo, square) for square in SQUARES} if is_there else None


def _name_of(photo: ImageFieldFile, square: str) -> str:
    return str(photo._process_context(SQUARES[square]).name)


def _remember(
    sender: type[Person], instance: Person, raw: bool = False, update_fields=None, **kwargs
) -> None:
    """Before a row is saved: which photo it had, and what is ready of the one it will have."""
    if raw or (update_fields is not None and {"photo", "photo_focus"}.isdisjoint(update_fields)):
        return
    rows = sender._default_manager.filter(pk=instance.pk).values_list("photo", "photo_focus")
    before = rows.first() if instance.pk is not None else None
    instance.__dict__[_BEFORE] = _Photo(*before) if before else _NONE
    chosen = vars(instance.photo).get("_file")  # until the field has stored it
    instance.__dict__[_READY] = vars(chosen).get(_READY) if chosen else None


def _follow(sender: type[Person], instance: Person, **kwargs) -> None:
    """After a row is saved: makes the squares of a new photo or focus, removes the old files."""
    before, ready = instance.__dict__.pop(_BEFORE, None), instance.__dict__.pop(_READY, None)
    if before in {None, _Photo(instance.photo.name or "", instance.photo_focus)}:
        return
    if instance.photo:
        make_squares(instance, ready)
    if before.name and before.name != instance.photo.name:
        transaction.on_commit(partial(_remove, before.name), robust=True)


def _forget(sender: type[Person], instance: Person, **kwargs) -> None:
    if instance.photo:
        transaction.on_commit(partial(_remove, instance.photo.name), robust=True)


def _remove(name: str) -> None:
    """Removes a photo's own file and all its squares."""
    _stored(Person(), name).delete(save=False)


def _stored(person: Person, name: str) -> ImageFieldFile:
    """The file called `name`, as the storage has it."""
    return ImageFieldFile(person, Person._meta.get_field("photo"), name)


def _remove_others(photo: ImageFieldFile, made: set[str]) -> None:
    """Removes the squares of `photo` that are not among `made`."""
    folder = str(PurePosixPath(next(iter(made))).parent)
    stem = PurePosixPath(photo.name).stem + "-"
    for file in photo.storage.listdir(folder)[1]:
        if file.startswith(stem) and f"{folder}/{file}" not in made:
            photo.storage.delete(f"{folder}/{file}")
