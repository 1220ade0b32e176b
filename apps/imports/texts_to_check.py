"""Texts of a new edition that still name facts of the one that it was made from, and their page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.text import capfirst

from apps.accounts.models import User
from apps.core.admin import log_action, render_desk_page
from apps.core.decorators import require_GET_POST
from apps.core.tokens import version_token
from apps.editions.admin import EditionAdmin
from apps.editions.models import Call, Edition
from apps.imports.cloning import COPIED_MODELS, source_of
from apps.imports.models import ConfirmedText
from apps.imports.old_facts import OldFacts, Sentence
from apps.mail.models import LetterText
from apps.mail.texts import text_kinds
from apps.pages.models import SectionLink
from apps.people.models import Membership, PersonProfile

_MOST_SENTENCES = 3  # shown of one text


class TextToCheck(NamedTuple):
    """A text that names old facts, with the first sentences that do and the page to change it."""

    name: str
    url: str
    sentences: list[Sentence]
    more: int  # further sentences
    digest: str  # of its place and words
    is_confirmed: bool  # marked as right


def texts_to_check(
    edition: Edition, source: Edition, user: User | AnonymousUser
) -> list[TextToCheck]:
    """The texts of an edition made from `source` that name old facts, also those marked as right.

    Only those that `user` may change.
    """
    facts = OldFacts(source, edition)
    confirmed = set(ConfirmedText.objects.filter(edition=edition).values_list("digest", flat=True))
    texts = []
    for row, column in _texts_of(edition, user):
        text = getattr(row, column.name)
        if sentences := list(facts.find(text)):
            digest = version_token(row._meta.label, row.pk, column.name, text)
            texts.append(
                TextToCheck(
                    _name_of(row, column),
                    _url_of(row, column, edition),
                    sentences[:_MOST_SENTENCES],
                    len(sentences[_MOST_SENTENCES:]),
                    digest,
                    digest in confirmed,
                )
            )
    return texts


def _texts_of(edition: Edition, user: User | AnonymousUser) -> Iterator[tuple[Any, models.Field]]:
    """Yield rows with their columns of words. Those about people say nothing about an edition."""
    lookups: dict[Any, str] = {Edition: "pk", **COPIED_MODELS}
    for model, lookup in lookups.items():
        columns = [column for column in model._meta.concrete_fields if _has_words(column)]
        meta = model._meta
        if (
            columns
            and model not in {Membership, PersonProfile}
            and user.has_perm(f"{meta.app_label}.change_{meta.model_name}")
        ):
            rows = model._default_manager.filter(**{lookup: edition.pk})
            if lookup != "pk":
                rows = rows.select_related(lookup)
            for row in rows:
                yield from ((row, column) for column in columns)


def _has_words(column: models.Field) -> bool:
    kinds = (models.CharField, models.TextField, models.URLField, models.EmailField)
    return type(column) in kinds and column.editable and not column.choices


def _name_of(row: Any, column: models.Field) -> str:
    """Such as “Section “Introduction”: text”."""
    name = f"{capfirst(row._meta.verbose_name)} “{row}”"
    if isinstance(row, (Edition, Call)):
        name = str(capfirst(row._meta.verbose_name))
    elif isinstance(row, LetterText):
        labels = {kind.kind: kind.label for kind in text_kinds()}
        name = f"Email text “{labels.get(row.kind, row.kind)}”"
    return f"{name}: {column.verbose_name}"


def _url_of(row: Any, column: models.Field, edition: Edition) -> str:
    """The page of the desk where a text is changed."""
    if isinstance(row, LetterText):
        return reverse("selection:text", args=[edition.pk, row.kind])
    if isinstance(row, SectionLink):
        return reverse("admin:pages_section_change", args=[row.section_id])
    if admin.site.is_registered(type(row)):
        page = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        return f"{reverse(page, args=[row.pk])}#id_{column.name}"
    return EditionAdmin.tab_of(type(row)).url(edition.pk)


@permission_required("editions.change_edition", raise_exception=True)
@require_GET_POST
def check_texts(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List the texts to check; a POST marks one as right, or no longer with `undo`.

    The text is named by its hash, so that a text that changed since the page was shown is not
    marked.
    """
    edition = get_object_or_404(Edition, pk=pk)
    source = source_of(edition)
    texts = texts_to_check(edition, source, request.user) if source else []
    if request.method == "POST":
        digest = request.POST.get("digest", "")
        text = next((each for each in texts if each.digest == digest), None)
        if text is None:
            messages.error(request, "This text has changed meanwhile. Check it again.")
        elif "undo" in request.POST:
            ConfirmedText.objects.filter(edition=edition, digest=digest).delete()
        else:
            _, is_new = ConfirmedText.objects.get_or_create(edition=edition, digest=digest)
            if is_new:
                what = f"Marked as right: {text.name}"
                log_action(cast(User, request.user), CHANGE, str(edition), what, model=Edition)
            messages.success(request, f"Marked as right: {text.name}.")
        return redirect("imports:texts", pk)
    context = {
        "title": f"Texts to check: {edition}",
        "edition": edition,
        "source": source,
        "texts": [text for text in texts if not text.is_confirmed],
        "confirmed": [text for text in texts if text.is_confirmed],
    }
    return render_desk_page(request, "imports/texts_to_check.html", context)
