"""State of an edition: draft, published, the site's home page, archived."""

from django.db import transaction

from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition, FormerAddress

_State = Edition.State


def _lock(edition: Edition) -> Edition:
    return Edition.objects.select_for_update().get(pk=edition.pk)


def _update(edition: Edition, **values: object) -> Edition:
    if any(getattr(edition, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(edition, name, value)
        edition.save()
    return edition


@transaction.atomic
def publish_edition(*, edition: Edition) -> Edition:
    """Publish a draft, or an archived edition again. A second call changes nothing."""
    return _update(_lock(edition), state=_State.PUBLISHED)


@transaction.atomic
def make_edition_current(*, edition: Edition) -> Edition:
    """Publish an edition and make it the site's home page instead of the previous one."""
    # All rows in one order, so that two concurrent calls do not deadlock.
    list(Edition.objects.select_for_update().order_by("pk"))
    for other in Edition.objects.current().exclude(pk=edition.pk):
        _update(other, is_current=False)
    return _update(_lock(edition), state=_State.PUBLISHED, is_current=True)


@transaction.atomic
def keep_former_address(*, edition: Edition, slug: str) -> bool:
    """Make `slug` lead to the edition whose address has changed; return whether it does.

    An address at which it was never public is free again.
    """
    edition.former_addresses.filter(slug=edition.slug).delete()
    versions = edition.history.filter(slug=slug)
    if not versions.exclude(state=_State.DRAFT).exists():
        return False
    FormerAddress.objects.update_or_create(slug=slug, defaults={"edition": edition})
    return True


@transaction.atomic
def archive_edition(*, edition: Edition) -> Edition:
    """Archive an edition, which stays readable at its own address.

    Raises NotAllowed for a draft.
    """
    edition = _lock(edition)
    if edition.state == _State.DRAFT:
        raise NotAllowed("A draft cannot be archived. Publish it first, or delete it.")
    return _update(edition, state=_State.ARCHIVED)


@transaction.atomic
def unpublish_edition(*, edition: Edition) -> Edition:
    """Turn an edition into a draft again, visible to organisers only.

    Raises NotAllowed for the site's home page, which would be empty.
    """
    edition = _lock(edition)
    if edition.is_current:
        raise NotAllowed(
            "This edition is the site's home page. Choose another home page first, then set "
            "this one back to draft."
        )
    return _update(edition, state=_State.DRAFT)
