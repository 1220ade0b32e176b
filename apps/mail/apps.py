from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "apps.mail"
    verbose_name = "Letters"

    def ready(self) -> None:
        from apps.core.health import register_check
        from apps.mail.worker import are_letters_well

        register_check(are_letters_well)
