from django.contrib.auth.decorators import login_required
from django.urls import path

from apps.accounts import views

app_name = "accounts"
urlpatterns = [
    # These two replace pages of allauth and come before them.
    path("accounts/login/", views.SignInView.as_view(), name="sign-in"),
    path("accounts/2fa/", login_required(views.SecurityView.as_view()), name="security"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
