"""Freezing and thawing the pages of an edition at the desk, and what its pages say while frozen."""

from __future__ import annotations

import logging
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.http import HttpRequest
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list

from apps.accounts.models import User
from apps.core.admin import ContentAdmin, log_action
from apps.core.exceptions import NotAllowed
from apps.core.frozen import frozen_slugs, is_frozen
from apps.core.processes import AlreadyRunning
from apps.core.text import count_of
from apps.editions.admin import EditionAdmin
from apps.editions.models import Edition
from apps.ops.freezing.crawling import FreezeFailed
from apps.ops.freezing.editions import freeze_edition, frozen_at, thaw_edition
from apps.people.models import Person

_logger = logging.getLogger(__name__)
_CHAIRS = "interest.decide_expression"
_UNCHANGED = "Visitors see the same pages as before."


def freeze_at_desk(request: HttpRequest, edition: Edition) -> None:
    """Freeze the pages while the browser waits."""
    try:
        copied = freeze_edition(edition=edition)
    except AlreadyRunning:
        messages.warning(request, "Pages are being frozen already. Refresh this page in a minute.")
    except (NotAllowed, FreezeFailed) as reason:
        messages.error(request, f"The pages were not frozen. {reason}")
    except OSError as fault:
        _logger.exception("The pages of an edition were not frozen.")
        why = fault.strerror or fault
        messages.error(request, f"The pages were not frozen ({why}). {_UNCHANGED}")
    else:
        _log(request, edition, "Pages frozen.")
        pages = count_of(copied.pages, "page")
        messages.success(request, f"Frozen: visitors now read {pages} as they are today.")


def thaw_at_desk(request: HttpRequest, edition: Edition) -> None:
    """Show what is stored again."""
    if thaw_edition(edition=edition):
        _log(request, edition, "Pages thawed.")
        messages.success(request, "Thawed: visitors now see the pages as they are stored.")
    else:
        messages.info(request, "The pages are not frozen.")


def _log(request: HttpRequest, edition: Edition, details: str) -> None:
    log_action(cast(User, request.user), CHANGE, str(edition), details, model=Edition)


def say_frozen(request: HttpRequest, edition: Edition) -> SafeString | str:
    """The sentence on all pages of a frozen edition."""
    moment = frozen_at(edition.slug)
    if moment is None:
        return ""
    since = date_format(moment.astimezone(edition.zone), "j F Y, H:i")
    text = (
        "Frozen on {}. Visitors read the pages as they were then: changes made since do not show."
    )
    return format_html(text, since)


def say_not_shown(request: HttpRequest, row: Any) -> SafeString | str:
    """The sentence after a change that visitors of frozen editions do not see."""
    editions = _frozen_editions_with(row)
    if not editions:
        return ""
    names = get_text_list([str(edition.year) for edition in editions], "and")
    if not request.user.has_perm(_CHAIRS):
        return format_html("The pages of {} are frozen, so visitors do not see this.", names)
    return format_html(
        "The pages of {} are frozen, so visitors do not see this. To show it, freeze them again on "
        '<a href="{}">the overview</a>.',
        names,
        reverse("admin:edition-overview", args=[editions[0].pk]),
    )


def _frozen_editions_with(row: Any) -> list[Edition]:
    """The frozen editions whose pages show a row."""
    slugs = frozen_slugs()
    if not slugs:
        return []
    if isinstance(row, Edition):
        return [row] if row.slug in slugs else []
    if isinstance(row, Person):
        frozen = Edition.objects.filter(slug__in=slugs)
        return [
            edition
            for edition in frozen
            if Person.objects.filter(pk=row.pk).named_in(frozen.filter(pk=edition.pk)).exists()
        ]
    edition = getattr(row, "edition", None) or getattr(getattr(row, "level", None), "edition", None)
    return [edition] if edition and is_frozen(edition.slug) else []


EditionAdmin.add_action("freeze", freeze_at_desk, permission=_CHAIRS)
EditionAdmin.add_action("thaw", thaw_at_desk, permission=_CHAIRS)
EditionAdmin.add_warning(say_frozen)
ContentAdmin.add_notice(say_not_shown)
