"""A second factor for those who must have one."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from apps.accounts.second_factor import lacks_second_factor


class SecondFactorMiddleware:
    """Sends staff who must have a second factor, and have none, to the page where they add one.

    Only the desk is closed to them until then, never the account pages or signing out;
    the page they land on says why. Anonymous visitors cost no query.
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
            and lacks_second_factor(request.user)
        ):
            next_page = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('mfa_index')}?{next_page}")
        return self.get_response(request)


class PrivatePagesMiddleware:
    """Keeps account pages, which show codes, keys and addresses, out of every cache.

    The library forbids keeping for some of its pages only; the admin does so by itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/accounts/"):
            response["Cache-Control"] = "no-store, private"
        return response
