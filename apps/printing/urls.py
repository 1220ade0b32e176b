from django.urls import path

from apps.printing import views

app_name = "printing"
urlpatterns = [
    path("verify/", views.verify_form, name="verify-form"),
    path("verify/<str:code>/", views.verify, name="verify"),
    path("verify/<str:code>/certificate.pdf", views.certificate, name="certificate"),
]
