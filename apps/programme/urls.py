from django.urls import path

from apps.programme import schedule, views

app_name = "programme"
urlpatterns = [
    path("<slug:edition>/programme.ics", views.programme_ics, name="calendar"),
    path("<slug:edition>/dates.ics", views.dates_ics, name="dates-calendar"),
    path("<slug:edition>/programme/mine.ics", views.my_ics, name="my-calendar"),
    path("<slug:edition>/programme/<slug:session>.ics", views.session_ics, name="session-calendar"),
    path(
        "<slug:edition>/contributions/<slug:contribution>.ics",
        views.contribution_ics,
        name="contribution-calendar",
    ),
    path(
        "<slug:edition>/contributions/<slug:contribution>.bib",
        views.contribution_bib,
        name="contribution-bibtex",
    ),
    path("<slug:edition>/contributions.bib", views.edition_bib, name="bibtex"),
    path(
        "<slug:edition>/schedule.xml",
        views.schedule_feed,
        {"write": schedule.schedule_xml, "content_type": schedule.XML_TYPE},
        name="schedule-xml",
    ),
    path(
        "<slug:edition>/schedule.json",
        views.schedule_feed,
        {"write": schedule.schedule_json, "content_type": schedule.JSON_TYPE},
        name="schedule-json",
    ),
]
