from django.urls import path

from apps.contributors import views
from apps.contributors.speakers import speaker_link_views

app_name = "contributors"
_STUDENT = "<slug:edition>/interest/<str:reference>"
_SPEAKER = "<slug:edition>/speaker"
_GIVE = f"{_SPEAKER}/<int:pk>/give/<slug:slug>"
urlpatterns = [
    path(f"{_STUDENT}/slides/", views.student_slides, name="student-slides"),
    path(f"{_STUDENT}/slides.pdf", views.student_slides_file, name="student-slides-file"),
    path(f"{_SPEAKER}/link/<str:token>/", speaker_link_views.open, name="speaker-link"),
    path(f"{_SPEAKER}/new-link/", speaker_link_views.new_link, name="speaker-new-link"),
    path(
        f"{_SPEAKER}/new-link/sent/",
        speaker_link_views.new_link_sent,
        name="speaker-new-link-sent",
    ),
    path(f"{_SPEAKER}/<int:pk>/", views.speaker_page, name="speaker"),
    path(f"{_SPEAKER}/<int:pk>/about-you/", views.speaker_profile, name="speaker-profile"),
    path(f"{_SPEAKER}/<int:pk>/years/", views.speaker_years, name="speaker-years"),
    path(f"{_GIVE}/", views.speaker_contribution, name="speaker-contribution"),
    path(f"{_GIVE}/slides.pdf", views.speaker_slides, name="speaker-slides"),
    path(f"{_SPEAKER}/<int:pk>/portrait.jpg", views.speaker_portrait, name="speaker-portrait"),
    path(f"{_SPEAKER}/<int:pk>/leave/", speaker_link_views.sign_out, name="speaker-sign-out"),
]
