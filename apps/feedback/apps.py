from django.apps import AppConfig

from apps.core.page_cache import register_public_models


class FeedbackConfig(AppConfig):
    name = "apps.feedback"

    def ready(self) -> None:
        from apps.contributors.speakers import register_speaker_panel
        from apps.feedback.summaries import speaker_panel, student_panel
        from apps.interest.student.display import register_student_panel

        # Public pages say whether feedback is asked for, and never what was given.
        register_public_models(self, private=frozenset({"Feedback"}))
        register_student_panel("feedback", student_panel)
        register_speaker_panel(speaker_panel)
