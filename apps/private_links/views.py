"""The ways in for those whom a private link opens something: with it, by a new one, and shut.

What is the same for students and for speakers. Each has a `Door` of its own, whose templates fill
in the words of those in templates/private_links/.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.core.rate_limit import WINDOW, Limit, count, network_of
from apps.editions.models import Edition
from apps.interest.student_forms import AddressForm
from apps.private_links.models import PrivateLink

# Asked for in a window, from one place and for one address. A shared network asks more often.
_FROM_ONE_PLACE, _FOR_ONE_ADDRESS = 30, 3


def find_edition(request: HttpRequest, slug: str) -> Edition:
    """The edition; 404 for what the user may not see."""
    return get_object_or_404(Edition.objects.visible_to(request.user), slug=slug)


@dataclass(frozen=True)
class Door:
    """The way to what one kind of private link opens. Its pages are to be private ones."""

    link: type[PrivateLink]
    leads_to: str  # the link's foreign key, to what has an edition and an address
    base: str  # the template that its pages stand on
    folder: str  # of its own templates
    new_link: str  # the route of `ask`
    sent_at: str  # the route of `sent`
    counted_as: str  # what limits know it by
    send: Callable[[Edition, str], None]  # letters with new links, to an address if it is known

    def open(self, request: HttpRequest, edition: str, token: str) -> HttpResponse:
        """GET shows a button and changes nothing, since mail scanners open links; its POST trades
        the token for a cookie of this browser and goes on to the clean address.

        404 for a link that never was or is another edition's, 410 for one that ended.
        """
        found = find_edition(request, edition)
        opened = (
            self.link.objects.for_token(token)
            .filter(**{f"{self.leads_to}__edition": found})
            .select_related(f"{self.leads_to}__edition")
            .first()
        )
        if opened is None or not opened.is_open:
            status = HTTPStatus.GONE if opened else HTTPStatus.NOT_FOUND
            return self._page(request, "link_refused", found, status, ended=opened)
        if request.method != "POST":
            return self._page(request, "link", found)
        response = redirect(getattr(opened, self.leads_to))
        opened.remember(request, response)
        return response

    def ask(self, request: HttpRequest, edition: str) -> HttpResponse:
        """Sends a new link; what it answers is the same for a known and an unknown address."""
        found = find_edition(request, edition)
        form = AddressForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "new_link", found, form=form)
        email = form.cleaned_data["email"]
        if not count(self._limits(request, found, email)):
            words = "That was asked for too often. Wait ten minutes, then try again."
            form.add_error("email", words)
            status = HTTPStatus.TOO_MANY_REQUESTS
            response = self._page(request, "new_link", found, status, form=form)
            response["Retry-After"] = str(WINDOW)
            return response
        self.send(found, email)
        return redirect(self.sent_at, found.slug)

    def sent(self, request: HttpRequest, edition: str) -> HttpResponse:
        """What happens now, whoever asked."""
        found = find_edition(request, edition)
        return self._page(request, "new_link_sent", found, has_mail=settings.HAS_MAIL)

    def closed(self, request: HttpRequest, edition: Edition, *asked: str) -> HttpResponse:
        """One and the same answer to all whose browser no link opens what they ask for.

        It shows what they typed into the fields `asked`: a link may end while somebody types.
        """
        typed = [words for name in asked if (words := request.POST.get(name))]
        return self._page(request, "closed", edition, HTTPStatus.FORBIDDEN, typed=typed)

    def _limits(self, request: HttpRequest, edition: Edition, email: str) -> list[Limit]:
        address = hashlib.sha256(email.casefold().encode()).hexdigest()
        return [
            Limit(f"{self.counted_as}:{network_of(request)}", _FROM_ONE_PLACE),
            Limit(f"{self.counted_as}:{edition.pk}:{address}", _FOR_ONE_ADDRESS),
        ]

    def _page(
        self,
        request: HttpRequest,
        name: str,
        edition: Edition,
        status: HTTPStatus = HTTPStatus.OK,
        **context: Any,
    ) -> HttpResponse:
        shared = {"edition": edition, "door": self}
        return render(request, f"{self.folder}/{name}.html", shared | context, status=status)
