from django.apps import AppConfig


class ContributorsConfig(AppConfig):
    name = "apps.contributors"
