"""Enforced second factor, and private account pages."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


class AccountPagesMiddleware:
    """Close the admin to staff without their required second factor; keep account pages private.

    Account pages show codes, keys and addresses; allauth keeps some of them out of caches only.
    They and signing out stay open without a second factor. Anonymous visitors cost no query.
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
        response = self.get_response(request)
        if request.path.startswith("/accounts/"):
            response["Cache-Control"] = "no-store, private"
        return response
