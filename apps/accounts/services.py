"""Invitations, the link for the first organiser, and account recovery."""

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts.mails import MailNotSent, send_mail
from apps.accounts.models import Invitation, Role, User
from apps.accounts.roles import grantable_roles


class InvitationRefused(Exception):
    """An invitation cannot be used or sent; `reason` is one of the constants."""

    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OVERTAKEN = "overtaken"
    INVITER_GONE = "inviter gone"
    SWITCHED_OFF = "switched off"
    ROLE_TOO_HIGH = "role too high"

    MESSAGES = {
        UNKNOWN: "There is no such invitation.",
        ACCEPTED: "This invitation has been used already.",
        WITHDRAWN: "This invitation was withdrawn.",
        EXPIRED: "This invitation has expired.",
        OVERTAKEN: "The first account has been made in the meantime.",
        INVITER_GONE: "Who invited you can no longer do so. Ask a chair for a new invitation.",
        SWITCHED_OFF: "The account with this address is switched off.",
        ROLE_TOO_HIGH: "You cannot give a role that may do more than you may.",
    }

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(self.MESSAGES[reason])


def invitation_path(token: str) -> str:
    """Path of the page on which the invitation with this token is accepted."""
    return reverse("accounts:invitation", args=[token])


def check_invitable(*, email: str, role: str, by: User | None) -> None:
    """Raise InvitationRefused for a disabled account or a role with more permissions than `by` has.

    `by` is None for commands run on the host.
    """
    if User.objects.filter(email=email.strip().lower(), is_active=False).exists():
        raise InvitationRefused(InvitationRefused.SWITCHED_OFF)
    if by is not None and not grantable_roles(by).filter(name=role).exists():
        raise InvitationRefused(InvitationRefused.ROLE_TOO_HIGH)


def invite(*, email: str, role: str, by: User | None) -> tuple[Invitation, str]:
    """Invite the owner of an address; return the invitation and its link.

    The mail is sent after the commit. If that fails, `mail_fault` has the reason and the link can be
    passed on otherwise. Earlier invitations of the address stop working. Raises InvitationRefused
    like check_invitable.
    """
    email = email.strip().lower()
    check_invitable(email=email, role=role, by=by)
    with transaction.atomic():
        Invitation.objects.open().filter(email=email).update(revoked_at=timezone.now())
        invitation = Invitation(email=email, role=Role(role), invited_by=by)
        token = invitation.issue_token()
        invitation.save()
        transaction.on_commit(lambda: _mail(invitation, token))
    return invitation, _link(token)


def send_invitation_again(*, invitation: Invitation, by: User | None) -> tuple[Invitation, str]:
    """Mail a new link with a new expiry; the earlier link stops working.

    Raises InvitationRefused if it was accepted or withdrawn, and like check_invitable.
    """
    check_invitable(email=invitation.email, role=invitation.role, by=by)
    with transaction.atomic():
        token = invitation.issue_token()
        waiting = Invitation.objects.waiting().filter(pk=invitation.pk, is_first_organiser=False)
        if not waiting.update(token_hash=invitation.token_hash, expires_at=invitation.expires_at):
            raise _refusal(Invitation.objects.filter(pk=invitation.pk).first())
        transaction.on_commit(lambda: _mail(invitation, token))
    return invitation, _link(token)


def withdraw_invitation(*, invitation: Invitation) -> None:
    """Disable the link; raise InvitationRefused if it was used or withdrawn before."""
    waiting = Invitation.objects.waiting().filter(pk=invitation.pk)
    if not waiting.update(revoked_at=timezone.now()):
        raise _refusal(Invitation.objects.filter(pk=invitation.pk).first())


def find_invitation(token: str) -> Invitation:
    """The invitation with this token, if it can be accepted; raise InvitationRefused otherwise."""
    invitation = Invitation.objects.for_token(token).first()
    if invitation is None or invitation.status != "open":
        raise _refusal(invitation)
    if invitation.is_first_organiser and User.objects.who_can_sign_in().exists():
        raise InvitationRefused(InvitationRefused.OVERTAKEN)
    inviter = invitation.invited_by
    if inviter and not (
        inviter.is_active and grantable_roles(inviter).filter(name=invitation.role).exists()
    ):
        raise InvitationRefused(InvitationRefused.INVITER_GONE)
    return invitation


