"""The student's own page, behind the private link."""

from django.http import HttpResponse


def mine(request, edition, **kwargs):
    return HttpResponse("")


sent = link = new_link = change = address = withdraw = confirm = decline = data = erase = mine
