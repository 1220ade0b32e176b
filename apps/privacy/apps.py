from datetime import timedelta

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "apps.privacy"

    def ready(self) -> None:
        from apps.core.page_cache import register_public_models
        from apps.core.periodic_tasks import register_task
        from apps.imports.cloning import copy_with_editions
        from apps.interest.workflow import pre_erase
        from apps.pages.numbers import register_totals
        from apps.pages.site_pages import register_placeholder
        from apps.privacy.erasures import record_entry, record_guest
        from apps.privacy.figures import count_totals
        from apps.privacy.models import RetentionPeriods
        from apps.privacy.retention import erase_what_is_due
        from apps.privacy.texts import describe_periods
        from apps.registration.forms import register_needs_days
        from apps.registration.services import pre_erase_guest

        register_needs_days(lambda edition: RetentionPeriods.of(edition).needs_days)
        register_public_models(
            self, private=frozenset({"Erasure", "EditionFigures", "RetentionRun"})
        )
        copy_with_editions(RetentionPeriods)
        pre_erase.connect(record_entry, dispatch_uid="erasures")
        pre_erase_guest.connect(record_guest, dispatch_uid="erasures of guests")
        register_totals(count_totals)
        register_task("storage periods", every=timedelta(days=1), run=erase_what_is_due)
        register_placeholder("[storage periods]", describe_periods)
