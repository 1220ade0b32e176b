"""The files of logos go when no row shows them any more.

A sponsor that came along from last year's edition shows the same file as last year's row, so a
file is removed only once nobody refers to it; after the commit, so that a transaction that is
rolled back keeps it.
"""

from functools import partial

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_save, pre_save

from apps.sponsors.models import Sponsor

FIELDS = ("logo", "logo_dark")
_BEFORE = "_logos_before"


def follow_rows() -> None:
    """Lets the files follow every row that is saved or deleted, whoever does it."""
    pre_save.connect(_remember, sender=Sponsor, dispatch_uid="logos_before")
    post_save.connect(_follow, sender=Sponsor, dispatch_uid="logos_saved")
    post_delete.connect(_forget, sender=Sponsor, dispatch_uid="logos_deleted")


def _remember(sender: type[Sponsor], instance: Sponsor, **kwargs) -> None:
    rows = sender._default_manager.filter(pk=instance.pk).values_list(*FIELDS)
    instance.__dict__[_BEFORE] = set(rows.first() or ()) if instance.pk else set()


def _follow(sender: type[Sponsor], instance: Sponsor, **kwargs) -> None:
    _remove_later(instance, instance.__dict__.pop(_BEFORE, set()) - _names(instance))


def _forget(sender: type[Sponsor], instance: Sponsor, **kwargs) -> None:
    _remove_later(instance, _names(instance))


def _names(sponsor: Sponsor) -> set[str]:
    return {getattr(sponsor, field).name or "" for field in FIELDS}


def _remove_later(sponsor: Sponsor, names: set[str]) -> None:
    for name in names - {""}:
        transaction.on_commit(partial(_remove_if_unused, sponsor, name), robust=True)


def _remove_if_unused(sponsor: Sponsor, name: str) -> None:
    if not Sponsor.objects.filter(Q(logo=name) | Q(logo_dark=name)).exists():
        sponsor.logo.storage.delete(name)
