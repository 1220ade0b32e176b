from datetime import timedelta

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "apps.imports"
    verbose_name = "Desk"

    def ready(self) -> None:
        """Register the hourly deletion of spreadsheets not imported within a day."""
        from apps.core.periodic_tasks import register_task
        from apps.imports.sheets.services import delete_expired_sheets

        register_task("expired spreadsheets", every=timedelta(hours=1), run=delete_expired_sheets)
