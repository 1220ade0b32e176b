from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "apps.review"

    def ready(self) -> None:
        from apps.accounts.services import invitation_accepted, register_reviewed_editions
        from apps.mail.services import register_link_maker
        from apps.mail.texts import register_labels
        from apps.review.committee import add_invited_reviewer, invited_editions
        from apps.review.discussion import COMMENT_NOTICE
        from apps.review.reminders import make_queue_link, register_reminder_text

        invitation_accepted.connect(add_invited_reviewer, dispatch_uid="add_invited_reviewer")
        register_reviewed_editions(invited_editions)
        register_link_maker("review", make_queue_link)
        register_reminder_text()
        register_labels({COMMENT_NOTICE: "A new comment in a discussion"})
