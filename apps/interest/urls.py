from django.urls import path

from apps.interest import views
from apps.interest.student import views as student_views
from apps.interest.student.views import student_link_views

app_name = "interest"
urlpatterns = [
    path("<slug:edition>/interest/", views.call, name="call"),
    path("<slug:edition>/interest/sent/<str:reference>/", student_views.sent, name="sent"),
    path("<slug:edition>/interest/link/<str:token>/", student_link_views.open, name="link"),
    path("<slug:edition>/interest/let-in/<str:token>/", views.let_in, name="let-in"),
    path("<slug:edition>/interest/new-link/", student_link_views.new_link, name="new-link"),
    path(
        "<slug:edition>/interest/new-link/sent/",
        student_link_views.new_link_sent,
        name="new-link-sent",
    ),
    path("<slug:edition>/interest/erased/", student_views.erased, name="erased"),
    path("<slug:edition>/interest/<str:reference>/", student_views.mine, name="mine"),
    path("<slug:edition>/interest/<str:reference>/change/", student_views.change, name="change"),
    path("<slug:edition>/interest/<str:reference>/address/", student_views.address, name="address"),
    path(
        "<slug:edition>/interest/<str:reference>/withdraw/", student_views.withdraw, name="withdraw"
    ),
    path("<slug:edition>/interest/<str:reference>/confirm/", student_views.confirm, name="confirm"),
    path("<slug:edition>/interest/<str:reference>/needs/", student_views.needs, name="needs"),
    path("<slug:edition>/interest/<str:reference>/decline/", student_views.decline, name="decline"),
    path("<slug:edition>/interest/<str:reference>/data.json", student_views.data, name="data"),
    path("<slug:edition>/interest/<str:reference>/entry.pdf", student_views.pdf, name="pdf"),
    path("<slug:edition>/interest/<str:reference>/erase/", student_views.erase, name="erase"),
    path(
        "<slug:edition>/interest/<str:reference>/leave/",
        student_link_views.sign_out,
        name="leave",
    ),
]
