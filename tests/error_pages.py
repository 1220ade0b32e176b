"""Addresses at which everything goes wrong, for tests of what is said then."""

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from apps.core.views import csrf_failure

handler400 = "apps.core.views.bad_request"
handler403 = "apps.core.views.permission_denied"
handler404 = "apps.core.views.page_not_found"
handler500 = "apps.core.views.server_error"

RAISED: dict[str, Exception] = {
    "400": BadRequest("no"),
    "403": PermissionDenied("no"),
    "404": Http404("no"),
    "413": RequestDataTooBig("no"),
    "500": RuntimeError("no"),
    "503": OperationalError("database is locked"),
}
# What the site says of itself through another's mouth, and after counting, raises nothing.
RENDERED = ("429",)
CODES = [*RAISED, "csrf", *RENDERED]


def fail(request: HttpRequest, code: str) -> HttpResponse:
    """What is answered when that goes wrong; "csrf" stands for a refused form."""
    if code in RAISED:
        raise RAISED[code]
    if code == "csrf":
        return csrf_failure(request)
    return render(request, f"{code}.html", status=int(code))


urlpatterns = [path("wrong/<str:code>/", fail), path("", include("workshop.urls"))]
