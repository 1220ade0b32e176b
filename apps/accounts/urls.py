from django.urls import path

from apps.accounts import views

app_name = "accounts"
urlpatterns = [
    # Before the library's own pages, one of which this replaces.
    path("accounts/login/", views.SignInView.as_view(), name="sign-in"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
