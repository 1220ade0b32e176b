from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "apps.review"

    def ready(self) -> None:
        from apps.accounts.services import invitation_accepted
        from apps.mail.services import register_link_maker
        from apps.review.committee import add_invited_reviewer
        from apps.review.reminders import make_queue_link, register_reminder_text

        invitation_accepted.connect(add_invited_reviewer, dispatch_uid="add_invited_reviewer")
        register_link_maker("review", make_queue_link)
        register_reminder_text()
