"""Panels of other apps on the student's page, such as the slot and the slides.

An app registers a function that renders its panel for an expression and a request.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.interest.models import Expression

Panel = Callable[[Expression, HttpRequest], SafeString]

_panels: dict[str, Panel] = {}


def register_student_panel(name: str, panel: Panel) -> None:
    """Register a function that returns the safe HTML of a `<section>`, or "" for none."""
    _panels[name] = panel


def render_panels(expression: Expression, request: HttpRequest) -> list[SafeString]:
    """The panels of the page, in the order of registration."""
    return [html for panel in _panels.values() if (html := panel(expression, request))]
