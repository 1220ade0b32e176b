from django.apps import AppConfig


class SponsorsConfig(AppConfig):
    name = "apps.sponsors"

    def ready(self) -> None:
        from apps.sponsors import logos

        logos.follow_rows()
