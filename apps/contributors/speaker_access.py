"""Who may see a speaker's page from outside: a browser that was signed in by its private link."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase

from apps.contributors.models import Speaker, SpeakerLink
from apps.contributors.speakers import resend_link
from apps.core.decorators import private_page
from apps.editions.models import Edition
from apps.interest.doors import Door, find_edition

_MOST_LETTERS = 5  # a secretary may have given one address for several


def _send_links(edition: Edition, email: str) -> None:
    theirs = Speaker.objects.for_edition(edition).filter(email__iexact=email)
    for speaker in theirs.select_related("edition", "person")[:_MOST_LETTERS]:
        resend_link(speaker=speaker)


DOOR = Door(
    link=SpeakerLink,
    leads_to="speaker",
    base="contributors/speaker/base.html",
    folder="contributors/speaker",
    new_link="contributors:speaker-new-link",
    sent_at="contributors:speaker-new-link-sent",
    counted_as="speaker-link",
    send=_send_links,
)


def own_page(view: Callable[..., HttpResponseBase]):
    """Hands `view` the speaker its address names, if it is this browser's own; asked each time.

    Everybody else, signed-in organisers included, reads one and the same answer whether there is
    such a speaker or not: what the page is, and how to ask for a new link.
    """

    @wraps(view)
    @private_page
    def guarded(request: HttpRequest, edition: str, pk: int, **named) -> HttpResponseBase:
        found = find_edition(request, edition)
        links = SpeakerLink.objects.open().filter(
            pk__in=SpeakerLink.remembered(request), speaker=pk, speaker__edition=found
        )
        speaker = Speaker.objects.filter(pk__in=links.values("speaker")).first()
        if speaker is None:
            return DOOR.closed(request, found, "bio", "title", "abstract")
        speaker.edition = found
        return view(request, speaker, **named)

    return guarded
