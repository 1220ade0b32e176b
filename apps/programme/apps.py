from django.apps import AppConfig

from apps.core.page_cache import publish

_PRIVATE_MODELS = frozenset({"ContributionLetter", "Origin"})


class ProgrammeConfig(AppConfig):
    name = "apps.programme"

    def ready(self) -> None:
        from apps.programme.change_emails import register_change_texts
        from apps.programme.models import Contribution
        from apps.programme.signals import delete_unused_files, follow_erased_expressions

        delete_unused_files(Contribution, "slides")
        follow_erased_expressions()
        register_change_texts()
        publish(self, private=_PRIVATE_MODELS, history=True)
