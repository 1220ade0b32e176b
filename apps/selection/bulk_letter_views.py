"""The page that writes to all expressions of the filtered list, for chairs."""

from __future__ import annotations

import secrets

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.admin import render_desk_page
from apps.core.decorators import require_GET_POST
from apps.core.exceptions import ChangedMeanwhile
from apps.editions.models import Edition
from apps.interest.admin.changelist import name_listed_edition
from apps.interest.models import Expression
from apps.interest.permissions import require_chair
from apps.mail.views import TextForm, preview_of
from apps.selection.bulk_letters import (
    KIND,
    PLACEHOLDERS,
    Recipients,
    choose_recipients,
    names_one_expression,
    send_mailing,
)
from apps.selection.letters import build_text_letter

_LIST = "admin:interest_expression_changelist"
_MOST_SAMPLES = 50
_CHANGED = "Nothing was sent: meanwhile the list shows others than it did. Look at it again."


@require_GET_POST
def write_view(request: HttpRequest) -> HttpResponseBase:
    """Write the text beside its preview, confirm the number of letters, and send them."""
    by = require_chair(request)
    name_listed_edition(request)
    try:
        changelist = admin.site.get_model_admin(Expression).get_changelist_instance(request)
    except IncorrectLookupParameters:
        messages.error(request, "This filter does not exist: nobody was chosen.")
        return redirect(_LIST)
    back = f"{reverse(_LIST)}?{request.GET.urlencode()}"
    recipients = _recipients(changelist)
    if recipients is None or not recipients.expressions:
        nobody = "Nobody on this list can be written to."
        messages.error(request, "Choose one edition first." if recipients is None else nobody)
        return redirect(back)
    data = request.POST if request.method == "POST" else None
    form = TextForm(data, placeholders=PLACEHOLDERS)
    key = request.POST.get("key", "")[:64] or secrets.token_urlsafe(24)
    chosen = _describe_list(changelist)
    is_confirming = data is not None and form.is_valid() and bool({"look", "send"} & set(data))
    if is_confirming and "send" in request.POST:
        try:
            mailing, is_new = send_mailing(
                recipients=recipients,
                token=request.POST.get("stamp", ""),
                key=key,
                chosen=chosen,
                by=by,
                **form.cleaned_data,
            )
        except ChangedMeanwhile:
            messages.error(request, _CHANGED)
        else:
            count = mailing.letters.count()
            letters = "1 letter is" if count == 1 else f"{count} letters are"
            if is_new:
                messages.success(request, f"{letters} on the way.")
            else:
                text = f"This was sent already, by the first press: {letters} on record."
                messages.info(request, text)
            return redirect("admin:mail_mailing_change", mailing.pk)
    values = form.cleaned_data if is_confirming else form.data
    subject, body = values.get("subject", ""), values.get("body", "")
    number = len(recipients.expressions)
    by_key = {str(expression.pk): expression for expression in recipients.expressions}
    sample = by_key.get(request.POST.get("sample", ""), recipients.expressions[0])
    letter = build_text_letter(sample, kind=KIND, subject=subject, body=body)
    context = {
        "title": "Send the letters" if is_confirming else f"Write to these {number}",
        "edition": recipients.edition,
        "back": back,
        "chosen": chosen,
        "left_out": recipients.left_out,
        "stamp": recipients.token,
        "number": number,
        "letters": len(recipients.for_text(subject=subject, body=body)),
        "is_about_one": names_one_expression(subject, body),
        "key": key,
        "form": form,
        "placeholders": PLACEHOLDERS,
        "samples": recipients.expressions[:_MOST_SAMPLES],
        "sample": sample,
        "preview": preview_of(letter),
    }
    template = "selection/write_now.html" if is_confirming else "selection/write.html"
    return render_desk_page(request, template, context)


def _chosen_filters(changelist: ChangeList) -> list[admin.SimpleListFilter]:
    return [
        spec
        for spec in changelist.filter_specs
        if isinstance(spec, admin.SimpleListFilter) and spec.value() is not None
    ]


def _recipients(changelist: ChangeList) -> Recipients | None:
    """Recipients on all pages of the list; None unless it is that of one edition."""
    values = {spec.parameter_name: spec.value() for spec in _chosen_filters(changelist)}
    key = values.get("edition__id__exact") or ""
    edition = Edition.objects.filter(pk=key).first() if key.isdecimal() else None
    if edition is None:
        return None
    is_by_state = "state__exact" in values
    return choose_recipients(edition, changelist.queryset, is_by_state=is_by_state)


def _describe_list(changelist: ChangeList) -> str:
    """The filter in words: "Edition: Workshop (2030). State: accepted"."""
    parts = []
    for spec in _chosen_filters(changelist):
        labels = {str(value): label for value, label in spec.lookup_choices}
        parts.append(f"{str(spec.title).capitalize()}: {labels.get(spec.value() or '')}")
    if changelist.query:
        # An address that was searched for is not kept beyond its expression.
        parts.append(f"Search: {'[address]' if '@' in changelist.query else changelist.query}")
    return ". ".join(parts)
