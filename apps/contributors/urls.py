from django.urls import path

from apps.contributors import student_views, views
from apps.contributors.speakers import speaker_link_views

app_name = "contributors"
urlpatterns = [
    path(
        "<slug:edition>/interest/<str:reference>/slides/",
        student_views.slides,
        name="student-slides",
    ),
    path(
        "<slug:edition>/interest/<str:reference>/slides.pdf",
        student_views.their_slides,
        name="student-slides-file",
    ),
    path("<slug:edition>/speaker/link/<str:token>/", speaker_link_views.open, name="speaker-link"),
    path("<slug:edition>/speaker/new-link/", speaker_link_views.new_link, name="speaker-new-link"),
    path(
        "<slug:edition>/speaker/new-link/sent/",
        speaker_link_views.new_link_sent,
        name="speaker-new-link-sent",
    ),
    path("<slug:edition>/speaker/<int:pk>/", views.mine, name="speaker"),
    path(
        "<slug:edition>/speaker/<int:pk>/about-you/",
        views.about_you,
        name="speaker-profile",
    ),
    path(
        "<slug:edition>/speaker/<int:pk>/give/<slug:slug>/",
        views.what_you_give,
        name="speaker-contribution",
    ),
    path(
        "<slug:edition>/speaker/<int:pk>/give/<slug:slug>/slides.pdf",
        views.their_slides,
        name="speaker-slides",
    ),
    path(
        "<slug:edition>/speaker/<int:pk>/portrait.jpg",
        views.portrait,
        name="speaker-portrait",
    ),
    path(
        "<slug:edition>/speaker/<int:pk>/leave/",
        speaker_link_views.sign_out,
        name="speaker-sign-out",
    ),
]
