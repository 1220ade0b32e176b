from django.apps import AppConfig

from apps.core.page_cache import register_public_models

# Pages that are kept show whether the registration is open, and no numbers of people.
_PRIVATE_MODELS = frozenset(
    {
        *("Registration", "Registration_extras", "AttendanceKind", "AttendeeNeeds"),
        *("RegistrationQuestion", "RegistrationAnswer", "RegistrationConsent", "GivenConsent"),
        *("RegistrationLink", "RegistrationLetter", "CheckIn"),
    }
)


class RegistrationConfig(AppConfig):
    name = "apps.registration"

    def ready(self) -> None:
        from apps.contributors.speakers import register_speaker_panel
        from apps.interest.student.display import register_student_data, register_student_panel
        from apps.mail.services import register_letter_subjects, register_link_maker
        from apps.mail.texts import register_labels
        from apps.private_links.requests import register_link_sender
        from apps.registration import own_pages, services
        from apps.registration.attendee_letters import BULK_LETTER, register_texts
        from apps.registration.display import everything_about_student
        from apps.registration.letters import (
            KIND_LABELS,
            LINK_MAKER,
            find_registrations_of_letters,
        )

        register_labels(KIND_LABELS | {BULK_LETTER: "To registered people"})
        register_texts()
        register_link_maker(LINK_MAKER, services.make_registration_link)
        register_link_sender("registration:new-link", services.send_registration_links)
        register_letter_subjects(find_registrations_of_letters)
        register_student_panel("registration", own_pages.student_panel)
        register_student_data("registration", everything_about_student)
        register_speaker_panel(own_pages.speaker_panel)
        register_public_models(self, private=_PRIVATE_MODELS)
