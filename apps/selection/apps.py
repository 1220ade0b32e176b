from datetime import timedelta

from django.apps import AppConfig


class SelectionConfig(AppConfig):
    name = "apps.selection"

    def ready(self) -> None:
        from apps.core.periodic_tasks import register_task
        from apps.interest.workflow import pre_move
        from apps.selection.decisions import clear_decision
        from apps.selection.letters import register_texts
        from apps.selection.offers import send_reminders

        pre_move.connect(clear_decision, dispatch_uid="selection.clear_decision")
        register_texts()
        register_task("reminders of offers", every=timedelta(minutes=10), run=send_reminders)
