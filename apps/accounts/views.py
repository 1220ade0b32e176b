"""Sign-in, security page and the page of an invitation link."""

from http import HTTPStatus

from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from allauth.mfa.base.views import IndexView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters

from apps.accounts import unsent_forms
from apps.accounts.encryption import is_readable
from apps.accounts.forms import AcceptInvitationForm
from apps.accounts.models import Invitation, User
from apps.accounts.services import InvitationRefused, accept_invitation, find_invitation
from apps.core.decorators import private_page, require_GET_POST


class SignInView(LoginView):
    """Sign-in of allauth, with status 429 and the typed address kept while it is locked.

    It says so if a form of the desk is kept until its author signs in.
    """

    def get_context_data(self, **kwargs) -> dict:
        has_unsent_form = unsent_forms.are_there_any(self.request)
        return super().get_context_data(**kwargs) | {"has_unsent_form": has_unsent_form}

    def form_invalid(self, form) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", "too_many_login_attempts"):
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
            response["Retry-After"] = "300"
        return response


class SecurityView(IndexView):
    """Security page of allauth, with a link to the page from which the user was sent here.

    It says which codes cannot be checked, since they were encrypted with another SECRET_KEY.
    """

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        for kind in ("totp", "recovery_codes"):
            wrapper = context["authenticators"].get(kind)
            is_unreadable = wrapper is not None and not is_readable(wrapper.instance.data)
            context[f"{kind}_unreadable"] = is_unreadable
        next_page = self.request.GET.get("next", "")
        is_own_page = url_has_allowed_host_and_scheme(next_page, allowed_hosts=None)
        desk_url = next_page if is_own_page else reverse("admin:index")
        return context | {"desk_url": desk_url}


@sensitive_post_parameters("password", "again")
@require_GET_POST
@private_page
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the form and changes nothing; POST creates the account and signs in, once."""
    try:
        open_invitation = find_invitation(token)
        if (
            not open_invitation.is_first_organiser
            and User.objects.filter(email=open_invitation.email).exists()
        ):
            return _give_role(request, token, open_invitation)
        return _create_account(request, token, open_invitation)
    except InvitationRefused as refusal:
        is_unknown = refusal.reason == refusal.Reason.UNKNOWN
        context = {"refusal": refusal, "reason": refusal.reason}
        status = HTTPStatus.NOT_FOUND if is_unknown else HTTPStatus.GONE
        return render(request, "accounts/invitation_refused.html", context, status=status)


def _give_role(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/invitation_existing.html", {"invitation": invitation})
    accept_invitation(token=token)
    role = f"{'an' if invitation.role[0] in 'AEIOU' else 'a'} {invitation.role}"
    messages.success(request, f"You are now {role}. Sign in as usual.")
    # Not signed in here: that would bypass password and second factor.
    return redirect("admin:index")


def _create_account(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    form = AcceptInvitationForm(
        request.POST or None, invitation=invitation, initial={"name": invitation.name}
    )
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/invitation.html", {"form": form, "invitation": invitation})
    data = form.cleaned_data
    user = accept_invitation(
        token=token, name=data["name"], password=data["password"], email=data["email"]
    )
    return perform_login(
        request, user, email_verification="none", redirect_url=reverse("admin:index")
    )
