"""Pages of the admin for many people at once: a pasted list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from apps.core.admin import render_desk_page
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.exceptions import ChangedMeanwhile
from apps.core.forms import error_links
from apps.people import services
from apps.people.forms import PastedChoicesForm, PasteForm
from apps.people.models import Group
from apps.people.pasted_lists import PastedList, match_people, token_of

_PASTE_PERMISSIONS = ("people.change_group", "people.add_person", "people.add_membership")


@gives_back("people")
@require_GET_POST
def paste_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a list of people, show who they are, and add them to the group.

    The buttons are named after the step: preview, save, or back to the text.
    """
    if not request.user.has_perms(_PASTE_PERMISSIONS):
        raise PermissionDenied
    group = get_object_or_404(Group.objects.select_related("edition"), pk=pk)
    form = PasteForm(request.POST) if request.method == "POST" else PasteForm()
    if "back" in request.POST or not form.is_bound or not form.is_valid():
        if "back" in request.POST:
            form = PasteForm(initial={"people": request.POST.get("people", "")})
        return _page(request, group, form, form=form)
    pasted: PastedList = form.cleaned_data["people"]
    matched = match_people(pasted.rows, group)
    token = token_of(matched)
    choices = PastedChoicesForm(request.POST if "save" in request.POST else None, matched=matched)
    if "save" in request.POST:
        if request.POST.get("token") != token:
            choices = PastedChoicesForm(matched=matched)
            messages.error(request, _CHANGED)
        elif choices.is_valid():
            try:
                added = services.add_pasted_people(
                    group=group, rows=pasted.rows, choices=choices.chosen, token=token
                )
            except ChangedMeanwhile:
                messages.error(request, _CHANGED)
                choices = PastedChoicesForm(matched=match_people(pasted.rows, group))
            else:
                messages.success(request, f"{_people(len(added))} added to {group}.")
                return redirect("admin:people_group_change", pk)
    return _page(
        request,
        group,
        choices,
        choices=choices,
        pasted=pasted,
        text=request.POST["people"],
        token=token_of(choices.matched),
    )


_CHANGED = "Nothing was added: people were changed since you saw this list. Check it again."


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _page(request: HttpRequest, group: Group, shown: Any, **context: Any) -> HttpResponse:
    context |= {
        "opts": Group._meta,
        "group": group,
        "edition": group.edition,
        "title": f"Add a list of people to {group}",
        "links": error_links(shown),
    }
    return render_desk_page(request, "admin/people/group/paste.html", context)
