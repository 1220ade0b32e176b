"""Admin of user accounts and invitations."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from apps.accounts.models import ROLE_HELP, Invitation, Role, User
from apps.accounts.services import (
    InvitationRefused,
    change_address,
    end_sessions,
    invite,
    mail_password_link,
    send_invitation_again,
    withdraw_invitation,
)
from apps.core.admin import ADDRESS_CONTROL, GuardedMixin
from apps.core.concurrent_edits import ConcurrentEditsAdmin
from apps.core.deletion import GuardedDeletionAdmin

# Roles are set on the account; addresses and second factors by the users themselves.
for model in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(User)
class UserAdmin(GuardedMixin, ConcurrentEditsAdmin, GuardedDeletionAdmin):
    """Accounts are created by invitation and changed here.

    Users cannot raise their own permissions nor change an account that has more (User.may_manage).
    """

    formfield_overrides = ADDRESS_CONTROL
    used_by = ("logentry",)  # or the log of the desk would lose entries
    instead_of_deleting = (
        "Untick “active” on the page of the account instead. Then it cannot be used to sign in."
    )
    list_display = ["person", "email", "roles", "last_sign_in", "second_factor", "is_active"]
    list_filter = ["is_active", "groups"]
    search_fields = ["name", "email"]
    fieldsets = [
        (None, {"fields": ["name", "email"]}),
        ("Permissions", {"fields": ["groups", "is_staff", "is_superuser", "is_active"]}),
        ("Sign-in", {"fields": ["second_factor", "last_sign_in", "joined_at"]}),
    ]
    readonly_fields = ["second_factor", "last_sign_in", "joined_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        has_second_factor = Exists(Authenticator.objects.filter(user=OuterRef("pk")))
        users = super().get_queryset(request).annotate(has_second_factor=has_second_factor)
        return users.prefetch_related("groups")

    @admin.display(description="name", ordering="name")
    def person(self, user: User) -> str:
        return str(user)

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Everything", *names] if user.is_superuser else names)

    @admin.display(description="last sign-in", ordering="last_login")
    def last_sign_in(self, user: User) -> str:
        return localize(localtime(user.last_login)) if user.last_login else "never"

    @admin.display(description="second factor", boolean=True)
    def second_factor(self, user: User) -> bool:
        return user.has_second_factor  # type: ignore[attr-defined]  # annotated in get_queryset

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or _me(request).may_manage(obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only superusers delete accounts; others deactivate them."""
        return _me(request).is_superuser and obj != request.user

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj == request.user:
            return [*self.readonly_fields, "is_staff", "is_active", "is_superuser", "groups"]
        is_superuser = _me(request).is_superuser
        return self.readonly_fields if is_superuser else [*self.readonly_fields, "is_superuser"]

    def get_form(self, request: HttpRequest, obj=None, *args, **kwargs):
        help_texts = {
            "email": (
                "A new address signs the person out everywhere and ends their password links. If "
                "you change the address of a colleague, the earlier address gets an email about "
                "it."
            )
        }
        return super().get_form(request, obj, *args, help_texts=help_texts, **kwargs)

    def formfield_for_manytomany(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "groups":
            kwargs["queryset"] = _me(request).grantable_roles()
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["help_text"] = ROLE_HELP
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            change_address(user=obj, before=form.initial["email"], by=_me(request))
            # Links to set a password ended by themselves: their key contains the address.
            end_sessions(user=obj, but=request.session.session_key)
            if obj != request.user:
                text = "{} is signed out everywhere, since the address was changed."
                messages.info(request, format_html(text, obj))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.password_link))
        link = path("<int:pk>/password-link/", view, name="accounts_user_password_link")
        return [link, *super().get_urls()]

    def password_link(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mail the user a link to set a new password; show it only if the mail did not go out."""
        user = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        if user.is_active:
            link, reason = mail_password_link(user=user, by=_me(request))
            action = "shown" if link else "mailed"
            self.log_change(request, user, f"Link to set a new password {action}.")
            if link:
                what = f"A link to set a new password for {user}"
                _show_link(request, what, user.email, link, reason)
            else:
                text = f"A link to set a new password for {user} was sent to {user.email}."
                messages.success(request, text)
        else:
            messages.error(request, f"The account of {user} is deactivated: no link was sent.")
        return redirect("admin:accounts_user_change", pk)


@admin.register(Invitation)
class InvitationAdmin(GuardedMixin, admin.ModelAdmin):
    """Invitations cannot be edited, only sent again or withdrawn."""

    list_display = ["address", "role", "status", "invited_by", "created_at", "delivery"]
    list_filter = ["role"]
    list_select_related = ["invited_by"]
    search_fields = ["email"]
    fields = ["email", "role"]
    formfield_overrides = ADDRESS_CONTROL
    actions = ["send_again", "withdraw"]
    add_form_template = "admin/accounts/invitation/add_form.html"

    @admin.display(description="email address", ordering="email")
    def address(self, invitation: Invitation) -> str:
        return invitation.email or "The first organiser"

    @admin.display(description="mail")
    def delivery(self, invitation: Invitation) -> str:
        if invitation.mail_fault:
            return f"not sent: {invitation.mail_fault}"
        return "sent" if invitation.mailed_at else "not sent"

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        messages = {"email": {"required": "Enter the address of the person you invite."}}
        return super().get_form(request, obj, change, error_messages=messages, **kwargs)

    def response_add(self, request: HttpRequest, obj: Invitation, post_url_continue=None):
        """Redirect to the list, which shows the message about the mail."""
        return redirect("admin:accounts_invitation_changelist")

    def formfield_for_choice_field(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "role":
            names = set(_me(request).grantable_roles().values_list("name", flat=True))
            kwargs["choices"] = [choice for choice in Role.choices if choice[0] in names]
            kwargs["help_text"] = ROLE_HELP
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return _me(request).is_superuser

    def has_invite_permission(self, request: HttpRequest) -> bool:
        return _me(request).has_perm("accounts.add_invitation")

    def save_model(self, request: HttpRequest, obj: Invitation, form, change: bool) -> None:
        invitation, link = invite(email=obj.email, role=obj.role, by=_me(request))
        obj.pk = invitation.pk  # for the admin's log and redirect
        # After the mail, which is sent on commit.
        transaction.on_commit(lambda: _show_invitation(request, invitation, link))

    @admin.action(description="Send the selected invitations again", permissions=["invite"])
    def send_again(self, request: HttpRequest, invitations: QuerySet[Invitation]) -> None:
        for chosen in invitations:
            try:
                invitation, link = send_invitation_again(invitation=chosen, by=_me(request))
                _show_invitation(request, invitation, link)
            except InvitationRefused as refusal:
                messages.error(request, f"{self.address(chosen)}: {refusal}")

    @admin.action(description="Withdraw the selected invitations", permissions=["invite"])
    def withdraw(self, request: HttpRequest, invitations: QuerySet[Invitation]) -> None:
        for chosen in invitations:
            try:
                withdraw_invitation(invitation=chosen)
                messages.success(request, f"The invitation of {self.address(chosen)} is withdrawn.")
            except InvitationRefused as refusal:
                messages.error(request, f"{self.address(chosen)}: {refusal}")


def _me(request: HttpRequest) -> User:
    """The signed-in user; the admin admits no others."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _show_invitation(request: HttpRequest, invitation: Invitation, link: str) -> None:
    what = f"An invitation as {invitation.get_role_display()}"
    _show_link(request, what, invitation.email, link, invitation.mail_fault)


def _show_link(request: HttpRequest, what: str, to: str, link: str, failure: str) -> None:
    # Shown once: the database has only a hash of the link.
    if failure:
        text = "{} is ready, but the email to {} was not sent ({}). Give them this link: {}"
        messages.warning(request, format_html(text, what, to, failure, link))
    else:
        text = "{} was sent to {}. If the email does not arrive, give them this link: {}"
        messages.success(request, format_html(text, what, to, link))
