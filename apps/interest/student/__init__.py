"""What the apps above show on the student's page: their slot, their slides.

An app registers what draws its panel; the page calls it with the expression and the request.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.interest.models import Expression

Panel = Callable[[Expression, HttpRequest], SafeString]

_panels: dict[str, Panel] = {}


def register_student_panel(name: str, panel: Panel) -> None:
    """`panel` returns the safe HTML of one `<section>`, or nothing to show none this time."""
    _panels[name] = panel


def student_panels(expression: Expression, request: HttpRequest) -> list[SafeString]:
    """What is to be shown below the student's own part, in the order of registration."""
    return [drawn for panel in _panels.values() if (drawn := panel(expression, request))]
