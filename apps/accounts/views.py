"""Sign-in with a proper status when it is locked, and the page behind an invitation's link."""

from http import HTTPStatus

from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters

from apps.accounts.forms import AcceptInvitationForm
from apps.accounts.models import Invitation, User
from apps.accounts.services import InvitationRefused, accept_invitation, find_invitation
from apps.core.decorators import require_GET_POST


class SignInView(LoginView):
    """The library's sign-in. A lock-out answers 429 and keeps the address that was typed."""

    def form_invalid(self, form) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", "too_many_login_attempts"):
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
            response["Retry-After"] = "300"
        return response


@sensitive_post_parameters("password", "again")
@require_GET_POST
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the form and changes nothing; POST makes the account and signs in, once."""
    try:
        found = find_invitation(token)
        if _existing_account(found):
            response = _give_role(request, token, found)
        else:
            response = _make_account(request, token, found)
    except InvitationRefused as refusal:
        response = _refused(request, refusal)
    return _private(response)


def _existing_account(found: Invitation) -> bool:
    return not found.is_first_organiser and User.objects.filter(email=found.email).exists()


def _give_role(request: HttpRequest, token: str, found: Invitation) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/invitation_existing.html", {"invitation": found})
    accept_invitation(token=token)
    messages.success(request, f"You are now {_with_article(found.role)}. Sign in as you always do.")
    # Not signed in here: that would pass by their password and second factor.
    return redirect("admin:index")


def _make_account(request: HttpRequest, token: str, found: Invitation) -> HttpResponse:
    form = AcceptInvitationForm(request.POST or None, invitation=found)
    if request.method == "POST" and form.is_valid():
        user = accept_invitation(
            token=token,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            email=form.cleaned_data["email"],
        )
        return perform_login(
            request, user, email_verification="none", redirect_url=reverse("admin:index")
        )
    return render(request, "accounts/invitation.html", {"form": form, "invitation": found})


def _refused(request: HttpRequest, refusal: InvitationRefused) -> HttpResponse:
    unknown = refusal.reason == InvitationRefused.UNKNOWN
    status = HTTPStatus.NOT_FOUND if unknown else HTTPStatus.GONE
    context = {"refusal": refusal, "reason": refusal.reason}
    return render(request, "accounts/invitation_refused.html", context, status=status)


def _private(response: HttpResponse) -> HttpResponse:
    """The address holds a secret: no other site, cache or search engine is to learn it."""
    add_never_cache_headers(response)
    response["Cache-Control"] = "no-store, private"
    # Not "no-referrer": browsers then send a form with "Origin: null", which our own
    # protection against forged forms refuses. This one tells the host and no path.
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


def _with_article(role: str) -> str:
    return f"an {role}" if role[0] in "AEIOU" else f"a {role}"
