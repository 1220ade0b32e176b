from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    verbose_name = "Team"

    def ready(self) -> None:
        from apps.accounts.roles import create_shipped_groups

        post_migrate.connect(create_shipped_groups, dispatch_uid="shipped_groups")
