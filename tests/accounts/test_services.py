"""Invitations, the first organiser, and the way back."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError
from django.utils import timezone

from apps.accounts.models import Invitation, User
from apps.accounts.services import (
    InvitationRefused,
    accept_invitation,
    confirm_address,
    find_invitation,
    first_organiser_link,
    invite,
    recover_account,
    send_invitation_again,
    withdraw_invitation,
)
from apps.core.tokens import hash_token
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "several words to remember"


@pytest.fixture(autouse=True)
def _mail_server(settings):
    settings.HAS_MAIL = True


@pytest.fixture
def host(transactional_db) -> User:
    return make_user("Chair", name="Charlie Chair", email="chair@example.org")


def _token(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]


def _invited(role: str = "Editor", email: str = "new@example.org", by=None) -> tuple:
    invitation, link = invite(email=email, role=role, by=by)
    return invitation, _token(link)


def test_an_invitation_goes_out_as_text_and_html_with_one_link(host):
    invitation, link = invite(email="New@Example.org", role="Editor", by=host)

    (letter,) = mail.outbox
    assert isinstance(letter, EmailMultiAlternatives)
    html = str(letter.alternatives[0][0])
    assert letter.to == ["new@example.org"]
    assert letter.subject == f"You are invited to help organise {django_settings.SITE_NAME}"
    assert "Charlie Chair asks you" in letter.body
    assert letter.body.count(link) == 1
    assert f'href="{link}"' in html
    assert link.startswith(django_settings.SITE_URL + "/invitations/")
    invitation.refresh_from_db()
    assert (invitation.status, invitation.mail_fault) == ("open", "")
    assert invitation.mailed_at is not None


def test_only_the_hash_of_a_link_is_stored():
    invitation, token = _invited()

    assert len(token) >= 22  # 128 bits
    assert invitation.token_hash == hash_token(token)
    assert token not in str(list(Invitation.objects.values()))


def test_a_mail_server_that_refuses_does_not_lose_the_invitation(monkeypatch, host):
    def refuse(self, messages):
        raise SMTPRecipientsRefused({"new@example.org": (550, b"no such mailbox")})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)

    invitation, link = invite(email="new@example.org", role="Editor", by=host)

    invitation.refresh_from_db()
    assert invitation.mailed_at is None
    assert "no such mailbox" in invitation.mail_fault
    assert find_invitation(_token(link)) == invitation


def test_without_a_mail_server_the_invitation_says_so(settings):
    settings.HAS_MAIL = False

    invitation, _ = _invited()

    invitation.refresh_from_db()
    assert invitation.mail_fault == "no mail server is set up"


def test_a_second_invitation_of_an_address_replaces_the_first():
    first, old = _invited()

    _, new = _invited(email="NEW@example.org")

    with pytest.raises(InvitationRefused, match="was withdrawn"):
        find_invitation(old)
    assert find_invitation(new).email == first.email


def test_nobody_gives_a_role_that_may_do_more_than_they_may():
    editor = make_user("Editor")

    with pytest.raises(InvitationRefused, match="may do more"):
        invite(email="new@example.org", role="Chair", by=editor)

    assert Invitation.objects.count() == 0


def test_an_account_that_is_switched_off_is_not_invited():
    make_user(email="gone@example.org", is_active=False)

    with pytest.raises(InvitationRefused, match="switched off"):
        invite(email="Gone@example.org", role="Editor", by=None)


def test_accepting_makes_an_account_with_the_role():
    invitation, token = _invited("Editor")

    user = accept_invitation(token=token, name="Nia New", password=PASSWORD)

    invitation.refresh_from_db()
    assert (user.name, user.email, user.is_staff, user.is_superuser) == (
        "Nia New",
        "new@example.org",
        True,
        False,
    )
    assert user.check_password(PASSWORD)
    assert list(user.groups.values_list("name", flat=True)) == ["Editor"]
    assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
        (user.pk, "new@example.org", True, True)
    ]
    assert invitation.status == "accepted"


def test_the_address_given_by_whoever_holds_the_link_is_not_taken():
    _, token = _invited()

    user = accept_invitation(token=token, name="N", password=PASSWORD, email="evil@example.org")

    assert user.email == "new@example.org"


def test_a_second_click_makes_no_second_account():
    _, token = _invited()
    accept_invitation(token=token, name="Nia", password=PASSWORD)

    with pytest.raises(InvitationRefused, match="used already"):
        accept_invitation(token=token, name="Nia", password="another password here")

    assert User.objects.get().check_password(PASSWORD)


def test_the_check_is_in_the_update_so_that_a_race_has_one_winner(monkeypatch):
    invitation, token = _invited()
    # Both have looked before either wrote.
    monkeypatch.setattr("apps.accounts.services.find_invitation", lambda token: invitation)
    accept_invitation(token=token, name="Nia", password=PASSWORD)

    with pytest.raises(InvitationRefused, match="used already"):
        accept_invitation(token=token, name="Nia", password="another password here")

    assert User.objects.count() == 1


def test_an_account_that_exists_gets_the_role_and_keeps_password_and_name():
    user = make_user("Reviewer", email="new@example.org", name="Nia", is_superuser=True)
    _, token = _invited("Editor")

    accept_invitation(token=token, name="Evil", password="evil evil evil evil")

    user.refresh_from_db()
    assert user.name == "Nia"
    assert user.check_password("correct horse battery")
    assert sorted(user.groups.values_list("name", flat=True)) == ["Editor", "Reviewer"]


def test_an_account_switched_off_meanwhile_stays_off_and_the_invitation_open():
    user = make_user("Reviewer", email="new@example.org")
    invitation, token = _invited()
    User.objects.filter(pk=user.pk).update(is_active=False)

    with pytest.raises(InvitationRefused, match="switched off"):
        accept_invitation(token=token)

    invitation.refresh_from_db()
    assert invitation.status == "open"


@pytest.mark.parametrize("token", ["", "nonsense", "a" * 500, "\x00", "☃"])
def test_an_unknown_token_is_refused(token):
    _invited()

    with pytest.raises(InvitationRefused, match="no such invitation"):
        find_invitation(token)


def test_an_expired_one_is_refused():
    _, token = _invited()

    with (
        time_machine.travel(timezone.now() + Invitation.VALID_FOR + timedelta(seconds=1)),
        pytest.raises(InvitationRefused, match="expired"),
    ):
        accept_invitation(token=token, name="Nia", password=PASSWORD)


def test_a_withdrawn_one_is_refused_and_cannot_be_sent_again(host):
    invitation, token = _invited()
    withdraw_invitation(invitation=invitation)

    with pytest.raises(InvitationRefused, match="was withdrawn"):
        find_invitation(token)
    with pytest.raises(InvitationRefused, match="was withdrawn"):
        send_invitation_again(invitation=invitation, by=host)
    with pytest.raises(InvitationRefused, match="was withdrawn"):
        withdraw_invitation(invitation=invitation)


def test_an_accepted_one_can_be_neither_withdrawn_nor_sent_again(host):
    invitation, token = _invited()
    accept_invitation(token=token, name="Nia", password=PASSWORD)

    with pytest.raises(InvitationRefused, match="used already"):
        withdraw_invitation(invitation=invitation)
    with pytest.raises(InvitationRefused, match="used already"):
        send_invitation_again(invitation=invitation, by=host)


def test_sending_again_replaces_the_link_and_starts_the_days_anew(host):
    invitation, old = _invited()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))

    _, link = send_invitation_again(invitation=invitation, by=host)

    with pytest.raises(InvitationRefused, match="no such invitation"):
        find_invitation(old)
    assert find_invitation(_token(link)) == invitation
    assert len(mail.outbox) == 2


def test_the_first_organiser_is_asked_in_while_nobody_can_sign_in():
    first = first_organiser_link()
    second = first_organiser_link()

    assert first is not None
    assert second is not None
    assert Invitation.objects.count() == 1
    with pytest.raises(InvitationRefused):
        find_invitation(_token(first))
    assert find_invitation(_token(second)).is_first_organiser


def test_the_first_organiser_becomes_chair_and_may_do_everything():
    token = _token(first_organiser_link() or "")

    user = accept_invitation(token=token, name="Ada", password=PASSWORD, email="Ada@Example.org")

    assert (user.email, user.is_staff, user.is_superuser, user.is_chair) == (
        "ada@example.org",
        True,
        True,
        True,
    )
    assert first_organiser_link() is None


def test_a_first_link_that_was_overtaken_makes_no_second_owner():
    token = _token(first_organiser_link() or "")
    make_user("Chair")

    with pytest.raises(InvitationRefused, match="made in the meantime"):
        accept_invitation(token=token, name="E", password=PASSWORD, email="e@example.org")

    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "fields", [{"is_active": False}, {"is_staff": False}, {"password": "!unusable"}]
)
def test_an_account_nobody_can_sign_in_to_does_not_count(fields):
    user = make_user("Chair")
    User.objects.filter(pk=user.pk).update(**fields)

    assert first_organiser_link() is not None


def test_the_database_holds_one_open_invitation_of_the_first_organiser():
    first_organiser_link()

    with pytest.raises(IntegrityError):
        Invitation.objects.create(
            is_first_organiser=True, token_hash="x", expires_at=timezone.now()
        )


def test_the_database_keeps_addresses_in_lower_case():
    user = make_user(email="Mixed@Example.ORG")

    assert user.email == "mixed@example.org"
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=user.pk).update(email="Mixed@example.org")


def test_a_changed_address_is_the_one_sign_in_knows():
    user = make_user(email="old@example.org")
    confirm_address(user=user)
    user.email = "new@example.org"
    user.save()

    confirm_address(user=user)

    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("new@example.org", True, True)
    ]


def test_ending_the_sessions_of_one_person_leaves_others_signed_in(client, as_chair):
    other = make_user("Editor")
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")

    recover_account(user=other)

    assert client.get("/admin/").status_code == 302
    assert as_chair.get("/admin/").status_code == 200


def test_second_factors_of_others_stay(db):
    mine, theirs = make_user("Chair"), make_user("Chair")
    for user in (mine, theirs):
        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})

    recover_account(user=mine, second_factor=True)

    assert list(Authenticator.objects.values_list("user", flat=True)) == [theirs.pk]


@pytest.mark.django_db
def test_an_invitation_ends_with_the_power_of_who_sent_it(chair):
    _, link = invite(email="new@example.org", role="Chair", by=chair)
    chair.groups.clear()

    with pytest.raises(InvitationRefused, match="can no longer do so"):
        accept_invitation(
            token=link.rstrip("/").rpartition("/")[2], name="New", password="correct horse battery"
        )
