from django.urls import path

from apps.programme import views

app_name = "programme"
urlpatterns = [
    path("<slug:edition>/programme.ics", views.programme_ics, name="calendar"),
    path("<slug:edition>/programme/<slug:session>.ics", views.session_ics, name="session-calendar"),
    path(
        "<slug:edition>/contributions/<slug:contribution>.ics",
        views.contribution_ics,
        name="contribution-calendar",
    ),
    path("<slug:edition>/schedule.xml", views.schedule_xml_view, name="schedule-xml"),
    path("<slug:edition>/schedule.json", views.schedule_json_view, name="schedule-json"),
]
