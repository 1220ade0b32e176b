from django.urls import path

from apps.programme import speaker_doors, speaker_views, student_views, views

app_name = "programme"
urlpatterns = [
    path("<slug:edition>/interest/<str:reference>/slides/", student_views.slides, name="slides"),
    path(
        "<slug:edition>/interest/<str:reference>/slides.pdf",
        student_views.their_slides,
        name="own-slides",
    ),
    path("<slug:edition>/speaker/link/<str:token>/", speaker_doors.link, name="speaker-link"),
    path("<slug:edition>/speaker/new-link/", speaker_doors.new_link, name="speaker-new-link"),
    path(
        "<slug:edition>/speaker/new-link/sent/",
        speaker_doors.new_link_sent,
        name="speaker-new-link-sent",
    ),
    path("<slug:edition>/speaker/<int:pk>/", speaker_views.mine, name="speaker"),
    path(
        "<slug:edition>/speaker/<int:pk>/about-you/",
        speaker_views.about_you,
        name="speaker-about-you",
    ),
    path(
        "<slug:edition>/speaker/<int:pk>/give/<slug:slug>/",
        speaker_views.what_you_give,
        name="speaker-gives",
    ),
    path(
        "<slug:edition>/speaker/<int:pk>/give/<slug:slug>/slides.pdf",
        speaker_views.their_slides,
        name="speaker-slides",
    ),
    path(
        "<slug:edition>/speaker/<int:pk>/portrait.jpg",
        speaker_views.portrait,
        name="speaker-portrait",
    ),
    path("<slug:edition>/speaker/<int:pk>/leave/", speaker_views.leave, name="speaker-leave"),
    path("<slug:edition>/programme.ics", views.programme_ics, name="calendar"),
    path("<slug:edition>/programme/<slug:session>.ics", views.session_ics, name="session-calendar"),
    path(
        "<slug:edition>/contributions/<slug:contribution>.ics",
        views.contribution_ics,
        name="contribution-calendar",
    ),
    path("<slug:edition>/schedule.xml", views.schedule_xml, name="schedule-xml"),
    path("<slug:edition>/schedule.json", views.schedule_json, name="schedule-json"),
]
