"""Invitations, the link for the first organiser, and account recovery."""

from collections.abc import Callable, Iterable

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import TextChoices
from django.dispatch import Signal
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.adapter import send_mail
from apps.accounts.encryption import (
    SecretUnreadable,
    decrypt,
    encrypt,
    is_readable,
    with_secrets,
)
from apps.accounts.models import Invitation, Role, User
from apps.core.exceptions import NotAllowed

# A colleague did something with an account that its owner is to know: `to` is the owner's address,
# `name` their name, `event` a sentence. `mail` queues a letter.
owner_notified = Signal()
# An invitation was accepted: `user` has its role now. Sent in the same transaction.
invitation_accepted = Signal()

_reviewed_editions: list[Callable[[str], Iterable[str]]] = []


def register_reviewed_editions(find: Callable[[str], Iterable[str]]) -> None:
    """Register a function that names the editions for which an address is to review."""
    _reviewed_editions.append(find)


class InvitationRefused(NotAllowed):
    """An invitation cannot be used or sent."""

    class Reason(TextChoices):
        UNKNOWN = "unknown", "There is no such invitation."
        ACCEPTED = "accepted", "This invitation has been used already."
        WITHDRAWN = "withdrawn", "This invitation was withdrawn."
        EXPIRED = "expired", "This invitation has expired."
        OVERTAKEN = "overtaken", "The first account has been created in the meantime."
        INVITER_GONE = (
            "inviter gone",
            "The person who invited you can no longer invite others. Ask a chair for a new invitation.",
        )
        SWITCHED_OFF = "switched off", "The account with this address is deactivated."
        ROLE_TOO_HIGH = (
            "role too high",
            "You cannot give a role with more permissions than you have.",
        )

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.label)


Reason = InvitationRefused.Reason


def invitation_path(token: str) -> str:
    """Path of the page on which the invitation with this token is accepted."""
    return reverse("accounts:invitation", args=[token])


def check_invitable(*, email: str, role: str, by: User | None) -> None:
    """Raise InvitationRefused for a disabled account or a role with more permissions than `by` has.

    `by` is None for commands run on the host.
    """
    if User.objects.filter(email=email.strip().lower(), is_active=False).exists():
        raise InvitationRefused(Reason.SWITCHED_OFF)
    if by is not None and not by.grantable_roles().filter(name=role).exists():
        raise InvitationRefused(Reason.ROLE_TOO_HIGH)


def invite(*, email: str, role: str, by: User | None, name: str = "") -> tuple[Invitation, str]:
    """Invite the owner of an address; return the invitation and its link.

    Without a `name` that of an earlier invitation is kept.

    The mail is sent after the commit. If that fails, `mail_fault` has the reason and the link can be
    passed on otherwise. Earlier invitations of the address stop working. Raises InvitationRefused
    like check_invitable.
    """
    email = email.strip().lower()
    check_invitable(email=email, role=role, by=by)
    with transaction.atomic():
        earlier = Invitation.objects.open().filter(email=email)
        name = name or next(iter(earlier.values_list("name", flat=True)), "")
        earlier.update(revoked_at=timezone.now())
        invitation = Invitation(email=email, name=name, role=Role(role), invited_by=by)
        link = _issue_link(invitation)
        invitation.save()
    return invitation, link


def send_invitation_again(*, invitation: Invitation, by: User | None) -> tuple[Invitation, str]:
    """Mail a new link with a new expiry; the earlier link stops working.

    Raises InvitationRefused if it was accepted or withdrawn, and like check_invitable.
    """
    check_invitable(email=invitation.email, role=invitation.role, by=by)
    with transaction.atomic():
        link = _issue_link(invitation)
        waiting = Invitation.objects.waiting().filter(pk=invitation.pk, is_first_organiser=False)
        if not waiting.update(token_hash=invitation.token_hash, expires_at=invitation.expires_at):
            raise _refusal(Invitation.objects.filter(pk=invitation.pk).first())
    return invitation, link


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
        raise InvitationRefused(Reason.OVERTAKEN)
    inviter = invitation.invited_by
    if inviter and not (
        inviter.is_active and inviter.grantable_roles().filter(name=invitation.role).exists()
    ):
        raise InvitationRefused(Reason.INVITER_GONE)
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
    if user is None or invitation.is_first_organiser:
        # Before the first organiser accepts, no one can sign in; their link comes from the host.
        user = user or User(email=address)
        user.name, user.is_active = name or user.name, True
        user.set_password(password)
    elif not user.is_active:
        raise InvitationRefused(Reason.SWITCHED_OFF)
    user.is_staff = True
    user.is_superuser = user.is_superuser or invitation.is_first_organiser
    user.save()
    user.groups.add(Group.objects.get(name=invitation.role))
    confirm_address(user=user)
    invitation_accepted.send(User, user=user)
    return user


