"""Addresses below /admin/selection/."""

from django.contrib import admin
from django.urls import URLPattern, path

from apps.selection import board_views, letter_views, offer_views


def _at(route: str, view, name: str) -> URLPattern:
    return path(route, admin.site.admin_view(view), name=name)


app_name = "selection"
urlpatterns = [
    _at("board/<int:pk>/", board_views.board_view, "board"),
    _at("board/<int:pk>/decide/", board_views.decide_view, "board-decide"),
    _at("board/<int:pk>/bulk/", board_views.bulk_view, "board-bulk"),
    _at("board/<int:pk>/bulk/decide/", board_views.bulk_decide_view, "board-bulk-decide"),
    _at("expressions/<int:pk>/offer/", offer_views.offer_view, "offer"),
    *letter_views.DecisionPages().urls("release/<int:pk>/"),
    _at("texts/<int:pk>/", letter_views.texts_view, "texts"),
    _at("texts/<int:pk>/<path:kind>/", letter_views.text_view, "text"),
    _at("waiting-list/<int:pk>/", offer_views.waiting_list_view, "waiting-list"),
    _at("lapse/<int:pk>/", offer_views.lapse_view, "lapse"),
    _at("sent/<int:pk>/", letter_views.sent_view, "sent"),
    _at("write/", letter_views.write_view, "write"),
]
