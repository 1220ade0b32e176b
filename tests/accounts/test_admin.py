"""Accounts and invitations in the admin: lists, permissions, password links."""

import re
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client

from apps.accounts.models import ROLE_HELP, Invitation, User
from apps.accounts.services import (
    accept_invitation,
    confirm_address,
    find_invitation,
    invite,
    password_link,
)
from apps.core.addresses import EMAIL_FORM
from apps.mail.models import Letter
from tests.accounts.helpers import signed_in, token_of
from tests.factories import make_user
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"
INVITATIONS = "/admin/accounts/invitation/"
OTHERS = ["as_editor", "as_reviewer", "as_helpdesk", "as_stranger", "client"]


def _form(user: User, **changes) -> dict:
    fields = {
        "name": user.name,
        "email": user.email,
        "groups": [group.pk for group in user.groups.all()],
        "is_staff": "on",
        "is_active": "on",
    }
    return fields | changes


def _change(client, user: User, **changes):
    response = client.post(f"{USERS}{user.pk}/change/", _form(user, **changes))
    user.refresh_from_db()
    return response


def _roles(user: User) -> list[str]:
    return list(user.groups.values_list("name", flat=True))


def _act(client, action: str, invitation: Invitation, **options):
    data = {"action": action, "_selected_action": [invitation.pk]}
    return client.post(INVITATIONS, data, **options)


def _links(response) -> list[str]:
    return re.findall(r"http://\S+?/(?:invitations|accounts)/[^<\s]+", response.content.decode())


@pytest.mark.parametrize(("page", "limit"), [(USERS, 8), (INVITATIONS, 7)])
def test_a_list_costs_the_same_with_one_and_with_three_rows(as_chair, chair, page, limit):
    def add_row() -> None:
        user = make_user("Editor")
        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
        invite(email=f"new-{user.email}", role="Editor", by=chair)

    add_row()
    with_one = count_queries(lambda: as_chair.get(page))
    add_row()
    add_row()

    assert count_queries(lambda: as_chair.get(page)) == with_one <= limit


@pytest.mark.parametrize("page", [USERS, INVITATIONS, INVITATIONS + "add/"])
def test_only_chairs_open_the_team(request, as_chair, page):
    codes = [request.getfixturevalue(name).get(page).status_code for name in OTHERS]

    assert as_chair.get(page).status_code == 200
    assert codes == [403, 403, 403, 302, 302]


def test_a_chair_changes_name_address_and_role_of_a_colleague(as_chair):
    user = make_user("Reviewer", name="Ada", email="ada@example.org")
    confirm_address(user=user)
    editor = Group.objects.get(name="Editor").pk

    _change(as_chair, user, name="Ada L", email="Ada.L@example.org", groups=[editor])

    assert (user.name, user.email) == ("Ada L", "ada.l@example.org")
    for query, is_found in (("ada", True), ("bob", False)):
        html = as_chair.get(USERS, {"q": query}).content.decode()
        assert ("ada.l@example.org" in html) is is_found
    assert _roles(user) == ["Editor"]
    assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
        (user.pk, "ada.l@example.org", True, True)
    ]


def test_an_address_corrected_by_a_chair_ends_sessions_and_password_links(as_chair, chair):
    user = make_user("Reviewer", email="wrong@example.org")
    elsewhere, link = signed_in(user), password_link(user=user)
    assert elsewhere.get("/admin/").status_code == 200

    _change(as_chair, user, email="right@example.org")
    _change(as_chair, chair, email="chair.new@example.org")

    assert elsewhere.get("/admin/").status_code == 302
    path = link.partition("/accounts/")[2]
    assert "Ask for a new link" in Client().get(f"/accounts/{path}", follow=True).content.decode()
    assert as_chair.get("/admin/").status_code == 200


