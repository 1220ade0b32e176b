"""A second factor for those who must have one."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


class SecondFactorMiddleware:
    """Sends staff who must have a second factor, and have none, to the page where they add one.

    Only the desk is closed to them until then; SECOND_FACTOR says whom it concerns.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECOND_FACTOR != "none" and request.path.startswith(reverse("admin:index")):
            user = request.user
            if user.is_authenticated and self._is_asked_of(user) and not is_mfa_enabled(user):
                return redirect("mfa_index")
        return self.get_response(request)

    @staticmethod
    def _is_asked_of(user) -> bool:
        return settings.SECOND_FACTOR == "all" or user.is_chair
