"""Change notices: shown for a time, changed, and ended early."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.editions.models import Edition
from apps.news.models import Notice

NOTICE_GONE = "This notice has ended already."


def show_notice(*, notice: Notice) -> tuple[Notice, bool]:
    """Save a new notice, and return it and whether it is new.

    Of a form that is sent twice, the first notice stays the only one.
    """
    with transaction.atomic():
        edition = Edition.objects.select_for_update().get(pk=notice.edition_id)
        same = edition.notices.filter(
            text=notice.text, url=notice.url, ends_at__gt=max(timezone.now(), notice.starts_at)
        )
        if first := same.first():
            return first, False
        notice.save()
    return notice, True


def change_notice(*, notice: Notice, token: str) -> None:
    """Save a changed notice. Raises ChangedMeanwhile if it is not as it was when `token` was read."""
    with transaction.atomic():
        stored = Notice.objects.select_for_update().filter(pk=notice.pk).first()
        if stored is None or stored.version_token != token:
            raise ChangedMeanwhile
        notice.save()


def end_notice(*, notice: Notice) -> bool:
    """End a notice now and return True; one that has not started is deleted.

    Raises NotAllowed if it has ended, or was deleted.
    """
    now = timezone.now()
    with transaction.atomic():
        stored = Notice.objects.select_for_update().filter(pk=notice.pk, ends_at__gt=now).first()
        if stored is None:
            raise NotAllowed(NOTICE_GONE)
        was_shown = stored.starts_at < now
        if was_shown:
            stored.ends_at = now
            stored.save()
        else:
            stored.delete()
    return was_shown
