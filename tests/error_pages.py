"""Addresses at which everything goes wrong, for tests of what is said then."""

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
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
}
CODES = [*RAISED, "csrf", "429"]


def fail(request: HttpRequest, code: str) -> HttpResponse:
    """What is answered when that goes wrong; "csrf" stands for a refused form."""
    if code in RAISED:
        raise RAISED[code]
    if code == "csrf":
        return csrf_failure(request)
    return render(request, "429.html", status=429)


urlpatterns = [path("wrong/<str:code>/", fail), path("", include("workshop.urls"))]
