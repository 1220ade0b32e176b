from django.urls import path

from apps.registration import own_pages, views
from apps.registration.own_pages import registration_link_views

app_name = "registration"
urlpatterns = [
    path("<slug:edition>/register/", views.registration, name="form"),
    path("<slug:edition>/register/ticket/<str:token>/", views.ticket, name="ticket"),
    path("<slug:edition>/register/link/<str:token>/", registration_link_views.open, name="link"),
    path("<slug:edition>/register/new-link/", registration_link_views.new_link, name="new-link"),
    path(
        "<slug:edition>/register/new-link/sent/",
        registration_link_views.new_link_sent,
        name="new-link-sent",
    ),
    path("<slug:edition>/register/erased/", own_pages.erased, name="erased"),
    path(
        "<slug:edition>/register/student/<str:reference>/",
        own_pages.register_student,
        name="student",
    ),
    path("<slug:edition>/register/speaker/<int:pk>/", own_pages.register_speaker, name="speaker"),
    path("<slug:edition>/register/<str:code>/", own_pages.mine, name="mine"),
    path("<slug:edition>/register/<str:code>/change/", own_pages.change, name="change"),
    path("<slug:edition>/register/<str:code>/address/", own_pages.address, name="address"),
    path("<slug:edition>/register/<str:code>/come/", own_pages.come, name="come"),
    path("<slug:edition>/register/<str:code>/cancel/", own_pages.cancel, name="cancel"),
    path("<slug:edition>/register/<str:code>/data.json", own_pages.data, name="data"),
    path("<slug:edition>/register/<str:code>/erase/", own_pages.erase, name="erase"),
    path(
        "<slug:edition>/register/<str:code>/leave/",
        registration_link_views.sign_out,
        name="leave",
    ),
]
