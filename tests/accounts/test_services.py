"""Invitations, the first organiser, and account recovery."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection
from django.utils import timezone

from apps.accounts.models import Invitation, User
from apps.accounts.services import (
    InvitationRefused,
    accept_invitation,
    find_invitation,
    first_organiser_link,
    invite,
    recover_account,
    send_invitation_again,
    withdraw_invitation,
)
from apps.core.tokens import hash_token
from tests.accounts.helpers import signed_in, token_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "several words to remember"


@pytest.fixture(autouse=True)
def _mail_server(settings):
    settings.HAS_MAIL = True


def _invite(role: str = "Editor", email: str = "new@example.org", by=None) -> tuple:
    invitation, link = invite(email=email, role=role, by=by)
    return invitation, token_of(link)


def test_an_invitation_reaches_an_address_in_other_letters(chair, post_office, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    invite(email="new@straße.example", role="Editor", by=chair)

    # By IDNA 2003 it would go to strasse.example, which belongs to someone else.
    assert post_office.recipients == ["new@xn--strae-oqa.example"]


def test_an_invitation_is_mailed_as_text_and_html_with_one_link(chair):
    invitation, link = invite(email="New@Example.org", role="Editor", by=chair)

    (letter,) = mail.outbox
    assert isinstance(letter, EmailMultiAlternatives)
    assert letter.to == ["new@example.org"]
    assert letter.reply_to == [chair.email]
    assert letter.subject == f"You are invited to help organise {django_settings.SITE_NAME}"
    assert "Charlie Chair asks you" in letter.body
    assert letter.body.count(link) == 1
    assert f'href="{link}"' in str(letter.alternatives[0][0])
    assert link.startswith(django_settings.SITE_URL + "/invitations/")
    invitation.refresh_from_db()
    assert (invitation.status, invitation.mail_fault) == ("open", "")
    assert invitation.mailed_at is not None


def test_a_link_is_stored_as_hash_and_replaced_by_a_second_invitation_of_the_address():
    first, old = _invite()
    assert len(old) >= 22  # 128 bits
    assert first.token_hash == hash_token(old)
    assert old not in str(list(Invitation.objects.values()))

    _, new = _invite(email="NEW@example.org")

    with pytest.raises(InvitationRefused, match="was withdrawn"):
        find_invitation(old)
    assert find_invitation(new).email == first.email


def test_an_invitation_whose_mail_fails_is_kept_with_the_reason(monkeypatch):
    def refuse(self, messages):
        raise SMTPRecipientsRefused({"new@example.org": (550, b"no such mailbox")})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)

    invitation, token = _invite()

    invitation.refresh_from_db()
    assert invitation.mailed_at is None
    assert "no such mailbox" in invitation.mail_fault
    assert find_invitation(token) == invitation


def test_an_editor_invites_no_chair():
    with pytest.raises(InvitationRefused, match="more permissions"):
        invite(email="new@example.org", role="Chair", by=make_user("Editor"))

    assert Invitation.objects.count() == 0


def test_of_two_requests_at_once_only_one_accepts():
    _, token = _invite()

    def accept_in_between(execute, sql, params, many, context):
        if sql.startswith('UPDATE "accounts_invitation"'):
            with connection.cursor() as cursor:
                accepted = 'UPDATE "accounts_invitation" SET accepted_at = CURRENT_TIMESTAMP'
                cursor.connection.execute(accepted)
        return execute(sql, params, many, context)

    with (
        connection.execute_wrapper(accept_in_between),
        pytest.raises(InvitationRefused, match="used already"),
    ):
        accept_invitation(token=token, name="Nia", password=PASSWORD)

    assert User.objects.count() == 0


@pytest.mark.parametrize("token", ["", "nonsense", "a" * 500, "\x00", "☃"])
def test_an_unknown_token_is_refused(token):
    _invite()

    with pytest.raises(InvitationRefused, match="no such invitation"):
        find_invitation(token)


@pytest.mark.parametrize("end", ["withdrawn", "accepted"])
def test_a_closed_invitation_cannot_be_withdrawn_or_sent_again(chair, end):
    invitation, token = _invite()
    if end == "withdrawn":
        withdraw_invitation(invitation=invitation)
    else:
        accept_invitation(token=token, name="Nia", password=PASSWORD)

    message = "was withdrawn" if end == "withdrawn" else "used already"
    with pytest.raises(InvitationRefused, match=message):
        find_invitation(token)
    with pytest.raises(InvitationRefused, match=message):
        send_invitation_again(invitation=invitation, by=chair)
    with pytest.raises(InvitationRefused, match=message):
        withdraw_invitation(invitation=invitation)


def test_sending_again_replaces_the_link_of_an_expired_invitation(chair):
    invitation, old = _invite()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))

    _, link = send_invitation_again(invitation=invitation, by=chair)

    with pytest.raises(InvitationRefused, match="no such invitation"):
        find_invitation(old)
    assert find_invitation(token_of(link)) == invitation
    assert len(mail.outbox) == 2


def test_an_invitation_ends_with_the_permissions_of_its_sender(chair):
    _, token = _invite("Chair", by=chair)
    chair.groups.clear()

    with pytest.raises(InvitationRefused, match="can no longer invite others"):
        accept_invitation(token=token, name="New", password=PASSWORD)


def test_a_new_link_for_the_first_organiser_replaces_the_only_earlier_one():
    first = first_organiser_link()
    second = first_organiser_link()

    assert Invitation.objects.count() == 1
    with pytest.raises(InvitationRefused):
        find_invitation(token_of(first))
    assert find_invitation(token_of(second)).is_first_organiser
    with pytest.raises(IntegrityError):
        Invitation.objects.create(
            is_first_organiser=True, token_hash="x", expires_at=timezone.now()
        )


@pytest.mark.parametrize(
    "fields", [{"is_active": False}, {"is_staff": False}, {"password": "!unusable"}]
)
def test_the_first_organiser_is_invited_while_no_account_can_sign_in(fields):
    user = make_user("Chair")
    assert first_organiser_link() is None

    User.objects.filter(pk=user.pk).update(**fields)

    assert first_organiser_link() is not None


def test_the_first_organiser_may_take_over_an_account_that_cannot_sign_in():
    user = make_user(email="ada@example.org", is_active=False)
    token = token_of(first_organiser_link())

    accept_invitation(token=token, name="Ada", password=PASSWORD, email="Ada@Example.org")

    user.refresh_from_db()
    assert (user.name, user.is_active, user.is_staff, user.is_superuser, user.is_chair) == (
        *("Ada", True, True, True, True),
    )
    assert user.check_password(PASSWORD)
    assert first_organiser_link() is None


def test_the_database_keeps_addresses_in_lower_case():
    user = make_user(email="Mixed@Example.ORG")

    assert user.email == "mixed@example.org"
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=user.pk).update(email="Mixed@example.org")


def test_recovery_ends_sessions_and_second_factors_of_one_account_only(chair, as_chair):
    other = make_user("Editor")
    as_other = signed_in(other)
    for user in (chair, other):
        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})

    recover_account(user=other, second_factor=True)

    assert as_other.get("/admin/").status_code == 302
    assert as_chair.get("/admin/").status_code == 200
    assert list(Authenticator.objects.values_list("user", flat=True)) == [chair.pk]
