"""Enforced second factor, private account pages, and forms of the desk sent while signed out."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse

from apps.accounts import unsent_forms
from apps.accounts.encryption import SecretUnreadable
from apps.core.admin import render_desk_page
from apps.core.decorators import is_given_back
from apps.core.text import is_text


class AccountPagesMiddleware:
    """Close the admin to staff without their required second factor; keep account pages private.

    Account pages show codes, keys and addresses; allauth keeps some of them out of caches only.
    They and signing out stay open without a second factor. Anonymous visitors cost no query. Pages
    of recovery codes that were encrypted with another SECRET_KEY offer to make new ones.
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

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        if not isinstance(fault, SecretUnreadable):
            return None
        template = "mfa/recovery_codes/unreadable.html"
        return render(request, template, status=HTTPStatus.CONFLICT)


class UnsentFormsMiddleware:
    """Keep a form that reaches the desk after the session had ended; show it after sign-in.

    A form of the admin is shown as it was sent (`shows_unsent_form`), any other page with its texts
    and a button that sends it. Forms with a wrong CSRF token do not get here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.desk = reverse("admin:index")
        self.ignored = {reverse("admin:logout"), reverse("admin:login")}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(self.desk) or not request.user.is_authenticated:
            return response
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
            response = _explain_button(request, allowed=response["Allow"])
        unsent_forms.remember_user(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: list, kwargs: dict
    ) -> HttpResponseBase | None:
        if not request.path.startswith(self.desk) or request.path in self.ignored:
            return None
        if not request.user.is_authenticated:
            if request.method == "POST":
                unsent_forms.keep(request)
        elif request.method == "POST":
            unsent_forms.discard(request)
            if unsent_forms.DISCARD in request.POST:
                messages.success(request, "The form is discarded.")
                return HttpResponseRedirect(self.desk)
        elif request.method == "GET" and (form := unsent_forms.find(request)):
            data, files = form
            if not getattr(view, "shows_unsent_form", False):
                return _show(request, view, data, files)
            unsent_forms.present(request, data, files)
        return None


def _explain_button(request: HttpRequest, *, allowed: str) -> HttpResponse:
    """A page in place of the empty one at an address that only a button opens.

    Sign-in leads there after a button was pressed while signed out, if what was sent is not kept any
    more.
    """
    page = render_desk_page(
        request,
        "accounts/button_only.html",
        {"title": "Press the button again"},
        status=HTTPStatus.METHOD_NOT_ALLOWED,
    )
    page["Allow"], page["Cache-Control"] = allowed, "no-store, private"
    return page.render()


def _show(
    request: HttpRequest, view: object, data: QueryDict, files: list[str]
) -> HttpResponseBase:
    """The texts of a form that was sent to `view`, with buttons that send or discard it."""
    fields = [(name, value) for name, values in data.lists() for value in values]
    context = {
        "title": "Not sent yet",
        "fields": fields,
        "texts": [
            (name.replace("_", " ").capitalize(), text)
            for name, text in fields
            if not name.startswith("_") and (is_text(text) or is_given_back(view, name, text))
        ],
        "files": files,
        "discard": unsent_forms.DISCARD,
    }
    response = render_desk_page(request, "accounts/unsent_form.html", context)
    response["Cache-Control"] = "no-store, private"
    return response
