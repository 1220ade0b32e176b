"""Registration for an edition: the period, what it asks, and the people who come."""

from apps.registration.models.period import (
    AttendanceKind,
    RegistrationConsent,
    RegistrationPeriod,
    RegistrationQuestion,
)
from apps.registration.models.registrations import (
    CODE_LENGTH,
    AttendeeNeeds,
    CheckIn,
    GivenConsent,
    Registration,
    RegistrationAnswer,
    RegistrationLetter,
    RegistrationLink,
    RegistrationQuerySet,
    new_code,
)

__all__ = [
    "CODE_LENGTH",
    "AttendanceKind",
    "AttendeeNeeds",
    "CheckIn",
    "GivenConsent",
    "Registration",
    "RegistrationAnswer",
    "RegistrationConsent",
    "RegistrationLetter",
    "RegistrationLink",
    "RegistrationPeriod",
    "RegistrationQuerySet",
    "RegistrationQuestion",
    "new_code",
]
