"""Changes of several people or memberships."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from apps.core.exceptions import ChangedMeanwhile
from apps.core.images import clean_photo, digest
from apps.core.search import fold
from apps.core.text import one_line
from apps.editions.models import Edition
from apps.people.models import Group, Membership, Person, UploadedPhoto
from apps.people.pasted_lists import MatchedPerson, PastedPerson, match_people, token_of
from apps.people.photo_matching import DELETE, people_of, photo_token


def add_to_groups(*, person: Person, groups: Iterable[Group]) -> list[Group]:
    """Add a person at the end of each group they are not in yet; return those groups."""
    added = []
    with transaction.atomic():
        for group in Group.objects.filter(
            pk__in=[group.pk for group in groups]
        ).select_for_update():
            _, is_new = Membership.objects.get_or_create(group=group, person=person)
            if is_new:
                added.append(group)
    return added


def add_pasted_people(
    *, group: Group, rows: Sequence[PastedPerson], choices: Sequence[str], token: str
) -> list[Membership]:
    """Add the people of a pasted list at the end of a group, as chosen in its preview.

    A choice is the primary key of a stored person, or that of MatchedPerson. A stored person keeps
    their facts; an affiliation that differs is noted in the group. Raises ChangedMeanwhile if the
    preview would look otherwise now.
    """
    added = []
    with transaction.atomic():
        Group.objects.select_for_update().get(pk=group.pk)
        matched = match_people(rows, group)
        if token_of(matched) != token:
            raise ChangedMeanwhile
        for match, choice in zip(matched, choices, strict=True):
            if choice != MatchedPerson.SKIP:
                added.append(_add_pasted(match, choice, group))
    return added


def _add_pasted(match: MatchedPerson, choice: str, group: Group) -> Membership:
    row = match.row
    membership = Membership(group=group, role=row.role)
    if choice == MatchedPerson.NEW:
        membership.person = Person.objects.create(
            name=row.name, affiliation=row.affiliation, link=row.link
        )
    else:
        membership.person = next(each for each in match.candidates if str(each.pk) == choice)
        shown = membership.shown_person.affiliation
        if row.affiliation and fold(row.affiliation) != fold(shown):
            membership.affiliation = row.affiliation
    membership.save()
    return membership


def keep_photos(
    *,
    edition: Edition,
    uploads: Iterable[UploadedFile],
    by: AbstractBaseUser | AnonymousUser,
) -> tuple[list[UploadedPhoto], list[tuple[str, str]]]:
    """Store photos that wait for their person; also return names of refused files with the reason."""
    kept, refused = [], []
    for upload in uploads:
        name = one_line(upload.name or "")[:200] or "photo"
        try:
            file = clean_photo(upload)
        except ValidationError as error:
            refused.append((name, error.messages[0]))
            continue
        photo = UploadedPhoto(edition=edition, file=file, file_name=name, digest=digest(upload))
        photo.uploaded_by_id = by.pk
        photo.save()
        kept.append(photo)
    return kept, refused


def assign_photos(
    *, edition: Edition, choices: Mapping[int, str], token: str
) -> tuple[list[Person], int]:
    """Give uploaded photos to the people chosen for them, in place of a photo they have.

    `choices` has the primary key of a person, or DELETE, by that of the photo. Returns the people
    and the number of deleted photos. Raises ChangedMeanwhile if the page would look otherwise now.
    """
    with transaction.atomic():
        people = {person.pk: person for person in people_of(edition).select_for_update()}
        photos = {photo.pk: photo for photo in edition.uploaded_photos.select_for_update()}
        if photo_token(people.values(), photos.values()) != token:
            raise ChangedMeanwhile
        changed, deleted = [], 0
        for pk, choice in choices.items():
            photo = photos[pk]
            if choice == DELETE:
                deleted += 1
            else:
                person = people[int(choice)]
                with photo.file.open() as file:
                    person.photo = ContentFile(file.read(), name="photo.jpg")
                person.photo_focus, person.photo_digest = "0.5x0.5", photo.digest
                person.save()
                changed.append(person)
            photo.delete()
    return changed, deleted


def delete_expired_photos() -> int:
    """Delete uploaded photos that were not given to a person within a day."""
    _, counts = UploadedPhoto.objects.expired().delete()
    return counts.get(UploadedPhoto._meta.label, 0)
