"""What somebody may do is asked of the database at once."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Permission

from apps.accounts.backends import PermissionsAtOnce
from apps.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def _anew(user: User) -> User:
    """As the next request meets them: with nothing known of them yet."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("role", ["Chair", "Editor", "Reviewer", None])
def test_it_answers_what_django_would_by_one_question(role, django_assert_num_queries):
    user = make_user(role) if role else make_user()
    user.user_permissions.add(Permission.objects.get(codename="view_topic"))

    user = _anew(user)
    with django_assert_num_queries(1):
        found = user.get_all_permissions()
        assert user.has_perm("topics.view_topic")
        assert not user.has_perm("topics.nonsense")

    assert found == ModelBackend().get_all_permissions(_anew(user))
    assert "topics.view_topic" in found


def test_who_is_not_active_may_nothing_and_an_owner_everything():
    user = make_user("Chair")
    User.objects.filter(pk=user.pk).update(is_active=False)
    owner = make_user()
    User.objects.filter(pk=owner.pk).update(is_superuser=True)
    backend = PermissionsAtOnce()

    assert backend.get_all_permissions(_anew(user)) == set()
    assert backend.get_all_permissions(AnonymousUser()) == set()
    assert backend.get_all_permissions(_anew(owner)) == ModelBackend().get_all_permissions(
        _anew(owner)
    )
    assert backend.get_all_permissions(_anew(owner), obj=owner) == set()


def test_it_signs_nobody_in(rf):
    user = make_user("Chair")
    user.set_password("correct-horse-battery")
    user.save()

    signed_in = authenticate(rf.get("/"), username=user.email, password="correct-horse-battery")
    assert signed_in == user
    assert signed_in.backend == "django.contrib.auth.backends.ModelBackend"