def test_the_pages_of_accounts_show_the_last_sign_in_and_no_password(as_chair):
    seen = make_user("Editor", last_login=datetime(2026, 7, 1, 8, 30, tzinfo=UTC))
    Authenticator.objects.create(user=seen, type="totp", data={"secret": "x"})
    never = make_user("Editor")

    listed, *forms = [
        as_chair.get(page).content.decode()
        for page in (USERS, f"{USERS}{seen.pk}/change/", f"{USERS}{never.pk}/change/")
    ]

    assert "1 Jul 2026, 09:30" in listed
    assert '<td class="field-second_factor"><img src="/static/admin/img/icon-yes' in listed
    assert "1 Jul 2026, 09:30" in forms[0]
    assert "2026-07-01" not in forms[0]
    assert re.search(r">\s*never\s*<", forms[1])
    for html in (listed, *forms):
        assert "md5" not in html
        assert seen.password not in html
        assert 'type="password"' not in html
        assert " style=" not in html


def test_a_chair_gives_no_address_in_use_and_no_role_beyond_their_own(as_chair):
    make_user(email="taken@example.org")
    keys = Group.objects.create(name="Keys")
    keys.permissions.add(Permission.objects.get(codename="change_permission"))
    user = make_user("Editor", email="ada@example.org")

    taken = _change(as_chair, user, email="Taken@example.org").content.decode()
    beyond = _change(as_chair, user, groups=[keys.pk]).content.decode()

    assert "Another account has this address. Enter another one." in taken
    assert "Select a valid choice." in beyond
    assert user.email == "ada@example.org"
    assert _roles(user) == ["Editor"]


def test_a_chair_makes_no_superuser(as_chair, chair):
    for user in (make_user("Editor"), chair):
        permissions = [Permission.objects.earliest("pk").pk]

        _change(as_chair, user, is_superuser="on", user_permissions=permissions)

        assert user.is_superuser is False
        assert user.user_permissions.count() == 0


@pytest.mark.parametrize("active", [True, False])
def test_a_chair_cannot_change_a_superuser(as_chair, settings, active):
    settings.HAS_MAIL = True
    owner = make_user("", email="owner@example.org", is_superuser=True, is_active=active)

    changed = _change(as_chair, owner, email="evil@example.org")
    link = as_chair.post(f"{USERS}{owner.pk}/password-link/")
    deleted = as_chair.post(f"{USERS}{owner.pk}/delete/", {"post": "yes"})

    assert [changed.status_code, link.status_code, deleted.status_code] == [403, 403, 403]
    assert owner.email == "owner@example.org"
    assert mail.outbox == []


def test_chairs_keep_their_own_permissions(as_chair, chair):
    as_chair.post(f"{USERS}{chair.pk}/change/", {"name": "New name", "email": chair.email})

    chair.refresh_from_db()
    assert chair.name == "New name"
    assert (chair.is_active, chair.is_staff, chair.is_chair) == (True, True, True)


def test_a_superuser_makes_others_superusers_but_does_not_delete_their_own_account():
    owner, user = make_user("Chair", is_superuser=True), make_user("Chair")
    client = signed_in(owner)

    _change(client, user, is_superuser="on")
    deleted = client.post(f"{USERS}{owner.pk}/delete/", {"post": "yes"})

    assert user.is_superuser is True
    assert deleted.status_code == 403


def test_a_mailed_password_link_is_not_shown_and_names_the_chair(as_chair, chair, settings):
    settings.HAS_MAIL = True
    other = make_user("Chair", email="ada@example.org")

    response = as_chair.post(f"{USERS}{other.pk}/password-link/", follow=True)

    (letter,) = mail.outbox
    assert letter.to == ["ada@example.org"]
    assert "Charlie Chair (chair@example.org) asked for a new password for you." in letter.body
    assert _links(response) == []
    assert "was sent to ada@example.org" in response.content.decode()
    entry = LogEntry.objects.get(object_id=str(other.pk))
    assert (entry.user, entry.change_message) == (chair, "Link to set a new password mailed.")
    assert as_chair.get(f"{USERS}{other.pk}/password-link/").status_code == 405


