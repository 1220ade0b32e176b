"""Pages of the admin for many people at once: a pasted list, photos."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from apps.core.admin import render_desk_page
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.exceptions import ChangedMeanwhile
from apps.core.forms import error_links
from apps.core.images import small_jpeg
from apps.core.text import count_of
from apps.editions.models import Edition
from apps.people import services
from apps.people.forms import AssignPhotosForm, PastedChoicesForm, PasteForm, PhotosForm
from apps.people.models import Group, Person, UploadedPhoto
from apps.people.pasted_lists import PastedList, match_people, token_of
from apps.people.photo_matching import MOST_PHOTOS, MOST_WAITING, people_of, photo_token

_PASTE_PERMISSIONS = ("people.change_group", "people.add_person", "people.add_membership")
_CHANGED = "Nothing was added: people were changed since you saw this list. Check it again."


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


@require_GET_POST
def upload_photos(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload photos of people of an edition, then give each to a person."""
    if not request.user.has_perm("people.change_person"):
        raise PermissionDenied
    edition = get_object_or_404(Edition, pk=pk)
    is_assigning = "assign" in request.POST
    is_upload = request.method == "POST" and not is_assigning
    form = PhotosForm(request.POST, request.FILES) if is_upload else PhotosForm()
    if is_upload and form.is_valid() and _has_room(form, edition):
        _keep_photos(request, edition, form)
        return redirect("admin:people_person_photos", pk)
    people, photos = list(people_of(edition)), list(edition.uploaded_photos.all())
    data = request.POST if is_assigning else None
    assigning = AssignPhotosForm(data, photos=photos, people=people)
    if is_assigning and assigning.is_valid() and _assign_photos(request, edition, assigning):
        return redirect("admin:people_person_photos", pk)
    context = {
        "opts": Person._meta,
        "edition": edition,
        "title": "Upload photos",
        "form": form,
        "assigning": assigning,
        "token": photo_token(people, photos),
        "most": MOST_PHOTOS,
        "links": [*error_links(form), *error_links(assigning)],
    }
    return render_desk_page(request, "admin/people/person/photos.html", context)


def _has_room(form: PhotosForm, edition: Edition) -> bool:
    if edition.uploaded_photos.count() + len(form.cleaned_data["photos"]) <= MOST_WAITING:
        return True
    form.add_error("photos", "Too many photos wait for their person. Save or delete those first.")
    return False


def _keep_photos(request: HttpRequest, edition: Edition, form: PhotosForm) -> None:
    """Store the uploaded photos, and name those that are refused."""
    kept, refused = services.keep_photos(
        edition=edition, uploads=form.cleaned_data["photos"], by=request.user
    )
    if kept:
        messages.success(request, f"{count_of(len(kept), 'photo')} uploaded.")
    for name, reason in refused:
        messages.error(request, f"{name}: {reason}")


def _assign_photos(request: HttpRequest, edition: Edition, form: AssignPhotosForm) -> bool:
    """Give the photos to people as chosen; False if the page has to be shown again."""
    try:
        changed, deleted = services.assign_photos(
            edition=edition, choices=form.chosen, token=request.POST.get("token", "")
        )
    except ChangedMeanwhile:
        # The page is shown again with the choices, and with the photos as they are now.
        messages.error(
            request,
            "Nothing was saved: people or photos were changed since you saw this page. "
            "Check the photos, then save again.",
        )
        return False
    if changed:
        names = ", ".join(str(person) for person in changed)
        messages.success(request, f"{count_of(len(changed), 'photo')} saved: {names}.")
    if deleted:
        messages.success(request, f"{count_of(deleted, 'photo')} deleted.")
    return True


@require_safe
def uploaded_photo(request: HttpRequest, pk: int, photo_pk: int) -> HttpResponse:
    """A small copy of a photo that waits for its person."""
    if not request.user.has_perm("people.change_person"):
        raise PermissionDenied
    photo = get_object_or_404(UploadedPhoto, pk=photo_pk, edition=pk)
    try:
        with photo.file.open() as file:
            return HttpResponse(small_jpeg(file, 320), content_type="image/jpeg")
    except OSError:  # given to a person a moment ago
        raise Http404 from None
