"""What stays of a contribution when the expression behind it is erased.

What anybody could read already stays as it is published, as the student was told beforehand;
what was only prepared goes with the expression. Earlier versions of either go in any case: they
may hold what the public never read.
"""

from __future__ import annotations

from django.db.models.signals import pre_delete

from apps.interest.models import Expression
from apps.programme.models import Contribution, Contributor, Origin


def follow_expressions() -> None:
    """To be called once, when the site starts."""
    pre_delete.connect(_forget, sender=Expression, dispatch_uid="contribution_of_erased")


def _forget(sender, instance: Expression, **kwargs) -> None:
    # Before its contribution, as `corrections.py` does: of two at once neither waits for ever.
    Expression.objects.select_for_update(of=("self",)).only("pk").filter(pk=instance.pk).first()
    origin = (
        Origin.objects.filter(expression=instance).select_related("contribution__edition").first()
    )
    if origin is None:
        return
    contribution, key = origin.contribution, origin.contribution_id
    if not (contribution.is_published and not contribution.edition.is_draft):
        contribution.delete()
    Contribution.history.filter(id=key).delete()
    Contributor.history.filter(contribution_id=key).delete()
