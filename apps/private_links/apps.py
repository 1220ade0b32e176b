from django.apps import AppConfig


class PrivateLinksConfig(AppConfig):
    name = "apps.private_links"
