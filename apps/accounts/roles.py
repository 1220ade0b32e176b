"""What each shipped group may do. Made anew after every migration, so a new noun is in it at once."""

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from apps.accounts.models import Role, User

# Public content is what an editor works on; accounts, letters and what students told us in
# private are the chairs' affair.
_PUBLIC_CONTENT = (
    "editions",
    "people",
    "topics",
    "programme",
    "awards",
    "sponsors",
    "news",
    "pages",
)
_PRIVATE = ("accounts", "interest", "review", "selection", "mail", "desk")


def _permissions(role: str) -> Q:
    own_apps = Q(content_type__app_label__in=[*_PUBLIC_CONTENT, *_PRIVATE])
    # The organisers' own questions are printed on the public form.
    public = Q(content_type__app_label__in=_PUBLIC_CONTENT) | Q(
        content_type__app_label="interest", content_type__model="question"
    )
    view = Q(codename__startswith="view_")
    match role:
        case Role.CHAIR:
            return own_apps
        case Role.EDITOR:
            # An edition is a year's whole work: only chairs delete one.
            return public & ~Q(codename="delete_edition")
        case Role.REVIEWER:
            return public & view | _on_expressions("review_expression")
        case Role.HELPDESK:
            return public & view | _on_expressions("view_expression", "help_expression")
        case _:
            return public & view


def _on_expressions(*codenames: str) -> Q:
    """What is said of expressions; apps/interest/permissions.py says what each of these lets see."""
    return Q(
        content_type__app_label="interest",
        content_type__model="expression",
        codename__in=codenames,
    )


def make_shipped_groups(sender: AppConfig, using: str, **kwargs) -> None:
    """Makes the shipped groups and gives them exactly the permissions written here.

    Runs after each migration and after a test's flush. Members are left alone, and so are
    groups with other names: who needs a role of their own makes a group of their own. A
    permission added to a shipped group by hand is taken away again at the next migration,
    so that "Editor" means the same on every installation and in the documentation.

    post_migrate runs once per app: the last one, when all permissions exist, does the work.
    """
    if sender is not _last_app():
        return
    for role in Role.values:
        group, _ = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set(Permission.objects.using(using).filter(_permissions(role)))


def grantable_roles(user: User) -> QuerySet[Group]:
    """The groups this person may put others in: those that may do nothing they may not."""
    if user.is_superuser:
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=_given_to(user))
    return Group.objects.exclude(permissions__in=beyond)


def may_manage(user: User, other: User) -> bool:
    """Whether `user` may change the account of `other` or send its owner a password link.

    Nobody manages an account that may do more than their own: with the link they would
    have its rights.
    """
    if user.is_superuser or other.is_superuser:
        return user.is_superuser
    # Asked of the database, since Django says that who is switched off may do nothing.
    return not _given_to(other).exclude(pk__in=_given_to(user)).exists()


def _given_to(user: User) -> QuerySet[Permission]:
    return Permission.objects.filter(Q(group__user=user) | Q(user=user))


def _last_app() -> AppConfig:
    return [config for config in apps.get_app_configs() if config.models_module is not None][-1]
