"""State of an edition: draft, published, the site's home page, archived."""

from django.db import transaction

from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition

_State = Edition.State


def _lock(edition: Edition) -> Edition:
    return Edition.objects.select_for_update().get(pk=edition.pk)


@transaction.atomic
def publish_edition(*, edition: Edition) -> Edition:
    """Publish a draft, or an archived edition again. A second call changes nothing."""
    edition = _lock(edition)
    if edition.state != _State.PUBLISHED:
        edition.state = _State.PUBLISHED
        edition.save()
    return edition


@transaction.atomic
def make_edition_current(*, edition: Edition) -> Edition:
    """Publish an edition and make it the site's home page instead of the previous one."""
    # All rows in one order, so that two concurrent calls do not deadlock.
    list(Edition.objects.select_for_update().order_by("pk"))
    edition = _lock(edition)
    for other in Edition.objects.current().exclude(pk=edition.pk):
        other.is_current = False
        other.save()
    if not edition.is_current or edition.state != _State.PUBLISHED:
        edition.state = _State.PUBLISHED
        edition.is_current = True
        edition.save()
    return edition


@transaction.atomic
def archive_edition(*, edition: Edition) -> Edition:
    """Archive an edition, which stays readable at its own address.

    Raises NotAllowed for a draft.
    """
    edition = _lock(edition)
    if edition.state == _State.DRAFT:
        raise NotAllowed("A draft cannot be archived. Publish it first, or delete it.")
    if edition.state != _State.ARCHIVED:
        edition.state = _State.ARCHIVED
        edition.save()
    return edition


@transaction.atomic
def unpublish_edition(*, edition: Edition) -> Edition:
    """Turn an edition into a draft again, visible to organisers only.

    Raises NotAllowed for the site's home page, which would be empty.
    """
    edition = _lock(edition)
    if edition.is_current:
        raise NotAllowed(
            "This edition is the site's home page. Make another one that first, then take this one back."
        )
    if edition.state != _State.DRAFT:
        edition.state = _State.DRAFT
        edition.save()
    return edition
