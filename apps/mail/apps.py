from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "apps.mail"
    verbose_name = "Letters"

    def ready(self) -> None:
        from apps.core.health import register_check
        from apps.mail.worker import is_mail_healthy

        register_check(is_mail_healthy)
