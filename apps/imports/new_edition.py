"""The form for a new edition: name, year, address, and what it takes along from another one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from apps.core.admin import render_desk_page
from apps.core.decorators import require_GET_POST
from apps.core.text import one_line, read_number
from apps.editions.models import Edition
from apps.imports.cloning import Part, clone_edition, draft_made_from, free_slug, next_edition


class NewEditionForm(forms.ModelForm):
    """Facts of a new edition, and the parts of `source` that it gets."""

    source: Any = forms.ModelChoiceField(
        Edition.objects.all(),
        required=False,
        empty_label="No edition: start empty",
        label="Take along from",
    )
    parts = forms.MultipleChoiceField(
        choices=Part.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="What to take along",
        help_text="Contact address, code of conduct, logo, time zone, pictures, files and storage "
        "periods come with them. Dates, place and programme never do.",
    )

    class Meta:
        model = Edition
        fields = ["title", "year", "slug"]
        labels = {"title": "Name of the workshop"}
        help_texts = {
            "title": "The main heading of the home page.",
            "year": "Editions are listed by year, the latest first.",
            "slug": "The first part of its addresses, usually the year: /2027/.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not Edition.objects.exists():
            del self.fields["source"], self.fields["parts"]


@permission_required("editions.add_edition", raise_exception=True)
@require_GET_POST
def new_edition(request: HttpRequest) -> HttpResponseBase:
    """Ask for the facts and parts of a new edition and make its draft.

    A form that is sent twice leads to the draft of the first time.
    """
    source = _source(request)
    if request.method == "POST":
        # The form would refuse the address of that draft, so this looks first at what was sent.
        slug = one_line(request.POST.get("slug", "")) or "-"
        if source and (draft := draft_made_from(source, slug=slug)):
            messages.info(request, f"{draft} was made before. This is its draft.")
            return redirect("admin:edition-overview", draft.pk)
        form = NewEditionForm(request.POST)
        if form.is_valid() and (edition := _create(form, request.user)):
            messages.success(request, f"{edition} is a draft. Only organisers see it.")
            return redirect("admin:edition-overview", edition.pk)
    else:
        form = NewEditionForm(initial=_initial(source))
    context = {"title": "New edition", "form": form}
    status = 422 if form.errors else 200
    return render_desk_page(request, "imports/new_edition.html", context, status=status)


def _create(form: NewEditionForm, by: Any) -> Edition | None:
    """The draft; None, with an error in the form, if its address was given away meanwhile."""
    facts = form.cleaned_data
    try:
        with transaction.atomic():
            if source := facts.get("source"):
                return clone_edition(
                    source=source,
                    by=by,
                    title=facts["title"],
                    year=facts["year"],
                    slug=facts["slug"],
                    parts=facts["parts"],
                )
            return form.save()
    except IntegrityError:
        form.add_error("slug", "Another edition has this address. Enter another one.")
        return None


def _source(request: HttpRequest) -> Edition | None:
    """The edition that was chosen or linked; at first the latest."""
    sent = request.POST if request.method == "POST" else request.GET
    key = read_number(sent.get("source", ""))
    chosen = Edition.objects.filter(pk=key).first() if key else None
    return chosen or (None if request.method == "POST" else Edition.objects.first())


def _initial(source: Edition | None) -> dict[str, Any]:
    if source is None:
        year = timezone.localdate().year
        return {"year": year, "slug": free_slug(year)}
    # Not a year that is over: the latest edition may be old.
    edition = next_edition(source, year=max(source.year + 1, timezone.localdate().year))
    return {
        "title": edition.title,
        "year": edition.year,
        "slug": edition.slug,
        "source": source,
        "parts": Part.values,
    }
