"""The shipped groups, and who may manage whom."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from apps.accounts.models import Role
from tests.factories import make_user


def _may(group: str) -> set[str]:
    return set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))


@pytest.mark.django_db
def test_each_shipped_group_may_do_what_its_role_needs():
    chair, editor = _may("Chair"), _may("Editor")
    reviewer, helpdesk = _may("Reviewer"), _may("Helpdesk")

    assert {"add_invitation", "change_user", "delete_edition", "change_topic"} <= chair
    assert {"add_edition", "change_topic", "delete_topic"} <= editor
    assert {"delete_edition", "view_user", "add_invitation"} & editor == set()
    assert {"decide_expression", "view_letter", "add_accesslink", "change_question"} <= chair
    assert "change_question" in editor
    assert {word for word in editor if "expression" in word or "letter" in word} == set()
    assert reviewer - helpdesk == {"review_expression"}
    assert helpdesk - reviewer == {"view_expression", "help_expression", "check_in_registration"}
    assert _may("Check-in") == {"check_in_registration"}
    assert {word.split("_")[0] for word in reviewer & helpdesk} == {"view"}
    assert "add_sheet" in chair
    assert {word for word in editor | reviewer | helpdesk if "sheet" in word} == set()
    assert {"view_user", "view_letter", "view_accesslink"} & (reviewer | helpdesk) == set()


@pytest.mark.django_db
def test_a_migration_restores_shipped_groups_and_leaves_members_and_other_groups():
    user = make_user("Editor")
    own = Group.objects.create(name="Photographers")
    add_user = Permission.objects.get(codename="add_user")
    own.permissions.add(add_user)
    Group.objects.get(name="Editor").permissions.add(add_user)
    Group.objects.get(name="Reviewer").delete()

    call_command("migrate", verbosity=0)

    assert set(Group.objects.values_list("name", flat=True)) == {*Role.values, "Photographers"}
    assert "add_user" not in _may("Editor")
    assert _may("Photographers") == {"add_user"}
    assert list(user.groups.values_list("name", flat=True)) == ["Editor"]
    assert "review_expression" in _may("Reviewer")


@pytest.mark.django_db(transaction=True)
def test_the_groups_are_there_again_after_a_flush():
    call_command("flush", interactive=False, verbosity=0)

    assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)
    assert "add_invitation" in _may("Chair")


@pytest.mark.django_db
def test_nobody_grants_what_they_may_not_do():
    Group.objects.create(name="Keys").permissions.add(
        Permission.objects.get(codename="change_permission")
    )

    def granted(role: str, **fields) -> set[str]:
        roles = make_user(role, **fields).grantable_roles()
        return set(roles.values_list("name", flat=True))

    assert granted("Chair") == set(Role.values)
    assert granted("Editor") == {"Editor"}
    assert granted("Reviewer") == {"Reviewer"}
    assert granted("Editor", is_superuser=True) == {*Role.values, "Keys"}


@pytest.mark.django_db
def test_nobody_manages_an_account_that_may_do_more():
    chair, editor = make_user("Chair"), make_user("Editor")
    owner = make_user("", is_superuser=True)
    switched_off = make_user("Editor", is_active=False)
    switched_off.user_permissions.add(Permission.objects.get(codename="change_permission"))
    off_owner = make_user("", is_superuser=True, is_active=False)

    assert [chair.may_manage(other) for other in (chair, editor, make_user())] == [True] * 3
    assert [chair.may_manage(other) for other in (owner, switched_off, off_owner)] == [False] * 3
    assert editor.may_manage(chair) is False
    assert owner.may_manage(off_owner) is True
