"""The team on the desk: lists, rights, and what a chair must not be able to do."""

import re
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core import mail

from apps.accounts.models import Invitation, User
from apps.accounts.services import accept_invitation, find_invitation, invite
from tests.factories import make_user
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"
INVITATIONS = "/admin/accounts/invitation/"


def _role(name: str) -> int:
    return Group.objects.get(name=name).pk


def _form(user: User, **changes) -> dict:
    fields = {
        "name": user.name,
        "email": user.email,
        "groups": [group.pk for group in user.groups.all()],
        "is_staff": "on",
        "is_active": "on",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def _links(response) -> list[str]:
    return re.findall(r"http://\S+?/(?:invitations|accounts)/[^<\s]+", response.content.decode())


@pytest.fixture
def owner(db) -> User:
    return make_user("Chair", email="owner@example.org", is_superuser=True)


def test_the_admin_has_only_models_of_our_apps():
    modules = {model.__module__ for model in admin.site._registry}

    assert {module for module in modules if not module.startswith("apps.")} == set()


def test_the_list_of_users_costs_the_same_with_one_and_with_three(as_chair):
    def add_user() -> None:
        user = make_user("Editor")
        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})

    add_user()
    with_one = count_queries(lambda: as_chair.get(USERS))
    add_user()
    add_user()

    assert count_queries(lambda: as_chair.get(USERS)) == with_one <= 8
    html = as_chair.get(USERS).content.decode()
    assert html.count('alt="True"') >= 3
    assert "md5" not in html


@pytest.mark.parametrize("address", [USERS, INVITATIONS, INVITATIONS + "add/"])
def test_the_team_is_the_chairs_affair(
    as_chair, as_editor, as_reviewer, as_helpdesk, as_stranger, client, address
):
    codes = [
        visitor.get(address).status_code
        for visitor in (as_chair, as_editor, as_reviewer, as_helpdesk, as_stranger, client)
    ]

    assert codes == [200, 403, 403, 403, 302, 302]


def test_a_search_finds_people_by_name_and_address(as_chair):
    make_user("Editor", name="Ada Example", email="ada@example.org")
    make_user("Editor", name="Bob Example", email="bob@example.org")

    html = as_chair.get(USERS, {"q": "ada"}).content.decode()

    assert "ada@example.org" in html
    assert "bob@example.org" not in html


def test_a_chair_changes_name_address_and_role_of_a_colleague(as_chair):
    user = make_user("Reviewer", name="Ada", email="ada@example.org")

    as_chair.post(
        f"{USERS}{user.pk}/change/",
        _form(user, name="Ada L", email="Ada.L@example.org", groups=[_role("Editor")]),
    )

    user.refresh_from_db()
    assert (user.name, user.email) == ("Ada L", "ada.l@example.org")
    assert list(user.groups.values_list("name", flat=True)) == ["Editor"]
    assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
        (user.pk, "ada.l@example.org", True, True)
    ]


def test_the_form_of_a_colleague_shows_no_password_and_no_inline_style(as_chair):
    user = make_user("Editor")

    html = as_chair.get(f"{USERS}{user.pk}/change/").content.decode()

    assert "md5" not in html
    assert user.password not in html
    assert 'type="password"' not in html
    assert " style=" not in html


def test_the_last_sign_in_is_read_as_people_read_a_clock(as_chair):
    seen = make_user("Editor", last_login=datetime(2026, 7, 1, 8, 30, tzinfo=UTC))
    never = make_user("Editor")

    pages = [as_chair.get(f"{USERS}{user.pk}/change/").content.decode() for user in (seen, never)]

    assert "1 Jul 2026, 09:30" in pages[0]
    assert "2026-07-01" not in pages[0]
    assert re.search(r">\s*never\s*<", pages[1])
    assert "1 Jul 2026, 09:30" in as_chair.get(USERS).content.decode()


def test_an_address_somebody_has_is_refused(as_chair):
    make_user(email="taken@example.org")
    user = make_user("Editor", email="ada@example.org")

    response = as_chair.post(f"{USERS}{user.pk}/change/", _form(user, email="Taken@example.org"))

    assert "Somebody already has an account with this address." in response.content.decode()


def test_a_chair_makes_nobody_a_superuser(as_chair, chair):
    user = make_user("Editor")
    for person in (user, chair):
        as_chair.post(
            f"{USERS}{person.pk}/change/",
            _form(
                person, is_superuser="on", user_permissions=[Permission.objects.earliest("pk").pk]
            ),
        )

        person.refresh_from_db()
        assert person.is_superuser is False
        assert person.user_permissions.count() == 0


