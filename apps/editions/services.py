"""Where an edition stands: draft, published, at the site's root, archived."""

from django.db import transaction

from apps.editions.models import Edition

State = Edition.State


class WrongState(Exception):
    """The step is not possible from where the edition stands; its words are for people."""


def _locked(edition: Edition) -> Edition:
    return Edition.objects.select_for_update().get(pk=edition.pk)


@transaction.atomic
def publish_edition(*, edition: Edition) -> Edition:
    """Lets everybody see a draft, or takes an archived edition back to life. Twice is harmless."""
    edition = _locked(edition)
    if edition.state != State.PUBLISHED:
        edition.state = State.PUBLISHED
        edition.save()
    return edition


@transaction.atomic
def make_edition_current(*, edition: Edition) -> Edition:
    """Makes an edition the site's home page in place of the one before, and publishes it."""
    # All of them, in one order: two presses at once wait for each other, and neither fails.
    list(Edition.objects.select_for_update().order_by("pk"))
    edition = _locked(edition)
    for other in Edition.objects.current().exclude(pk=edition.pk):
        other.is_current = False
        other.save()
    if not edition.is_current or edition.state != State.PUBLISHED:
        edition.state = State.PUBLISHED
        edition.is_current = True
        edition.save()
    return edition


@transaction.atomic
def archive_edition(*, edition: Edition) -> Edition:
    """Marks an edition as a past one; it stays readable at its own address.

    Raises WrongState for a draft, which nobody has seen yet.
    """
    edition = _locked(edition)
    if edition.state == State.DRAFT:
        raise WrongState("A draft cannot be archived. Publish it first, or delete it.")
    if edition.state != State.ARCHIVED:
        edition.state = State.ARCHIVED
        edition.save()
    return edition


@transaction.atomic
def unpublish_edition(*, edition: Edition) -> Edition:
    """Takes an edition back to being a draft that only organisers see.

    Raises WrongState for the site's home page, which would be left empty.
    """
    edition = _locked(edition)
    if edition.is_current:
        raise WrongState(
            "This edition is the site's home page. Make another one that first, then take this one back."
        )
    if edition.state != State.DRAFT:
        edition.state = State.DRAFT
        edition.save()
    return edition
