"""What the desk asks of the archive."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from apps.editions.models import Edition
from apps.imports import cloning


@require_POST
@login_required
@permission_required("editions.add_edition", raise_exception=True)
def clone_edition(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes next year's draft out of an edition, or leads to the one made before."""
    if not request.user.is_staff:
        raise PermissionDenied
    source = get_object_or_404(Edition, pk=pk)
    earlier = cloning.draft_made_from(source)
    draft = cloning.clone_edition(source=source, by=request.user)
    if draft == earlier:
        messages.info(request, f"There is a draft made from {source} already. This is it.")
    else:
        has_call = hasattr(draft, "call")
        brought = "sections, pages and call" if has_call else "sections and pages"
        to_set = "dates, those of its call too," if has_call else "dates,"
        messages.success(
            request,
            f"This is the draft of {draft.year}, with the people, topics, {brought} of {source}. "
            f"Its {to_set} deadlines and place are still to be set.",
        )
    return redirect("admin:editions_edition_change", draft.pk)
