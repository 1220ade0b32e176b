from django.apps import AppConfig

from apps.core.files import delete_unused_files
from apps.core.page_cache import register_public_models

_PRIVATE_MODELS = frozenset({"ContributionLetter", "Origin"})


class ProgrammeConfig(AppConfig):
    name = "apps.programme"

    def ready(self) -> None:
        from apps.mail.services import register_letter_subjects
        from apps.people.models import register_naming
        from apps.programme.letters import find_contributions_of_letters, register_letter_texts
        from apps.programme.models import Contribution, ContributionLink

        delete_unused_files(Contribution, "slides")
        delete_unused_files(ContributionLink, "file")
        register_letter_texts()
        register_letter_subjects(find_contributions_of_letters)
        register_naming("contributor_credits__contribution__edition")
        register_naming("sessionchair_credits__session__edition")
        register_public_models(self, private=_PRIVATE_MODELS, history=True)
