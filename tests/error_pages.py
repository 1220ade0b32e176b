"""URLs that fail, for tests of the error pages."""

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.debug import sensitive_post_parameters

from apps.core.decorators import gives_back
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
# Pages that are rendered without an exception.
RENDERED = ("429",)
CODES = [*RAISED, "csrf", *RENDERED]


@gives_back("title", "abstract", "question_*", "secret")
@sensitive_post_parameters("secret")
def fail(request: HttpRequest, code: str) -> HttpResponse:
    """The response for a status code; "csrf" is a refused form."""
    if code in RAISED:
        raise RAISED[code]
    if code == "csrf":
        return csrf_failure(request)
    return render(request, f"{code}.html", status=int(code))


urlpatterns = [path("wrong/<str:code>/", fail), path("", include("workshop.urls"))]
