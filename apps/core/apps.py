from datetime import timedelta

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        from apps.core.models import delete_expired_counters
        from apps.core.page_cache import install_triggers
        from apps.core.periodic_tasks import empty_write_ahead_log, register_task
        from apps.core.search import add_function, register_lookups

        post_migrate.connect(install_triggers, sender=self, dispatch_uid="public_version")
        register_task("expired counters", every=timedelta(hours=1), run=delete_expired_counters)
        register_task("write-ahead log", every=timedelta(minutes=10), run=empty_write_ahead_log)
        register_lookups()
        connection_created.connect(add_function, dispatch_uid="fold")
