"""URLs of the site."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from apps.core import health
from apps.core import views as core

# One sign-in page, with rate limits and second factors.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as documented

handler400 = "apps.core.views.bad_request"
handler403 = "apps.core.views.permission_denied"
handler404 = "apps.core.views.page_not_found"
handler500 = "apps.core.views.server_error"

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("healthz", health.healthz, name="healthz"),
    # Below admin/, so that the second factor is asked for there too.
    path("admin/desk/", include("apps.imports.urls")),
    path("admin/review/", include("apps.review.urls")),
    path("admin/selection/", include("apps.selection.urls")),
    path("admin/notices/", include("apps.news.urls")),
    path("admin/privacy/", include("apps.privacy.urls")),
    path("admin/check-in/", include("apps.registration.checkin.urls")),
    path("admin/backups/", include("apps.ops.urls")),
    path("", include("apps.feedback.urls")),  # before the admin, for its own pages below it
    path("admin/", admin.site.urls),
    path("", include("apps.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    re_path(rf"^{settings.MEDIA_URL.strip('/')}/(?P<name>.+)$", core.media, name="media"),
    path("", include("apps.interest.urls")),
    path("", include("apps.programme.urls")),
    path("", include("apps.contributors.urls")),
    path("", include("apps.registration.urls")),
    path("", include("apps.printing.urls")),
    path("", include("apps.pages.urls")),
]
