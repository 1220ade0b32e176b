"""Permissions of the shipped groups, set again after every migration."""

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from apps.accounts.models import Role, User

# Editors work on public content. Accounts, letters and private data of students belong to chairs.
_PUBLIC_CONTENT = (
    "editions",
    "people",
    "topics",
    "programme",
    "contributors",
    "awards",
    "sponsors",
    "news",
    "pages",
)
_PRIVATE = ("accounts", "interest", "review", "selection", "mail", "imports")


def _permissions(role: str) -> Q:
    own_apps = Q(content_type__app_label__in=[*_PUBLIC_CONTENT, *_PRIVATE])
    # Questions appear on the public form.
    public = Q(content_type__app_label__in=_PUBLIC_CONTENT) | Q(
        content_type__app_label="interest", content_type__model="question"
    )
    view = Q(codename__startswith="view_")
    match role:
        case Role.CHAIR:
            return own_apps
        case Role.EDITOR:
            # An edition contains all content of a year.
            return public & ~Q(codename="delete_edition")
        case Role.REVIEWER:
            return public & view | _on_expressions("review_expression")
        case Role.HELPDESK:
            return public & view | _on_expressions("view_expression", "help_expression")
        case _:
            return public & view


def _on_expressions(*codenames: str) -> Q:
    """Permissions on expressions; apps/interest/permissions.py says what each of them shows."""
    return Q(
        content_type__app_label="interest",
        content_type__model="expression",
        codename__in=codenames,
    )


def create_shipped_groups(sender: AppConfig, using: str, **kwargs) -> None:
    """Create the shipped groups with exactly the permissions defined here.

    Members and other groups stay. A permission added to a shipped group by hand is removed at the
    next migration, so that a role means the same on every installation; a site that needs another
    role adds a group.

    post_migrate runs once per app. The last app does the work, when all permissions exist.
    """
    if sender is not _last_app():
        return
    for role in Role.values:
        group, _ = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set(Permission.objects.using(using).filter(_permissions(role)))


def grantable_roles(user: User) -> QuerySet[Group]:
    """Groups that `user` may assign: those with no permission beyond their own."""
    if user.is_superuser:
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=_given_to(user))
    return Group.objects.exclude(permissions__in=beyond)


def may_manage(user: User, other: User) -> bool:
    """Whether `user` may change the account of `other` or request a password link for it.

    The link would give its permissions, so it is refused for accounts that may do more.
    """
    if user.is_superuser or other.is_superuser:
        return user.is_superuser
    # Queried, because Django gives inactive accounts no permissions.
    return not _given_to(other).exclude(pk__in=_given_to(user)).exists()


def _given_to(user: User) -> QuerySet[Permission]:
    return Permission.objects.filter(Q(group__user=user) | Q(user=user))


def _last_app() -> AppConfig:
    return [config for config in apps.get_app_configs() if config.models_module is not None][-1]
