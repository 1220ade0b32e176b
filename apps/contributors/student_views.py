"""What students do about the programme, behind their private link."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apps.contributors.student_panel import origin_of
from apps.contributors.student_slides import keep_slides, may_bring_slides
from apps.core.decorators import require_GET_POST
from apps.core.files import file_response
from apps.interest.models import Expression
from apps.interest.student_access import own_expression
from apps.programme.models import Contribution, validate_slides


class SlidesForm(forms.Form):
    """One PDF."""

    slides = forms.FileField(
        label="Your slides or poster",
        help_text="A PDF of at most 50 MB, without a password.",
        validators=[validate_slides],
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": "Choose a PDF",
            "empty": "The file is empty. Choose another one.",
            "missing": "Choose a PDF",
            "invalid": "Choose a PDF",
        },
    )


@require_GET_POST
@own_expression
def slides(request: HttpRequest, expression: Expression) -> HttpResponse:
    """Brings slides, replaces or removes them; what is refused is not kept."""
    if not may_bring_slides(expression):
        messages.warning(request, "There is nothing on the programme to bring slides for.")
        return redirect(expression)
    is_removal = "remove" in request.POST
    is_sent = request.method == "POST" and not is_removal
    form = SlidesForm(*((request.POST, request.FILES) if is_sent else ()))
    if is_removal or (is_sent and form.is_valid()):
        new = None if is_removal else form.cleaned_data["slides"]
        try:
            keep_slides(expression=expression, slides=new)
        except Contribution.DoesNotExist:  # taken off a moment ago
            messages.warning(request, "There is nothing on the programme to bring slides for.")
        else:
            words = "Your slides are removed." if is_removal else "Thank you. We have your slides."
            messages.success(request, words)
        return redirect(expression)
    origin = origin_of(expression)
    context = {
        "form": form,
        "expression": expression,
        "edition": expression.edition,
        "contribution": origin.contribution if origin else None,
    }
    return render(request, "contributors/student_slides.html", context)


@require_safe
@own_expression
def their_slides(request: HttpRequest, expression: Expression) -> HttpResponseBase:
    """The slides that we have of them, whoever else may see them."""
    origin = origin_of(expression)
    if origin is None or not origin.contribution.slides:
        raise Http404
    slides = origin.contribution.slides
    return file_response(request, slides, filename=f"{origin.contribution.slug}.pdf")
