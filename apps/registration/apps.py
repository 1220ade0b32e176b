from django.apps import AppConfig

from apps.core.page_cache import register_public_models

# What the public page shows of registrations is the number of places left.
_PRIVATE_MODELS = frozenset(
    {
        *("AttendeeNeeds", "RegistrationAnswer", "GivenConsent", "RegistrationLink"),
        *("RegistrationLetter", "CheckIn"),
    }
)


class RegistrationConfig(AppConfig):
    name = "apps.registration"

    def ready(self) -> None:
        register_public_models(self, private=_PRIVATE_MODELS)
