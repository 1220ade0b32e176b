"""What the security page asks about the person before it."""

from django import template
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts import middleware
from apps.accounts.models import User

register = template.Library()


@register.filter
def lacks_second_factor(user: User) -> bool:
    """Whether the desk stays closed to this person until they add a second factor."""
    return middleware.lacks_second_factor(user)


@register.filter
def own_address(address: str | None) -> str:
    """`address` if it leads to a page of this site, else nothing."""
    safe = url_has_allowed_host_and_scheme(address or "", allowed_hosts=None)
    return address or "" if safe else ""
