from django.contrib import admin
from django.urls import path

from apps.imports.downloads import download_edition
from apps.imports.guest_views import discard_guests, show_guests, upload_guests
from apps.imports.new_edition import new_edition
from apps.imports.texts_to_check import check_texts

app_name = "imports"
urlpatterns = [
    path("editions/new/", admin.site.admin_view(new_edition), name="new-edition"),
    path(
        "editions/<int:pk>/download/",
        admin.site.admin_view(download_edition),
        name="download-edition",
    ),
    path(
        "editions/<int:pk>/registrations/",
        admin.site.admin_view(upload_guests),
        name="guests",
    ),
    path("registrations/<int:pk>/", admin.site.admin_view(show_guests), name="guest-sheet"),
    path(
        "registrations/<int:pk>/discard/",
        admin.site.admin_view(discard_guests),
        name="discard-guests",
    ),
    path("editions/<int:pk>/texts/", admin.site.admin_view(check_texts), name="texts"),
]
