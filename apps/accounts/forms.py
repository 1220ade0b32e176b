"""Forms of allauth with our labels, and the forms of invitations."""

from allauth.account import forms as account
from allauth.mfa.base import forms as second_factor
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkey
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from apps.accounts.models import Invitation, User
from apps.accounts.services import InvitationRefused, check_invitable
from apps.core.forms import PlainLabels

_ENTER_ADDRESS = "Enter your e-mail address"
_ENTER_PASSWORD = "Enter your password"  # noqa: S105  # an error message
_CHOICE_HELP = (
    "At least 12 characters. Several words you can remember are good; a common password is not."
)


class SignInForm(PlainLabels, account.LoginForm):
    labels = {
        "login": "E-mail address",
        "password": "Password",
        "remember": "Keep me signed in",
    }
    helps = {"password": "", "remember": "For two weeks, on this device only"}
    required = {"login": _ENTER_ADDRESS, "password": _ENTER_PASSWORD}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class ReauthenticateForm(PlainLabels, account.ReauthenticateForm):
    helps = {"password": ""}
    required = {"password": _ENTER_PASSWORD}


class ResetPasswordForm(PlainLabels, account.ResetPasswordForm):
    labels = {"email": "E-mail address"}
    helps = {"email": "The one you sign in with"}
    required = {"email": _ENTER_ADDRESS}


class NewPasswordLabels(PlainLabels):
    labels = {
        "oldpassword": "Current password",
        "password1": "New password",
        "password2": "New password again",
    }
    helps = {"oldpassword": "", "password1": _CHOICE_HELP}
    required = {
        "oldpassword": "Enter your current password",
        "password1": "Enter a new password",
        "password2": "Enter the new password a second time",
    }


class ResetPasswordKeyForm(NewPasswordLabels, account.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(NewPasswordLabels, account.ChangePasswordForm):
    pass


class SetPasswordForm(NewPasswordLabels, account.SetPasswordForm):
    pass


class ChangeAddressForm(PlainLabels, account.AddEmailForm):
    labels = {"email": "New e-mail address"}
    helps = {"email": "We send a link to it. The address changes when you follow the link."}
    required = {"email": "Enter your new e-mail address"}


class CodeForm(PlainLabels, second_factor.AuthenticateForm):
    helps = {"code": "Six digits from your authenticator app, or one of your recovery codes"}
    required = {"code": "Enter a code from your authenticator app or a recovery code"}


class ReauthenticateByCodeForm(PlainLabels, second_factor.ReauthenticateForm):
    helps = CodeForm.helps
    required = CodeForm.required


class ActivateTOTPForm(PlainLabels, totp.ActivateTOTPForm):
    labels = {"code": "Six digits your app shows now"}
    required = {"code": "Enter the six digits your authenticator app shows"}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class CredentialField(forms.JSONField):
    """Passkey data from the browser; deeply nested JSON is invalid instead of an error."""

    widget = forms.HiddenInput

    def to_python(self, value):
        try:
            return super().to_python(value)
        except RecursionError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class SignInByPasskeyForm(passkey.LoginWebAuthnForm):
    credential = CredentialField()


class AuthenticateByPasskeyForm(passkey.AuthenticateWebAuthnForm):
    credential = CredentialField()


class ReauthenticateByPasskeyForm(passkey.ReauthenticateWebAuthnForm):
    credential = CredentialField()


class AddPasskeyForm(PlainLabels, passkey.AddWebAuthnForm):
    credential = CredentialField()
    labels = {"name": "Name", "passwordless": "Sign in with this passkey alone"}
    helps = {
        "name": "So that you know it from others, for example “Laptop”",
        "passwordless": "Without your password. The device then asks for your finger, face or PIN.",
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # allauth would replace an empty name.
        self.fields["name"].widget.is_required = True
        self.initial.setdefault("passwordless", True)


class RenamePasskeyForm(PlainLabels, passkey.EditWebAuthnForm):
    labels = {"name": "Name"}
    required = {"name": "Enter a name"}


class AcceptInvitationForm(forms.Form):
    """Name and password of a new account; the first organiser also enters an address."""

    email = forms.EmailField(
        label="E-mail address",
        help_text="You sign in with it.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={
            "required": _ENTER_ADDRESS,
            "invalid": "Enter an e-mail address in the form name@example.org",
        },
    )
    name = forms.CharField(
        label="Full name",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": "Enter your name",
            "max_length": "Write your name in at most 200 characters",
        },
    )
    password = forms.CharField(
        label="Password",
        help_text=_CHOICE_HELP,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Enter a password"},
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Enter the password a second time"},
    )

    def __init__(self, *args, invitation: Invitation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not invitation.is_first_organiser:
            # The link was sent there. It is shown for password managers.
            self.fields["email"].disabled = True
            self.fields["email"].required = False
            self.fields["email"].widget.is_required = True
            self.initial["email"] = invitation.email
            self.fields["email"].widget.attrs["readonly"] = True

    def clean(self) -> dict:
        data = super().clean() or {}
        if "password" in data and "again" in data and data["password"] != data["again"]:
            self.add_error("again", "Enter the same password twice. These differ.")
        if "password" in data:
            about = User(email=data.get("email", ""), name=data.get("name", ""))
            try:
                password_validation.validate_password(data["password"], user=about)
            except ValidationError as weak:
                self.add_error("password", weak)
        return data


class InvitationForm(forms.ModelForm):
    """Invitation by `sender`, a chair."""

    sender: User

    class Meta:
        model = Invitation
        fields = ["email", "role"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields:  # not on the read-only page
            # Only the invitation of the first organiser has no address.
            self.fields["email"].required = True
            self.fields["email"].error_messages["required"] = "Enter the address it goes to."

    def clean(self) -> dict:
        data = super().clean() or {}
        if "email" in data and "role" in data:
            try:
                check_invitable(email=data["email"], role=data["role"], by=self.sender)
            except InvitationRefused as refusal:
                raise ValidationError(str(refusal)) from refusal
        return data
