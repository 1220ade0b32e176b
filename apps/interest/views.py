"""The call and its form."""

from django.http import HttpResponse


def call(request, edition, **kwargs):
    return HttpResponse("")


let_in = call
