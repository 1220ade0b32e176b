"""Enforced second factor, and private account pages."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


class SecondFactorMiddleware:
    """Redirect staff without their required second factor to the page where they add one.

    Only the admin is closed to them, not the account pages or signing out. Anonymous visitors cost
    no query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.desk = reverse("admin:index")
        self.always_open = {reverse("admin:logout"), reverse("admin:login")}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.SECOND_FACTOR != "none"
            and request.path.startswith(self.desk)
            and request.path not in self.always_open
            and request.user.is_authenticated
            and request.user.lacks_second_factor
        ):
            next_page = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('mfa_index')}?{next_page}")
        return self.get_response(request)


class PrivatePagesMiddleware:
    """Keep account pages, which show codes, keys and addresses, out of all caches.

    allauth does so for some of its pages only.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/accounts/"):
            response["Cache-Control"] = "no-store, private"
        return response
