"""What each shipped group may do. Made anew after every migration, so a new noun is in it at once."""

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from apps.accounts.models import Role

# Public content is what an editor works on; accounts are the chairs' affair.
_PUBLIC_CONTENT = ("editions", "people", "topics", "pages")


def _permissions(role: str) -> Q:
    own_apps = Q(content_type__app_label__in=[*_PUBLIC_CONTENT, "accounts"])
    public = Q(content_type__app_label__in=_PUBLIC_CONTENT)
    view = Q(codename__startswith="view_")
    match role:
        case Role.CHAIR:
            return own_apps
        case Role.EDITOR:
            # An edition is a year's whole work: only chairs delete one.
            return public & ~Q(codename="delete_edition")
        case _:
            return public & view


def make_shipped_groups(sender, using: str, **kwargs) -> None:
    """Makes the shipped groups with their permissions; members and other groups are left alone.

    Connected to post_migrate, which runs once per app: the last one, when all
    permissions exist, does the work.
    """
    if sender is not _last_app():
        return
    for role in Role.values:
        group, _ = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set(Permission.objects.using(using).filter(_permissions(role)))


def _last_app():
    return [config for config in apps.get_app_configs() if config.models_module is not None][-1]
