from datetime import timedelta

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "apps.privacy"

    def ready(self) -> None:
        from apps.core.periodic_tasks import register_task
        from apps.interest.workflow import pre_erase
        from apps.pages.site_pages import register_placeholder
        from apps.privacy.erasures import record_entry
        from apps.privacy.retention import erase_what_is_due
        from apps.privacy.texts import describe_periods

        pre_erase.connect(record_entry, dispatch_uid="erasures")
        register_task("storage periods", every=timedelta(days=1), run=erase_what_is_due)
        register_placeholder("[storage periods]", describe_periods)
