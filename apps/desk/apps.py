from datetime import timedelta

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "apps.desk"

    def ready(self) -> None:
        """Has erased what people forgot to import or to discard."""
        from apps.core.chores import register_chore
        from apps.desk.sheets.services import erase_forgotten_sheets

        register_chore(
            "spreadsheets nobody imported", every=timedelta(hours=1), run=erase_forgotten_sheets
        )
