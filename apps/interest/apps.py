from datetime import timedelta

from django.apps import AppConfig


class InterestConfig(AppConfig):
    name = "apps.interest"
    verbose_name = "Entries"

    def ready(self) -> None:
        from apps.core.files import delete_unused_files
        from apps.core.periodic_tasks import register_task
        from apps.interest.letters import (
            KIND_LABELS,
            find_expressions_of_letters,
            send_daily_notices,
        )
        from apps.interest.models import ExpressionPDF
        from apps.interest.services import make_student_link, send_student_links
        from apps.mail.services import register_letter_subjects, register_link_maker
        from apps.mail.texts import register_labels
        from apps.private_links.requests import register_link_sender

        delete_unused_files(ExpressionPDF, "file")
        register_labels(KIND_LABELS)
        register_link_maker("interest", make_student_link)
        register_letter_subjects(find_expressions_of_letters)
        register_link_sender("interest:new-link", send_student_links)
        register_task("daily notices", every=timedelta(minutes=10), run=send_daily_notices)
