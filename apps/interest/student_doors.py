"""The ways in to the student's page, for those who have not come in yet, and where one is erased."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.core.decorators import private_page, require_GET_POST
from apps.interest.doors import find_edition
from apps.interest.student_access import DOOR

link = require_GET_POST(private_page(DOOR.open))
new_link = require_GET_POST(private_page(DOOR.ask))
new_link_sent = require_safe(private_page(DOOR.sent))


@require_safe
@private_page
def erased(request: HttpRequest, edition: str) -> HttpResponse:
    """Where somebody stands whose data was erased."""
    return render(request, "interest/erased.html", {"edition": find_edition(request, edition)})
