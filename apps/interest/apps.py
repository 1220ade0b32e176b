from datetime import timedelta

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class InterestConfig(AppConfig):
    name = "apps.interest"
    verbose_name = "Expressions of interest"

    def ready(self) -> None:
        from apps.core.periodic_tasks import register_task
        from apps.interest.daily_notice import send_daily_notices
        from apps.interest.files import make_waiting_files, remove_expired_files
        from apps.interest.indexes import make_indexes
        from apps.interest.links import make_student_link
        from apps.mail.links import register_link_maker

        post_migrate.connect(make_indexes, sender=self, dispatch_uid="expression_indexes")
        register_link_maker("interest", make_student_link)
        register_task("daily notices", every=timedelta(minutes=10), run=send_daily_notices)
        register_task("Excel files", every=timedelta(seconds=1), run=make_waiting_files)
        register_task("old Excel files", every=timedelta(minutes=5), run=remove_expired_files)
