"""Views of private links: open a link, ask for a new one, and the decorator for what it leads to.

Students and speakers configure one `PrivateLinkViews` each. Its templates extend those of
templates/private_links/ and fill in their texts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.addresses import suggest_address
from apps.core.decorators import gives_back, private_page, require_GET_POST
from apps.core.forms import AddressField
from apps.core.rate_limit import WINDOW, Limit, count, network_of
from apps.core.views import sent_text
from apps.editions.models import Edition
from apps.private_links.models import LinkRequest, PrivateLink

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# New links per window, for one network (several people may share it) and for one email address
# over all editions.
REQUESTS_PER_NETWORK, REQUESTS_PER_ADDRESS = 30, 3


class EmailForm(forms.Form):
    """The email address of a person without an account."""

    email = AddressField(label=_("Email address"), missing=_("Enter your email address"))


def get_visible_edition(request: HttpRequest, slug: str) -> Edition:
    """Return the edition; 404 if it does not exist or the user may not see it."""
    return get_object_or_404(Edition.objects.visible_to(request.user), slug=slug)


@dataclass(frozen=True)
class PrivateLinkViews:
    """The views of one kind of private link, and the access rule for its owner's pages."""

    link_model: type[PrivateLink]
    owner_field: str  # the link's foreign key to its owner, which has an edition and an email
    lookup_field: str  # the owner's field in the URLs of its pages
    get_owners: Callable[[], QuerySet[Any]]
    base_template: str
    template_folder: str
    url_prefix: str  # of the names of the URLs "new-link" and "new-link-sent"
    signed_out_message: StrOrPromise

    @property
    def new_link_url(self) -> str:
        """Name of the URL of `new_link`."""
        return f"{self.url_prefix}new-link"

    @method_decorator([require_GET_POST, private_page])
    def open(self, request: HttpRequest, edition: str, token: str) -> HttpResponse:
        """GET shows a button; its POST exchanges the token for a cookie and redirects to the page.

        404 for an unknown token or one of another edition, 410 for an expired or revoked link.
        """
        visible_edition = get_visible_edition(request, edition)
        link = (
            self.link_model.objects.for_token(token)
            .filter(**{f"{self.owner_field}__edition": visible_edition})
            .select_related(f"{self.owner_field}__edition")
            .first()
        )
        if link is None or not link.is_open:
            status = HTTPStatus.GONE if link else HTTPStatus.NOT_FOUND
            return self._render(request, "link_refused", visible_edition, status, ended=link)
        if request.method != "POST":
            return self._render(request, "link", visible_edition)
        response = redirect(getattr(link, self.owner_field))
        link.remember(request, response)
        return response

    @gives_back("email")
    @method_decorator([require_GET_POST, private_page])
    def new_link(self, request: HttpRequest, edition: str) -> HttpResponse:
        """Take a request for a new link (apps.private_links.requests).

        Response and work are the same for known and unknown addresses.
        """
        visible_edition = get_visible_edition(request, edition)
        form = EmailForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._render(request, "new_link", visible_edition, form=form)
        email = form.cleaned_data["email"]
        address = hashlib.sha256(email.casefold().encode()).hexdigest()
        limits = [
            Limit(f"{self.new_link_url}:{network_of(request)}", REQUESTS_PER_NETWORK),
            Limit(f"{self.new_link_url}:{address}", REQUESTS_PER_ADDRESS),
        ]
        if not count(limits):
            message = gettext("Too many links were requested. Wait ten minutes, then try again.")
            form.add_error("email", message)
            status = HTTPStatus.TOO_MANY_REQUESTS
            response = self._render(request, "new_link", visible_edition, status, form=form)
            response["Retry-After"] = str(WINDOW)
            return response
        LinkRequest.objects.create(edition=visible_edition, page=self.new_link_url, email=email)
        if suggestion := suggest_address(email):
            hint = gettext("Check the email address %(email)s. Did you mean %(suggestion)s?")
            messages.warning(request, hint % {"email": email, "suggestion": suggestion})
        return redirect(f"{self.new_link_url}-sent", visible_edition.slug)

    @method_decorator([require_safe, private_page])
    def new_link_sent(self, request: HttpRequest, edition: str) -> HttpResponse:
        """Say that a letter is on its way if the address is known."""
        visible_edition = get_visible_edition(request, edition)
        return self._render(request, "new_link_sent", visible_edition, has_mail=settings.HAS_MAIL)

    def owner_required(
        self, view: Callable[..., HttpResponseBase]
    ) -> Callable[..., HttpResponseBase]:
        """Call `view` with the owner that the URL names if this browser holds an open link to it.

        All other visitors, signed-in organisers too, get the same 403 page whether the owner exists
        or not. It repeats the text they typed (`gives_back`), since a link may expire while
        a person fills in a form. If this browser was let in by a link that was ended since, or has
        expired, the page says so.
        """

        @wraps(view)
        @private_page
        def guarded_view(request: HttpRequest, edition: str, **lookup: Any) -> HttpResponseBase:
            visible_edition = get_visible_edition(request, edition)
            links = self.link_model.objects.filter(pk__in=self.link_model.remembered(request))
            key = lookup.pop(self.lookup_field)
            owner = (
                self.get_owners()
                .filter(
                    edition=visible_edition,
                    pk__in=links.open().values(self.owner_field),
                    **{self.lookup_field: key},
                )
                .first()
            )
            if owner is None:
                of_owner = {
                    f"{self.owner_field}__edition": visible_edition,
                    f"{self.owner_field}__{self.lookup_field}": key,
                }
                return self._render(
                    request,
                    "closed",
                    visible_edition,
                    HTTPStatus.FORBIDDEN,
                    typed=sent_text(request),
                    ended=links.filter(**of_owner).order_by("pk").last(),
                )
            return view(request, owner, **lookup)

        return guarded_view

    @method_decorator(require_POST)
    def sign_out(self, request: HttpRequest, **lookup: Any) -> HttpResponseBase:
        """Sign this browser out of all pages of this kind; the links in letters keep working."""

        @self.owner_required
        def forget(request: HttpRequest, owner: Any) -> HttpResponse:
            messages.success(request, self.signed_out_message)
            response = redirect(self.new_link_url, owner.edition.slug)
            self.link_model.forget(response)
            return response

        return forget(request, **lookup)

    def _render(
        self,
        request: HttpRequest,
        name: str,
        edition: Edition,
        status: HTTPStatus = HTTPStatus.OK,
        **context: Any,
    ) -> HttpResponse:
        context |= {"edition": edition, "link_views": self}
        return render(request, f"{self.template_folder}/{name}.html", context, status=status)
