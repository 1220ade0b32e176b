"""Addresses below /admin/review/."""

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpResponseBase
from django.urls import URLPattern, path

from apps.review import assignment_views, committee_views, discussion_views, views

app_name = "review"


def _at(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    return path(route, admin.site.admin_view(view), name=name)


urlpatterns = [
    _at("queue/", views.queues_view, "queues"),
    _at("queue/<int:pk>/", views.queue_view, "queue"),
    _at("queue/<int:pk>/mine/", views.own_reviews_view, "own-reviews"),
    _at("<int:pk>/", views.review_view, "review"),
    _at("<int:pk>/comments/", discussion_views.add_comment_view, "add-comment"),
    _at(
        "<int:pk>/comments/<int:comment_pk>/",
        discussion_views.delete_comment_view,
        "delete-comment",
    ),
    _at("assign/<int:pk>/", assignment_views.assign_view, "assign"),
    _at(
        "expressions/<int:pk>/reviewers/",
        assignment_views.expression_reviewers_view,
        "expression-reviewers",
    ),
    _at("progress/<int:pk>/", committee_views.progress_view, "progress"),
    _at("progress/<int:pk>/uninvite/", committee_views.uninvite_view, "uninvite"),
    _at("invite/<int:pk>/", committee_views.invite_view, "invite"),
    *committee_views.ReminderPages().urls("reminders/<int:pk>/"),
    _at("reviewers/<int:pk>/", assignment_views.reviewer_view, "reviewer"),
]
