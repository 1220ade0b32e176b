from django.apps import AppConfig

from apps.core.public_version import publish

_PRIVATE_MODELS = frozenset({"ContributionLetter", "Origin"})


class ProgrammeConfig(AppConfig):
    name = "apps.programme"

    def ready(self) -> None:
        from apps.programme import slides
        from apps.programme.forgetting import follow_expressions
        from apps.programme.letter_texts import register_texts
        from apps.programme.models import Contribution

        slides.follow_rows(Contribution)
        follow_expressions()
        register_texts()
        publish(self, private=_PRIVATE_MODELS, history=True)
