from datetime import timedelta

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "apps.privacy"

    def ready(self) -> None:
        from apps.core.periodic_tasks import register_task
        from apps.pages.site_pages import register_placeholder
        from apps.privacy.retention import erase_what_is_due
        from apps.privacy.texts import describe_periods

        register_task("storage periods", every=timedelta(days=1), run=erase_what_is_due)
        register_placeholder("[storage periods]", describe_periods)