def test_a_chair_gives_no_role_that_may_do_more_than_theirs(as_chair):
    keys = Group.objects.create(name="Keys")
    keys.permissions.add(Permission.objects.get(codename="change_permission"))
    user = make_user("Editor")

    response = as_chair.post(f"{USERS}{user.pk}/change/", _form(user, groups=[keys.pk]))

    assert response.status_code == 200
    assert list(user.groups.values_list("name", flat=True)) == ["Editor"]


@pytest.mark.parametrize("active", [True, False])
def test_a_chair_cannot_touch_an_account_that_may_do_everything(as_chair, settings, active):
    settings.HAS_MAIL = True
    owner = make_user("", email="owner@example.org", is_superuser=True, is_active=active)
    address = f"{USERS}{owner.pk}"

    changed = as_chair.post(f"{address}/change/", _form(owner, email="evil@example.org"))
    link = as_chair.post(f"{address}/password-link/")
    deleted = as_chair.post(f"{address}/delete/", {"post": "yes"})
    listed = as_chair.post(
        USERS,
        {"action": "send_password_links", "_selected_action": [owner.pk]},
        follow=True,
    )

    owner.refresh_from_db()
    assert [changed.status_code, link.status_code, deleted.status_code] == [403, 403, 403]
    assert owner.email == "owner@example.org"
    assert _links(listed) == []
    assert mail.outbox == []


def test_nobody_takes_the_desk_from_themselves(as_chair, chair):
    as_chair.post(
        f"{USERS}{chair.pk}/change/",
        {"name": "New name", "email": chair.email},
    )

    chair.refresh_from_db()
    assert (chair.name, chair.is_active, chair.is_staff, chair.is_chair) == (
        "New name",
        True,
        True,
        True,
    )


def test_who_may_do_everything_may_pass_it_on_but_not_delete_themselves(client, owner):
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    user = make_user("Chair")

    client.post(f"{USERS}{user.pk}/change/", _form(user, is_superuser="on"))
    deleted = client.post(f"{USERS}{owner.pk}/delete/", {"post": "yes"})

    user.refresh_from_db()
    assert user.is_superuser is True
    assert deleted.status_code == 403


def test_accounts_are_not_added_by_hand(as_chair):
    assert as_chair.get(USERS + "add/").status_code == 403
    assert f'href="{INVITATIONS}add/"' in as_chair.get(USERS).content.decode()


def test_a_password_link_goes_by_mail_and_is_shown_once(as_chair, settings):
    settings.HAS_MAIL = True
    user = make_user("Editor", email="ada@example.org")

    response = as_chair.post(f"{USERS}{user.pk}/password-link/", follow=True)
    again = as_chair.get(f"{USERS}{user.pk}/change/")

    (link,) = _links(response)
    assert mail.outbox[0].to == ["ada@example.org"]
    assert link in mail.outbox[0].body
    assert _links(again) == []
    assert as_chair.get(f"{USERS}{user.pk}/password-link/").status_code == 405


def test_an_account_switched_off_gets_no_password_link(as_chair):
    user = make_user("Editor", is_active=False)

    response = as_chair.post(f"{USERS}{user.pk}/password-link/", follow=True)

    assert _links(response) == []
    assert "is switched off" in response.content.decode()


@pytest.mark.parametrize("signed_in", ["as_editor", "as_reviewer", "as_stranger", "client"])
def test_nobody_but_chairs_makes_password_links(request, signed_in, settings):
    settings.HAS_MAIL = True
    user = make_user("Reviewer")

    response = request.getfixturevalue(signed_in).post(f"{USERS}{user.pk}/password-link/")

    assert response.status_code in {302, 403}
    assert mail.outbox == []


def _invite(as_chair, capture, **fields):
    data = {"email": "new@example.org", "role": "Editor"} | fields
    with capture(execute=True):
        return as_chair.post(INVITATIONS + "add/", data)


def test_the_button_that_sends_a_mail_says_so(as_chair):
    html = as_chair.get(INVITATIONS + "add/").content.decode()

    assert re.findall(r'<input type="submit"[^>]* value="([^"]*)"', html) == ["Send the invitation"]
    assert "a reviewer or a helpdesk only looks" in html


def test_inviting_sends_the_mail_and_shows_the_link_once(
    as_chair, chair, settings, django_capture_on_commit_callbacks
):
    settings.HAS_MAIL = True

    response = _invite(as_chair, django_capture_on_commit_callbacks)

    invitation = Invitation.objects.get()
    assert response["Location"] == INVITATIONS
    assert (invitation.email, invitation.role, invitation.invited_by) == (
        "new@example.org",
        "Editor",
        chair,
    )
    assert [letter.to for letter in mail.outbox] == [["new@example.org"]]
    assert invitation.mailed_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_chair_is_shown_the_link_and_why_the_mail_did_not_go_out(as_chair):
    data = {"email": "new@example.org", "role": "Editor"}

    response = as_chair.post(INVITATIONS + "add/", data, follow=True)
    again = as_chair.get(INVITATIONS)

    (link,) = _links(response)
    html = response.content.decode()
    assert "the mail did not go out (no mail server is set up)" in html
    assert find_invitation(link.rstrip("/").rsplit("/", 1)[1]) == Invitation.objects.get()
    assert _links(again) == []
    assert "not sent: no mail server is set up" in again.content.decode()


