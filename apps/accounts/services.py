"""Who is let in: invitations, the first organiser, and a way back for who lost theirs."""

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts.letters import NotSent, send_mail
from apps.accounts.models import Invitation, Role, User
from apps.accounts.roles import grantable_roles


class InvitationRefused(Exception):
    """An invitation cannot be used or sent; `reason` is one of the words below."""

    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OVERTAKEN = "overtaken"
    INVITER_GONE = "inviter gone"
    SWITCHED_OFF = "switched off"
    ROLE_TOO_HIGH = "role too high"

    WORDS = {
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
        super().__init__(self.WORDS[reason])


def invitation_path(token: str) -> str:
    """Where the invitation with this token is accepted."""
    return reverse("accounts:invitation", args=[token])


def check_invitable(*, email: str, role: str, by: User | None) -> None:
    """Raises InvitationRefused if nobody with this address, or nobody by `by`, can be asked in.

    Who invites gives no role that may do more than they may; None is the machine's host.
    """
    if User.objects.filter(email=email.strip().lower(), is_active=False).exists():
        raise InvitationRefused(InvitationRefused.SWITCHED_OFF)
    if by is not None and not grantable_roles(by).filter(name=role).exists():
        raise InvitationRefused(InvitationRefused.ROLE_TOO_HIGH)


def invite(*, email: str, role: str, by: User | None) -> tuple[Invitation, str]:
    """Asks the owner of an address in; returns the invitation and its link.

    The invitation is on disk before the mail goes out and stays there if it does not:
    `mail_fault` then says why, and the link can be handed over another way. Earlier
    invitations of the same address stop working. Raises as check_invitable does.
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
    """Mails a new link and starts the days anew; the earlier link stops working.

    Raises InvitationRefused if it was accepted or withdrawn meanwhile, and as
    check_invitable does.
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
    """Makes the link stop working; raises InvitationRefused if it was used or withdrawn before."""
    waiting = Invitation.objects.waiting().filter(pk=invitation.pk)
    if not waiting.update(revoked_at=timezone.now()):
        raise _refusal(Invitation.objects.filter(pk=invitation.pk).first())


def find_invitation(token: str) -> Invitation:
    """The invitation a link belongs to, if it can still be accepted; changes nothing.

    Raises InvitationRefused otherwise.
    """
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
    """Makes the invited account, or gives the role to the account that has the address.

    An existing account keeps its name, its password and its second factor: a link proves
    a mailbox, which is less than those. `email` is asked of the first organiser alone, who
    may do everything. Of two presses one wins, the other raises InvitationRefused.
    """
    invitation = find_invitation(token)
    # The check is in the UPDATE itself, so that two clicks make one account.
    if not Invitation.objects.open().for_token(token).update(accepted_at=timezone.now()):
        raise _refusal(Invitation.objects.for_token(token).first())
    address = (email or "" if invitation.is_first_organiser else invitation.email).lower()
    user = User.objects.filter(email=address).first()
    if user is None:
        user = User.objects.create_user(address, password, name=name)
    elif invitation.is_first_organiser:
        # Nobody can sign in and the link comes from the terminal of the machine itself.
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
    """The path by which the first organiser comes in, or None once somebody can sign in.

    Each call makes a new link, and the one before stops working.
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
    """Makes the account's address the one that sign-in and password reset know, as proved."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    # An account's address is its own, so another's claim to it is out of date.
    EmailAddress.objects.filter(email=user.email).exclude(user=user).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )


def password_link(*, user: User) -> str:
    """A full link by which this person sets a new password, once, within three days."""
    confirm_address(user=user)
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    return settings.SITE_URL + path


def mail_password_link(*, user: User) -> tuple[str, str]:
    """Mails that link; returns it and, if the mail did not go out, why (else "")."""
    link = password_link(user=user)
    try:
        send_mail(
            template="account/email/password_reset_key",
            to=user.email,
            context={"password_reset_url": link, "user": user},
        )
    except NotSent as fault:
        return link, str(fault)
    return link, ""


@transaction.atomic
def recover_account(*, user: User, second_factor: bool = False) -> str:
    """A link to set a new password; with `second_factor` authenticators and codes are removed.

    Every session of this person ends, since a lost password may be in other hands.
    """
    if second_factor:
        Authenticator.objects.filter(user=user).delete()
    end_sessions(user=user)
    return password_link(user=user)


def end_sessions(*, user: User) -> int:
    """Signs this person out everywhere; returns how many sessions ended."""
    # A session names its user only inside its signed data. The team is small, so reading
    # all that are alive is cheap, and this runs by hand.
    alive = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    theirs = [s.pk for s in alive if s.get_decoded().get("_auth_user_id") == str(user.pk)]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)


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
    except NotSent as fault:
        invitation.mail_fault = str(fault)
    else:
        invitation.mailed_at = timezone.now()
    invitation.save(update_fields=["mailed_at", "mail_fault"])


def _refusal(invitation: Invitation | None) -> InvitationRefused:
    if invitation is None:
        return InvitationRefused(InvitationRefused.UNKNOWN)
    # Still open: it changed hands between two looks, by a newer link for instance.
    reason = InvitationRefused.UNKNOWN if invitation.status == "open" else invitation.status
    return InvitationRefused(reason)
