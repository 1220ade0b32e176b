"""Pages of chairs about personal data: storage periods, and everything about one address."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, DELETION
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect

from apps.accounts.models import User
from apps.core.admin import log_action, render_desk_page
from apps.core.decorators import private_page, require_GET_POST
from apps.core.exceptions import NotAllowed
from apps.core.forms import MailboxField
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.interest.permissions import require_chair
from apps.privacy.erasures import erase_address, plan
from apps.privacy.figures import figures_of
from apps.privacy.models import DataClass, Erasure, RetentionPeriods, RetentionRun
from apps.privacy.person import ALWAYS_SAID, as_nodes, collect, log_name
from apps.privacy.retention import list_data

_MOST_RUNS = 20

_chairs_only = permission_required("interest.decide_expression", raise_exception=True)


class RetentionPeriodsForm(forms.ModelForm):
    """Days per class of data."""

    class Meta:
        model = RetentionPeriods
        fields = [f"{data_class}_days" for data_class in DataClass]


@require_GET_POST
@private_page
def edition_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Storage periods of an edition, what is stored, due and erased, and its figures."""
    by = require_chair(request)
    edition = get_object_or_404(Edition.objects.select_related("call"), pk=pk)
    periods = RetentionPeriods.of(edition)
    form = RetentionPeriodsForm(request.POST or None, instance=periods)
    if request.method == "POST" and form.is_valid():
        if form.has_changed():
            form.save()
            log_action(by, CHANGE, str(edition), "Storage periods changed.", model=Edition)
        messages.success(request, "The storage periods are saved. The privacy page shows them.")
        return redirect("privacy:edition", pk)
    context = {
        "title": f"Privacy: {edition}",
        "edition": edition,
        "form": form,
        "data": list_data(edition),
        "counts_from": periods.counts_from,
        "runs": RetentionRun.objects.filter(edition=edition, erased__gt=0)[:_MOST_RUNS],
        "figures": figures_of(edition),
    }
    status = 422 if form.errors else 200
    return render_desk_page(request, "privacy/edition.html", context, status=status)


class AddressForm(forms.Form):
    """An address, and the reason why a chair reads what is stored about it."""

    email = MailboxField(label="Email address", max_length=254)
    reason = forms.CharField(
        max_length=200,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text="The admin's log keeps it with your name, and not the address. For example: "
        "request by email of 3 May. Do not write a name here.",
    )


@require_GET_POST
@_chairs_only
@reauthentication_required
@private_page
def person_view(request: HttpRequest) -> HttpResponseBase:
    """Everything about an address, its download, and its erasure, after the password was confirmed.

    The address is always sent by POST, so that no log and no history of a browser has it.
    """
    by = require_chair(request)
    form = AddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {"title": "Everything about an address", "form": form}
        status = 422 if form.errors else 200
        return render_desk_page(request, "privacy/address.html", context, status=status)
    address, reason = form.cleaned_data["email"], form.cleaned_data["reason"]
    show = _STEPS.get(request.POST.get("step", ""), _show)
    return show(request, by, address, reason)


def _show(request: HttpRequest, by: User, address: str, reason: str) -> HttpResponseBase:
    _log(by, CHANGE, address, f"Read: {reason}")
    data = collect(address)
    context = {
        "title": "Everything about an address",
        "address": address,
        "reason": reason,
        "parts": [as_nodes(value, name) for name, value in data.items() if name != "address"],
        "is_known": bool(data.keys() - ALWAYS_SAID),
    }
    return render_desk_page(request, "privacy/person.html", context)


def _download(request: HttpRequest, by: User, address: str, reason: str) -> HttpResponseBase:
    _log(by, CHANGE, address, f"Downloaded: {reason}")
    return JsonResponse(
        collect(address),
        json_dumps_params={"indent": 2, "ensure_ascii": False},
        headers={"Content-Disposition": 'attachment; filename="personal-data.json"'},
    )


def _erase(request: HttpRequest, by: User, address: str, reason: str) -> HttpResponseBase:
    """The dry run; erases once its page is confirmed, unless something changed meanwhile."""
    planned = plan(address)
    token = version_token(planned.goes, planned.stays)
    if request.POST.get("token") == token and planned.goes:
        try:
            erase_address(address=address, by=by)
        except NotAllowed as refusal:
            messages.error(request, f"Nothing was erased. {refusal}")
        else:
            _log(by, DELETION, address, f"Erased: {reason}")
            messages.success(request, "The personal data is erased.")
        return redirect("privacy:person")
    if request.POST.get("token"):
        messages.warning(request, "Something changed meanwhile, so nothing was erased. Read again.")
    context = {
        "title": "Erase everything private about an address",
        "address": address,
        "reason": reason,
        "plan": planned,
        "token": token,
    }
    return render_desk_page(request, "privacy/erase.html", context)


_STEPS = {"download": _download, "erase": _erase}


def _log(by: User, flag: int, address: str, what: str) -> None:
    log_action(by, flag, log_name(address), what, model=Erasure)
