"""The accounts app, and the permissions of its roles, set again after every migration."""

from datetime import timedelta

from django.apps import AppConfig, apps
from django.db.models import Q
from django.db.models.signals import post_migrate

# Editors work on public content. Accounts, letters and private data of students belong to chairs.
_CONTENT = ["editions", "people", "topics", "programme", "contributors"]
_PUBLIC_APPS = [*_CONTENT, "awards", "sponsors", "news", "pages"]
_PRIVATE_APPS = [
    *("accounts", "interest", "review", "selection", "mail", "imports", "privacy", "registration"),
    "feedback",
]
# What the public registration form shows.
_REGISTRATION_FORM = [
    *("registrationperiod", "attendancekind", "registrationquestion", "registrationconsent")
]


def _on(model: str) -> Q:
    return Q(content_type__app_label="interest", content_type__model=model)


# Questions appear on the public form.
_PUBLIC = (
    Q(content_type__app_label__in=_PUBLIC_APPS)
    | _on("question")
    | Q(content_type__app_label="registration", content_type__model__in=_REGISTRATION_FORM)
)
_VIEW = _PUBLIC & Q(codename__startswith="view_")
_CHECK_IN = Q(content_type__app_label="registration", codename="check_in_registration")
# apps/interest/permissions.py says what each of the permissions on expressions shows.
_ROLES = {
    "Chair": Q(content_type__app_label__in=_PUBLIC_APPS + _PRIVATE_APPS),
    "Editor": _PUBLIC & ~Q(codename="delete_edition"),  # an edition contains a year's content
    "Reviewer": _VIEW | _on("expression") & Q(codename="review_expression"),
    "Check-in": _CHECK_IN,
    "Helpdesk": _CHECK_IN
    | _VIEW
    | _on("expression") & Q(codename__in=["view_expression", "help_expression"]),
}


def create_shipped_groups(sender: AppConfig, using: str, **kwargs) -> None:
    """Create the shipped groups with exactly the permissions defined here.

    Members and other groups stay. A permission added to a shipped group by hand is removed at the
    next migration, so that a role means the same on every installation; a site that needs another
    role adds a group.
    """
    from django.contrib.auth.models import Group, Permission

    for name, permissions in _ROLES.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set(Permission.objects.using(using).filter(permissions))


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    verbose_name = "Team"

    def ready(self) -> None:
        from django.contrib.sessions.backends.db import SessionStore

        from apps.core.periodic_tasks import register_task

        # They may hold messages and forms with words of people.
        register_task("expired sessions", every=timedelta(hours=1), run=SessionStore.clear_expired)
        from allauth.account.signals import email_changed
        from django.contrib.auth.signals import user_logged_in

        from apps.accounts import sign_in_log
        from apps.accounts.services import end_other_sessions
        from apps.accounts.unsent_forms import discard_those_of_others

        sign_in_log.connect()
        user_logged_in.connect(discard_those_of_others, dispatch_uid="unsent_forms")
        email_changed.connect(end_other_sessions, dispatch_uid="end_other_sessions")
        # Sent once per app: the permissions of all apps exist after the last one.
        last_app = [config for config in apps.get_app_configs() if config.models_module][-1]
        post_migrate.connect(create_shipped_groups, sender=last_app, dispatch_uid="shipped_groups")
