"""Who must have a second factor, and has none."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

from apps.accounts.models import User


def lacks_second_factor(user: User) -> bool:
    """Whether SECOND_FACTOR asks one of this signed-in person who has none yet."""
    asked = settings.SECOND_FACTOR == "all" or (
        settings.SECOND_FACTOR == "chairs" and user.is_chair
    )
    return asked and not is_mfa_enabled(user)
