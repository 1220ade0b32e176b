"""Who may press what only chairs press."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apps.accounts.models import User
from apps.interest.services import who_is
from apps.interest.workflow import Who


def the_chair(request: HttpRequest) -> User:
    """The chair who asks; raises PermissionDenied for anybody else."""
    user = request.user
    if not isinstance(user, User) or who_is(user) is not Who.CHAIR:
        raise PermissionDenied
    return user