def test_a_password_link_is_shown_only_without_mail_and_a_letter_tells_the_owner(as_chair, chair):
    other = make_user("Chair", email="ada@example.org", name="Ada")

    response = as_chair.post(f"{USERS}{other.pk}/password-link/", follow=True)

    (link,) = _links(response)
    assert _links(as_chair.get(USERS)) == []
    assert "was not sent (no mail server is configured)" in response.content.decode()
    entry = LogEntry.objects.get(object_id=str(other.pk))
    assert (entry.user, entry.change_message) == (chair, "Link to set a new password shown.")
    letter = Letter.objects.get()
    assert (letter.to_email, letter.state) == ("ada@example.org", Letter.State.QUEUED)
    for text in (letter.body_text, letter.body_html):
        assert "Charlie Chair (chair@example.org) was shown a link" in text
        assert "/accounts/password/reset/" in text
        assert link not in text


def test_a_chair_who_asks_for_an_own_link_gets_no_letter(as_chair, chair):
    response = as_chair.post(f"{USERS}{chair.pk}/password-link/", follow=True)

    assert len(_links(response)) == 1
    assert not Letter.objects.exists()


def test_an_address_changed_by_a_chair_is_told_to_the_owner_at_the_earlier_one(as_chair, chair):
    other = make_user("Chair", email="ada@example.org", name="Ada <b>")

    _change(as_chair, other, email="evil@example.org")
    _change(as_chair, chair, email="own@example.org")

    letter = Letter.objects.get()
    assert letter.to_email == "ada@example.org"
    assert "from ada@example.org to evil@example.org" in letter.body_text
    assert "Hello Ada <b>," in letter.body_text
    assert "<b>" not in letter.body_html


def test_the_page_of_an_account_says_what_roles_may_and_what_is_sent_before_the_press(as_chair):
    user = make_user("Editor", email="ada@example.org")

    html = as_chair.get(f"{USERS}{user.pk}/change/").content.decode()

    assert html.count(ROLE_HELP) == 1
    assert "A new address signs the person out everywhere" in html
    assert "The email goes to ada@example.org and names you." in html


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("Reviewer", "interest.review_expression", "topics.change_topic"),
        ("Helpdesk", "interest.help_expression", "interest.review_expression"),
        ("Editor", "topics.change_topic", "editions.delete_edition"),
        ("Chair", "accounts.add_invitation", "auth.add_group"),
    ],
)
def test_roles_may_what_their_help_says(role, may, may_not):
    user = make_user(role)

    assert [user.has_perm(may), user.has_perm(may_not)] == [True, False]


def test_an_inactive_account_gets_no_password_link(as_chair):
    user = make_user("Editor", is_active=False)

    response = as_chair.post(f"{USERS}{user.pk}/password-link/", follow=True)

    assert _links(response) == []
    assert "is deactivated" in response.content.decode()


@pytest.mark.parametrize("visitor", OTHERS)
def test_only_chairs_send_password_links_and_act_on_invitations(request, visitor, settings):
    invitation, _ = invite(email="new@example.org", role="Editor", by=None)
    settings.HAS_MAIL = True
    user, client = make_user("Reviewer"), request.getfixturevalue(visitor)

    responses = [
        client.post(f"{USERS}{user.pk}/password-link/"),
        _act(client, "send_again", invitation),
        _act(client, "withdraw", invitation),
    ]

    assert {response.status_code for response in responses} <= {302, 403}
    assert mail.outbox == []
    token_hash = invitation.token_hash
    invitation.refresh_from_db()
    assert (invitation.token_hash, invitation.status) == (token_hash, "open")


def _invite(client, **fields):
    return client.post(
        INVITATIONS + "add/", {"email": "new@example.org", "role": "Editor"} | fields
    )


