"""Forms of allauth with our labels, and the form of an invitation's page."""

from typing import NamedTuple

from allauth.account import forms as account
from allauth.mfa.base import forms as second_factor
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkey
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from apps.accounts.encryption import SecretUnreadable, is_readable
from apps.accounts.models import Invitation, User
from apps.core.addresses import EMAIL_FORM, AddressValidator
from apps.core.forms import AddressInput, MailboxField

_ENTER_ADDRESS = "Enter your email address"
_CHOICE_HELP = (
    "At least 12 characters. Several words you can remember are good; a common password is not."
)


class CredentialField(forms.JSONField):
    """Passkey data from the browser; deeply nested JSON is invalid instead of an error."""

    widget = forms.HiddenInput

    def to_python(self, value):
        try:
            return super().to_python(value)
        except RecursionError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class Texts(NamedTuple):
    """Texts of a field; without label or message (`missing`) those of the library stay."""

    label: str = ""
    help: str = ""
    missing: str = ""
    attributes: dict[str, str] = {}  # of the widget


_TEXTS = {
    "login": Texts("Email address", "", _ENTER_ADDRESS, {"autocomplete": "username webauthn"}),
    "password": Texts("Password", "", "Enter your password"),
    "remember": Texts("Keep me signed in", "For two weeks, on this device"),
    "oldpassword": Texts("Current password", "", "Enter your current password"),
    "password1": Texts("New password", _CHOICE_HELP, "Enter a new password"),
    "password2": Texts("New password again", "", "Enter the new password a second time"),
    "code": Texts(
        help="Six digits from your authenticator app, or one of your recovery codes",
        missing="Enter a code from your authenticator app or a recovery code",
    ),
    "passwordless": Texts(
        "Sign in with this passkey only",
        "Without your password. The device asks for your fingerprint, face or PIN.",
    ),
}


class PlainTexts:
    """Mixin for forms of allauth: sets the texts of all fields; `texts` are those of one form.

    Placeholders are removed, since they disappear as soon as a person types.
    """

    texts: dict[str, Texts] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "credential" in self.fields:
            self.fields["credential"] = CredentialField()
        for name, field in self.fields.items():
            texts = (_TEXTS | self.texts).get(name, Texts())
            field.label = texts.label or field.label
            field.help_text = texts.help
            if texts.missing:
                field.error_messages["required"] = texts.missing
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = EMAIL_FORM
                field.validators = [AddressValidator()]
                field.widget = AddressInput(field.widget.attrs)
            field.widget.attrs.update(texts.attributes)
            field.widget.attrs.pop("placeholder", None)


class CodeOfReadableSecret:
    """Mixin for forms that ask for a code: one unreadable secret leaves the codes of others valid.

    The form of allauth stops at the first secret that cannot be read, for example that of an app,
    and would refuse recovery codes that were made since.
    """

    def clean_code(self) -> str:
        try:
            return super().clean_code()  # type: ignore[misc]  # mixin
        except SecretUnreadable:
            code: str = self.cleaned_data["code"]  # type: ignore[attr-defined]  # mixin
            user: User = self.user  # type: ignore[attr-defined]  # mixin
            authenticators = Authenticator.objects.filter(user=user)
            for authenticator in authenticators.exclude(type=Authenticator.Type.WEBAUTHN):
                if is_readable(authenticator.data) and authenticator.wrap().validate_code(code):
                    self.authenticator = authenticator
                    return code
            raise


def _with_texts(form: type[forms.Form], **texts: Texts) -> type[forms.Form]:
    return type(form.__name__, (PlainTexts, form), {"texts": texts})


class AddPasskeyForm(PlainTexts, passkey.AddWebAuthnForm):
    texts = {"name": Texts("Name", "To tell it from other passkeys, for example “Laptop”")}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # allauth would replace an empty name.
        self.fields["name"].widget.is_required = True
        self.initial.setdefault("passwordless", True)


SignInForm = _with_texts(account.LoginForm)
ReauthenticateForm = _with_texts(account.ReauthenticateForm)
ResetPasswordForm = _with_texts(
    account.ResetPasswordForm,
    email=Texts("Email address", "The address you sign in with", _ENTER_ADDRESS),
)
ResetPasswordKeyForm = _with_texts(account.ResetPasswordKeyForm)
ChangePasswordForm = _with_texts(account.ChangePasswordForm)
SetPasswordForm = _with_texts(account.SetPasswordForm)
ChangeAddressForm = _with_texts(
    account.AddEmailForm,
    email=Texts(
        "New email address",
        "We send a link to it. The address changes when you open the link.",
        "Enter your new email address",
    ),
)


class CodeForm(CodeOfReadableSecret, PlainTexts, second_factor.AuthenticateForm):
    """Code at sign-in."""


class ReauthenticateByCodeForm(CodeOfReadableSecret, PlainTexts, second_factor.ReauthenticateForm):
    """Code before a change of the account."""


ActivateTOTPForm = _with_texts(
    totp.ActivateTOTPForm,
    code=Texts(
        "The six digits that your app shows now",
        missing="Enter the six digits that your authenticator app shows",
        attributes={"inputmode": "numeric"},
    ),
)
SignInByPasskeyForm = _with_texts(passkey.LoginWebAuthnForm)
AuthenticateByPasskeyForm = _with_texts(passkey.AuthenticateWebAuthnForm)
ReauthenticateByPasskeyForm = _with_texts(passkey.ReauthenticateWebAuthnForm)
RenamePasskeyForm = _with_texts(
    passkey.EditWebAuthnForm, name=Texts("Name", missing="Enter a name")
)


class AcceptInvitationForm(forms.Form):
    """Name and password of a new account; the first organiser also enters an address."""

    email = MailboxField(
        label="Email address",
        help_text="You sign in with it.",
        max_length=254,
        widget=AddressInput({"autocomplete": "username"}),
        error_messages={"required": _ENTER_ADDRESS, "invalid": EMAIL_FORM},
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
            address = self.fields["email"]
            address.disabled, address.required, address.widget.is_required = True, False, True
            address.widget.attrs["readonly"] = True
            self.initial["email"] = invitation.email

    def clean(self) -> dict:
        data = super().clean() or {}
        if "password" in data:
            about = User(email=data.get("email", ""), name=data.get("name", ""))
            try:
                password_validation.validate_password(data["password"], user=about)
            except ValidationError as weak:
                self.add_error("password", weak)
        if "password" in data and "again" in data and data["password"] != data["again"]:
            self.add_error("again", "Type the same password in both fields. They were different.")
        if "password" in data and self.errors:
            # Passwords are not sent back, so both fields are empty now.
            self.add_error("password", "Type the password again, in both fields.")
        return data