def first_organiser_link() -> str | None:
    """Path of a new link for the first organiser, or None if someone can sign in.

    The previous link stops working.
    """
    if User.objects.who_can_sign_in().exists():
        return None
    earlier = Invitation.objects.filter(is_first_organiser=True, accepted_at=None).first()
    invitation = earlier or Invitation(is_first_organiser=True, role=Role.CHAIR)
    token = invitation.issue_token()
    invitation.revoked_at = None
    invitation.save()
    return invitation_path(token)


@transaction.atomic
def change_address(*, user: User, before: str, by: User) -> None:
    """Confirm the address that `by` gave the account, and tell the owner at the address `before`."""
    confirm_address(user=user)
    if by != user:
        event = (
            f"{by} ({by.email}) changed the email address of your account from {before} to "
            f"{user.email}. You sign in with the new one."
        )
        owner_notified.send(User, to=before, name=user.name, event=event)


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
    return get_adapter().get_reset_password_from_key_url(f"{user_pk_to_url_str(user)}-{key}")


def mail_password_link(*, user: User, by: User) -> tuple[str, str]:
    """Mail a password link that `by` asked for.

    Returns "" and "", or the link and the reason why the email was not sent. Then a chair passes
    the link on, and a letter that tells the owner so is queued.
    """
    link = password_link(user=user)
    context = {"password_reset_url": link, "user": user, "asked_by": by if by != user else None}
    template = "account/email/password_reset_key"
    reason = send_mail(template=template, to=user.email, context=context)
    if not reason:
        return "", ""
    if by != user:
        event = f"{by} ({by.email}) was shown a link to set the password of your account."
        owner_notified.send(User, to=user.email, name=user.name, event=event)
    return link, reason


@transaction.atomic
def recover_account(*, user: User, second_factor: bool = False) -> str:
    """Sign the user out everywhere and return a password link.

    `second_factor` also removes authenticators.
    """
    if second_factor:
        Authenticator.objects.filter(user=user).delete()
    end_sessions(user=user)
    return password_link(user=user)


def end_sessions(*, user: User, but: str | None = None) -> None:
    """Sign the user out everywhere, except in the session with the key `but`."""
    # The user is in the encoded data of a session, so all of them are read; the team is small.
    for session in Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=but):
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def end_other_sessions(request: HttpRequest, user: User, **kwargs: object) -> None:
    """Receiver of allauth's signal email_changed: the browser that confirmed it stays signed in."""
    end_sessions(user=user, but=request.session.session_key)


@transaction.atomic
def reencrypt_second_factors(*, old_key: str) -> tuple[int, list[str]]:
    """Encrypt second factors with SECRET_KEY that were encrypted with `old_key`.

    Returns how many there were, and the addresses of people with one that neither key reads.
    """

    def convert(encrypted: str) -> str:
        return encrypt(decrypt(encrypted, secret_key=old_key))

    done, unreadable = 0, set()
    for row in Authenticator.objects.select_for_update().select_related("user"):
        if is_readable(row.data):
            continue
        try:
            row.data = with_secrets(row.data, convert)
        except SecretUnreadable:
            unreadable.add(row.user.email)
            continue
        row.save(update_fields=["data"])
        done += 1
    return done, sorted(unreadable)


def _issue_link(invitation: Invitation) -> str:
    """Set a new token and return its URL, which is mailed after the commit."""
    link = settings.SITE_URL + invitation_path(invitation.issue_token())
    transaction.on_commit(lambda: _mail(invitation, link))
    return link


def _mail(invitation: Invitation, link: str) -> None:
    editions: list[str] = []
    if invitation.role == Role.REVIEWER:
        editions = [name for find in _reviewed_editions for name in find(invitation.email)]
    context = {"invitation": invitation, "link": link, "editions": editions}
    template = "accounts/email/invitation"
    by = invitation.invited_by
    invitation.mail_fault = send_mail(
        template=template, to=invitation.email, context=context, reply_to=by.email if by else ""
    )
    if not invitation.mail_fault:
        invitation.mailed_at = timezone.now()
    invitation.save(update_fields=["mailed_at", "mail_fault"])


def _refusal(invitation: Invitation | None) -> InvitationRefused:
    # Still open: the token was replaced meanwhile.
    if invitation is None or invitation.status == "open":
        return InvitationRefused(Reason.UNKNOWN)
    return InvitationRefused(Reason(invitation.status))
