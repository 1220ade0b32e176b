from django.apps import AppConfig


class ProgrammeConfig(AppConfig):
    name = "apps.programme"

    def ready(self) -> None:
        from apps.programme import slides
        from apps.programme.forgetting import follow_expressions
        from apps.programme.models import Contribution

        slides.follow_rows(Contribution)
        follow_expressions()