def test_accounts_are_added_only_by_invitation_whose_button_mentions_the_mail(as_chair):
    html = as_chair.get(INVITATIONS + "add/").content.decode()

    assert re.findall(r'<input type="submit"[^>]* value="([^"]*)"', html) == ["Send the invitation"]
    assert html.count(ROLE_HELP) == 1
    assert as_chair.get(USERS + "add/").status_code == 403
    assert f'href="{INVITATIONS}add/"' in as_chair.get(USERS).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_mail", [True, False])
def test_inviting_sends_a_mail_and_shows_the_link_once(as_chair, chair, settings, has_mail):
    settings.HAS_MAIL = has_mail

    response = _invite(as_chair)
    shown, again = as_chair.get(response["Location"]), as_chair.get(INVITATIONS)

    invitation = Invitation.objects.get()
    (link,) = _links(shown)
    assert response["Location"] == INVITATIONS
    assert invitation.email == "new@example.org"
    assert (invitation.role, invitation.invited_by) == ("Editor", chair)
    assert [letter.to for letter in mail.outbox] == [["new@example.org"]]
    assert find_invitation(token_of(link)) == invitation
    assert _links(again) == []
    for message, html in (
        ("was not sent (no mail server is configured)", shown.content.decode()),
        ("not sent: no mail server is configured", again.content.decode()),
    ):
        assert (message in html) is not has_mail


@pytest.mark.django_db(transaction=True)
def test_sending_again_gives_a_new_link_and_withdrawing_ends_it(as_chair, chair):
    invitation, old = invite(email="new@example.org", role="Editor", by=chair)

    sent = _act(as_chair, "send_again", invitation, follow=True)
    withdrawn = _act(as_chair, "withdraw", invitation, follow=True)
    twice = _act(as_chair, "withdraw", invitation, follow=True)

    (new,) = _links(sent)
    assert new != old
    assert "is withdrawn." in withdrawn.content.decode()
    assert "was withdrawn." in twice.content.decode()
    assert Invitation.objects.get().status == "withdrawn"


def test_an_invitation_is_read_but_not_changed(as_chair):
    invitation, link = invite(email="new@example.org", role="Editor", by=None)
    address = f"{INVITATIONS}{invitation.pk}"

    changed = as_chair.post(f"{address}/change/", {"email": "e@example.org", "role": "Chair"})
    deleted = as_chair.post(f"{address}/delete/", {"post": "yes"})

    assert [changed.status_code, deleted.status_code] == [403, 403]
    assert as_chair.get(f"{address}/change/").status_code == 200
    accept_invitation(token=token_of(link), name="Nia", password="several words")
    assert '<td class="field-status">accepted</td>' in as_chair.get(INVITATIONS).content.decode()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"email": ""}, "Enter the address of the person you invite."),
        ({"email": "nobody"}, EMAIL_FORM),
        ({"role": "Emperor"}, "Select a valid choice."),
        ({"email": "Off@example.org"}, "The account with this address is deactivated."),
    ],
)
def test_a_wrong_invitation_is_refused(as_chair, fields, message):
    make_user(email="off@example.org", is_active=False)

    response = _invite(as_chair, **fields)

    assert response.status_code == 200
    assert str(message) in response.content.decode()
    assert Invitation.objects.count() == 0


def test_an_editor_who_may_invite_invites_no_chair():
    host = make_user("Editor")
    codenames = ["add_invitation", "view_invitation"]
    host.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    client = signed_in(host)
    invitation, _ = invite(email="c@example.org", role="Chair", by=None)

    response = _invite(client, role="Chair")
    _act(client, "send_again", invitation)

    token_hash = invitation.token_hash
    invitation.refresh_from_db()
    assert "Select a valid choice." in response.content.decode()
    assert list(Invitation.objects.all()) == [invitation]
    assert invitation.token_hash == token_hash
