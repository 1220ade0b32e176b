from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "apps.mail"
    verbose_name = "Emails"

    def ready(self) -> None:
        from apps.accounts.services import owner_notified
        from apps.core.health import register_check
        from apps.mail.services import queue_account_notice
        from apps.mail.texts import register_labels
        from apps.mail.worker import is_mail_healthy

        owner_notified.connect(queue_account_notice, dispatch_uid="account_notice")
        register_labels(
            {
                "test": "Test email to a chair",
                "account_notice": "Change of an account, to its owner",
            }
        )
        register_check(is_mail_healthy)
