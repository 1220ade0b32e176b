"""Requests for a new link: stored by the page, answered by letter from the worker.

The page does the same work for every address, since it looks up none. If it wrote the letters, its
time would tell whether someone had sent something with an address, and how often.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.urls import reverse

from apps.editions.models import Edition
from apps.mail.services import queue_letter
from apps.private_links.models import LinkRequest

_senders: dict[str, Callable[[Edition, str], int]] = {}


def register_link_sender(page: str, send_links: Callable[[Edition, str], int]) -> None:
    """Register an app's function that queues a letter for each owner with an address.

    `page` is the name of the URL on which they ask. `send_links` returns how many letters it queued.
    """
    _senders[page] = send_links


def answer_requests() -> int:
    """Queue the letters of all stored requests; return the number of requests.

    Unknown addresses get a letter, too, so that people learn why there is no link.
    """
    count = 0
    for request in LinkRequest.objects.select_related("edition"):
        with transaction.atomic():
            is_ours, _ = LinkRequest.objects.filter(pk=request.pk).delete()
            if not is_ours:  # another worker answers it
                continue
            if not _senders[request.page](request.edition, request.email):
                queue_letter(
                    kind="private_links/unknown",
                    template="private_links/letters/unknown",
                    to_email=request.email,
                    edition=request.edition,
                    context={"new_link_path": reverse(request.page, args=[request.edition.slug])},
                )
            count += 1
    return count