@transaction.atomic
def accept_invitation(
    *, token: str, name: str = "", password: str = "", email: str | None = None
) -> User:
    """Create the invited account, or give the role to the existing account with the address.

    An existing account keeps its name, password and second factor, since a link only proves access
    to the mailbox. `email` is used for the first organiser only, who becomes a superuser. The second
    of two requests raises InvitationRefused.
    """
    invitation = find_invitation(token)
    # Checked in the UPDATE, so that two clicks create one account.
    if not Invitation.objects.open().for_token(token).update(accepted_at=timezone.now()):
        raise _refusal(Invitation.objects.for_token(token).first())
    address = (email or "" if invitation.is_first_organiser else invitation.email).lower()
    user = User.objects.filter(email=address).first()
    if user is None:
        user = User.objects.create_user(address, password, name=name)
    elif invitation.is_first_organiser:
        # No one can sign in, and the link comes from the terminal of the host.
        user.name, user.is_active = name or user.name, True
        user.set_password(password)
    elif not user.is_active:
        raise InvitationRefused(InvitationRefused.SWITCHED_OFF)
    user.is_staff = True
    user.is_superuser = user.is_superuser or invitation.is_first_organiser
    user.save()
    user.groups.add(Group.objects.get(name=invitation.role))
    confirm_address(user=user)
    return user


def first_organiser_link() -> str | None:
    """Path of a new link for the first organiser, or None if someone can sign in.

    The previous link stops working.
    """
    if User.objects.who_can_sign_in().exists():
        return None
    with transaction.atomic():
        invitation = Invitation.objects.filter(is_first_organiser=True, accepted_at=None).first()
        if invitation is None:
            invitation = Invitation(is_first_organiser=True, role=Role.CHAIR)
        token = invitation.issue_token()
        invitation.revoked_at = None
        invitation.save()
    return invitation_path(token)


@transaction.atomic
def confirm_address(*, user: User) -> None:
    """Make the address of the account its verified address in allauth."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    # Claims of other accounts to this address are outdated.
    EmailAddress.objects.filter(email=user.email).exclude(user=user).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )


def password_link(*, user: User) -> str:
    """URL with which the user sets a new password, once, within three days."""
    confirm_address(user=user)
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    return settings.SITE_URL + path


def mail_password_link(*, user: User) -> tuple[str, str]:
    """Mail a password link; return it and the reason why the mail was not sent ("" if it was)."""
    link = password_link(user=user)
    try:
        send_mail(
            template="account/email/password_reset_key",
            to=user.email,
            context={"password_reset_url": link, "user": user},
        )
    except MailNotSent as error:
        return link, str(error)
    return link, ""


@transaction.atomic
def recover_account(*, user: User, second_factor: bool = False) -> str:
    """End all sessions and return a password link; `second_factor` also removes authenticators."""
    if second_factor:
        Authenticator.objects.filter(user=user).delete()
    end_sessions(user=user)
    return password_link(user=user)


def end_sessions(*, user: User) -> int:
    """Sign the user out everywhere; return the number of sessions."""
    # The user is in the encoded data of a session, so all of them are read; the team is small.
    sessions = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    own_keys = [s.pk for s in sessions if s.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=own_keys).delete()
    return len(own_keys)


def _link(token: str) -> str:
    return settings.SITE_URL + invitation_path(token)


def _mail(invitation: Invitation, token: str) -> None:
    invitation.mail_fault = ""
    try:
        send_mail(
            template="accounts/email/invitation",
            to=invitation.email,
            context={"invitation": invitation, "link": _link(token)},
        )
    except MailNotSent as error:
        invitation.mail_fault = str(error)
    else:
        invitation.mailed_at = timezone.now()
    invitation.save(update_fields=["mailed_at", "mail_fault"])


def _refusal(invitation: Invitation | None) -> InvitationRefused:
    if invitation is None:
        return InvitationRefused(InvitationRefused.UNKNOWN)
    # Still open: the token was replaced meanwhile.
    reason = InvitationRefused.UNKNOWN if invitation.status == "open" else invitation.status
    return InvitationRefused(reason)