@pytest.mark.django_db(transaction=True)
def test_sending_again_gives_a_new_link_and_withdrawing_ends_it(as_chair, chair):
    invitation, old = invite(email="new@example.org", role="Editor", by=chair)
    chosen = {"_selected_action": [invitation.pk]}

    sent = as_chair.post(INVITATIONS, {"action": "send_again"} | chosen, follow=True)
    withdrawn = as_chair.post(INVITATIONS, {"action": "withdraw"} | chosen, follow=True)
    twice = as_chair.post(INVITATIONS, {"action": "withdraw"} | chosen, follow=True)

    (new,) = _links(sent)
    assert new != old
    assert "is withdrawn." in withdrawn.content.decode()
    assert "was withdrawn." in twice.content.decode()
    assert Invitation.objects.get().status == "withdrawn"


@pytest.mark.parametrize("action", ["send_again", "withdraw"])
@pytest.mark.parametrize("signed_in", ["as_editor", "as_reviewer", "as_stranger", "client"])
def test_nobody_but_chairs_acts_on_invitations(request, signed_in, action):
    invitation, _ = invite(email="new@example.org", role="Editor", by=None)

    response = request.getfixturevalue(signed_in).post(
        INVITATIONS, {"action": action, "_selected_action": [invitation.pk]}
    )

    before = invitation.token_hash
    invitation.refresh_from_db()
    assert response.status_code in {302, 403}
    assert (invitation.token_hash, invitation.status) == (before, "open")


def test_what_was_sent_is_not_edited(as_chair):
    invitation, _ = invite(email="new@example.org", role="Editor", by=None)
    address = f"{INVITATIONS}{invitation.pk}"

    changed = as_chair.post(f"{address}/change/", {"email": "e@example.org", "role": "Chair"})
    deleted = as_chair.post(f"{address}/delete/", {"post": "yes"})

    assert [changed.status_code, deleted.status_code] == [403, 403]
    assert as_chair.get(f"{address}/change/").status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": ""}, "Enter the address it goes to."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"role": "Emperor"}, "Select a valid choice."),
        ({"email": "Gone@example.org"}, "The account with this address is switched off."),
    ],
)
def test_a_wrong_invitation_is_refused_with_words(
    as_chair, fields, words, django_capture_on_commit_callbacks
):
    make_user(email="gone@example.org", is_active=False)

    response = _invite(as_chair, django_capture_on_commit_callbacks, **fields)

    assert response.status_code == 200
    assert words in response.content.decode()
    assert Invitation.objects.count() == 0


def test_who_may_invite_but_is_no_chair_invites_no_chair(
    client, django_capture_on_commit_callbacks
):
    host = make_user("Editor")
    host.user_permissions.add(
        *Permission.objects.filter(codename__in=["add_invitation", "view_invitation"])
    )
    client.force_login(host, backend="django.contrib.auth.backends.ModelBackend")

    response = _invite(client, django_capture_on_commit_callbacks, role="Chair")
    chairs, _ = invite(email="c@example.org", role="Chair", by=None)
    client.post(INVITATIONS, {"action": "send_again", "_selected_action": [chairs.pk]})

    before = chairs.token_hash
    chairs.refresh_from_db()
    assert "Select a valid choice." in response.content.decode()
    assert list(Invitation.objects.all()) == [chairs]
    assert chairs.token_hash == before


def test_the_list_of_invitations_costs_the_same_with_one_and_with_three(as_chair, chair):
    invite(email="n0@example.org", role="Editor", by=chair)
    with_one = count_queries(lambda: as_chair.get(INVITATIONS))
    invite(email="n1@example.org", role="Editor", by=chair)
    invite(email="n2@example.org", role="Editor", by=chair)

    assert count_queries(lambda: as_chair.get(INVITATIONS)) == with_one <= 7


@pytest.mark.django_db(transaction=True)
def test_an_accepted_invitation_says_so(as_chair, chair):
    _, link = invite(email="new@example.org", role="Editor", by=chair)
    accept_invitation(
        token=link.rstrip("/").rsplit("/", 1)[1], name="Nia", password="several words"
    )

    html = as_chair.get(INVITATIONS).content.decode()

    assert '<td class="field-state">accepted</td>' in html
