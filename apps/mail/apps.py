from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "apps.mail"
    verbose_name = "Letters"
