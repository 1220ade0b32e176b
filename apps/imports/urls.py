from django.contrib import admin
from django.urls import path

from apps.imports.new_edition import new_edition

app_name = "imports"
urlpatterns = [
    path("editions/new/", admin.site.admin_view(new_edition), name="new-edition"),
]
