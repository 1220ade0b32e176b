"""Who may see a speaker's page from outside: a browser that was signed in by its private link."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.private import private_page
from apps.interest.student_access import find_edition
from apps.programme.models import Speaker, SpeakerLink


def own_page(view: Callable[..., HttpResponse]):
    """Hands `view` the speaker its address names, if it is this browser's own; asked each time.

    Everybody else, signed-in organisers included, reads one and the same answer whether there is
    such a speaker or not: what the page is, and how to ask for a new link.
    """

    @wraps(view)
    @private_page
    def guarded(request: HttpRequest, edition: str, pk: int, **named) -> HttpResponse:
        found = find_edition(request, edition)
        links = SpeakerLink.objects.open().filter(
            pk__in=SpeakerLink.remembered(request), speaker=pk, speaker__edition=found
        )
        speaker = Speaker.objects.filter(pk__in=links.values("speaker")).first()
        if speaker is None:
            # A link may end while somebody types.
            asked = ("bio", "title", "abstract")
            typed = [words for name in asked if (words := request.POST.get(name))]
            context = {"edition": found, "typed": typed}
            status = HTTPStatus.FORBIDDEN
            return render(request, "programme/speaker/closed.html", context, status=status)
        speaker.edition = found
        return view(request, speaker, **named)

    return guarded
