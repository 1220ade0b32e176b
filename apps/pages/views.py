"""The public site, composed out of everything below."""

from django.http import HttpResponse


def _todo(request, **kwargs):
    return HttpResponse("")


current_home = site_page = edition_home = people = topics = _todo
code_of_conduct = share_card = page_detail = _todo
