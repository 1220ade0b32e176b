"""Signal handlers: files of replaced slides, and contributions whose expression is erased."""

from __future__ import annotations

from functools import partial

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save

from apps.core.files import private_storage
from apps.interest.models import Expression
from apps.programme.models import Contribution, Contributor, Origin


def delete_unused_files(sender: type[models.Model], field: str) -> None:
    """Delete files of `field` after the commit that replaces or clears them or deletes their row."""
    for signal, receiver in ((pre_save, _remember), (post_save, _replaced), (post_delete, _gone)):
        signal.connect(
            partial(receiver, field),
            sender=sender,
            weak=False,
            dispatch_uid=f"{sender.__name__}_{field}_{receiver.__name__}",
        )


def follow_erased_expressions() -> None:
    """Delete contributions that are not public along with their expression."""
    pre_delete.connect(_erase_contribution, sender=Expression, dispatch_uid="erase_contribution")


def _remember(
    field: str, sender, instance, raw: bool = False, update_fields=None, **kwargs
) -> None:
    if raw or instance.pk is None or (update_fields is not None and field not in update_fields):
        return
    rows = sender.objects.filter(pk=instance.pk)
    instance.file_before = rows.values_list(field, flat=True).first()


def _replaced(field: str, sender, instance, **kwargs) -> None:
    before = getattr(instance, "file_before", None)
    instance.file_before = None
    if before and before != getattr(instance, field).name:
        transaction.on_commit(partial(private_storage().delete, before), robust=True)


def _gone(field: str, sender, instance, **kwargs) -> None:
    if file := getattr(instance, field):
        transaction.on_commit(partial(private_storage().delete, file.name), robust=True)


def _erase_contribution(sender, instance: Expression, **kwargs) -> None:
    """Keep a public contribution, as the student was told, but not its history.

    Earlier versions may hold text that never was public.
    """
    # Lock the expression before its contribution, as edits by students do, so no deadlock occurs.
    Expression.objects.select_for_update(of=("self",)).filter(pk=instance.pk).only("pk").first()
    origins = Origin.objects.select_related("contribution__edition")
    origin = origins.filter(expression=instance.pk).first()
    if origin is None:
        return
    contribution, key = origin.contribution, origin.contribution_id
    if not contribution.is_published or contribution.edition.is_draft:
        contribution.delete()
    Contribution.history.filter(id=key).delete()
    Contributor.history.filter(contribution_id=key).delete()
