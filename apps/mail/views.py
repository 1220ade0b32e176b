"""Form and preview of letter texts, and the pages of draft letters, for the apps that write letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import nh3
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.core.admin import render_desk_page
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.forms import sent_data
from apps.core.text import count_of
from apps.core.views import refuse_with_text
from apps.editions.models import Edition
from apps.mail.drafts import (
    DRAFT_GONE,
    TEXT_CHANGED,
    DraftStatus,
    LetterDraft,
    ReleaseReport,
    discard_draft,
    edit_draft,
    hold,
)
from apps.mail.models import Letter
from apps.mail.smtp import CALENDAR_NAME
from apps.mail.texts import SUBJECT_LENGTH, check, check_subject, kind_of

_BODY_LENGTH = 20_000
# Tags to read a letter by: no address to follow, no picture, no style.
_TAGS = {*("p", "br", "h1", "h2", "h3", "ul", "ol", "li", "dl", "dt", "dd", "strong", "em", "a")}

_DRAFTS_PER_PAGE = 50
_NAMED = 10  # refusals named after a release; the list shows all of them
# Label and condition of each filter of the list.
_FILTERS: dict[str, tuple[str, Callable[[LetterDraft], bool]]] = {
    "all": ("All", lambda draft: True),
    "ready": ("Ready", lambda draft: draft.is_ready),
    "held": ("Held back", lambda draft: draft.is_held),
    "undrafted": ("To be drafted", lambda draft: draft.status != DraftStatus.READY),
}
# The result of each step, in words.
_STEPS = {"hold": "held back", "let-go": "no longer held back", "discard": "discarded"}
_NO_MAIL = "No mail server is configured. The emails wait until there is one."


class TextForm(forms.Form):
    """Subject and body with placeholders; unknown placeholders are refused."""

    subject = forms.CharField(
        label="Subject",
        max_length=SUBJECT_LENGTH,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        error_messages={
            "required": "Write a subject.",
            "max_length": f"A subject has at most {SUBJECT_LENGTH} characters.",
        },
    )
    body = forms.CharField(
        label="Email",
        max_length=_BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="Plain text. An empty line begins a paragraph; an address that begins with "
        "https:// becomes a link. How to ask questions, and the name and address of the "
        "workshop, are added below.",
        error_messages={
            "required": "Write the email.",
            "max_length": f"An email has at most {_BODY_LENGTH} characters.",
        },
    )

    def __init__(self, *args, placeholders: Mapping[str, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.placeholders = placeholders

    def clean_subject(self) -> str:
        subject = " ".join(self.cleaned_data["subject"].split())
        _refuse(check_subject(subject, self.placeholders))
        return subject

    def clean_body(self) -> str:
        body = "\n".join(self.cleaned_data["body"].splitlines())
        _refuse(check(body, self.placeholders))
        return body

    def add_conflict(self, *, subject: str, body: str) -> None:
        """Refuse a valid form, and show what someone else stored while the page was open."""
        self.add_error(None, TEXT_CHANGED)
        for name, stored in (("subject", subject), ("body", body)):
            if self.cleaned_data[name] != stored:
                reads = '{} now reads: <q class="stored-value" dir="auto">{}</q>'
                self.add_error(None, format_html(reads, self.fields[name].label, stored))


def _refuse(faults: list[str]) -> None:
    if faults:
        raise ValidationError([ValidationError(fault) for fault in faults])


class DraftPages:
    """Pages of one kind of draft letter: list, draft, read, edit, hold, discard and release.

    Each kind has a subclass, and `urls` among the URLs of its app. The templates extend those in
    templates/mail/.
    """

    permission = "mail.change_letter"  # chairs
    title = "Emails"
    noun = "email"  # what is released
    # Of the list; those of the other pages are this and "-draft", "-release", "-letter", "-step".
    url_name: str
    list_template = "mail/drafts.html"
    release_template = "mail/release_drafts.html"
    # Included in the list and on the page of one letter: what the letter is about.
    about_template: str

    def get_drafts(self, edition: Edition) -> Sequence[Any]:
        """All drafts (LetterDraft), written or not, in order, with `status`."""
        raise NotImplementedError

    def draft(self, edition: Edition) -> int:
        """Write the letters that are missing or outdated; return how many."""
        raise NotImplementedError

    def release(self, edition: Edition, *, seen: Sequence[str], by: User) -> ReleaseReport:
        """Release the drafts that were read; see `release_drafts`."""
        raise NotImplementedError

    def describe_release(self, edition: Edition, report: ReleaseReport) -> list[str]:
        """Sentences that say what a release did besides queueing letters, and what comes next."""
        return []

    def get_context(self, edition: Edition, drafts: Sequence[Any]) -> dict[str, Any]:
        """Further context of the list, and of the page before a release."""
        return {}

    def urls(self, route: str) -> list[URLPattern]:
        """URLs below `route`, which contains the key of the edition as <int:pk>."""
        name = self.url_name.rpartition(":")[2]
        letter = f"{route}<int:draft_pk>/"
        pages: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            (route, require_safe(self.list_view), name),
            (f"{route}draft/", require_POST(self.draft_view), f"{name}-draft"),
            (f"{route}now/", require_GET_POST(self.release_view), f"{name}-release"),
            (letter, require_GET_POST(self.letter_view), f"{name}-letter"),
            (f"{letter}<str:step>/", require_POST(self.step_view), f"{name}-step"),
        ]
        return [path(route, admin.site.admin_view(view), name=name) for route, view, name in pages]

    def list_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Numbers, and the letters one by one."""
        _, edition = self._enter(request, pk)
        drafts = self.get_drafts(edition)
        show = request.GET.get("show", "all")
        if show not in _FILTERS:
            raise Http404
        page = Paginator(
            [draft for draft in drafts if _FILTERS[show][1](draft)], _DRAFTS_PER_PAGE
        ).get_page(request.GET.get("page"))
        letters_to = Counter(draft.get_recipient().email.casefold() for draft in drafts)
        counts = _count_by_filter(drafts)
        context = {
            "counts": counts,
            "filters": [(key, label, counts[key]) for key, (label, _) in _FILTERS.items()],
            "show": show,
            "page": page,
            "rows": [
                (draft, recipient, letters_to[recipient.email.casefold()])
                for draft in page
                for recipient in [draft.get_recipient()]
            ],
            **self.get_context(edition, drafts),
        }
        return self._render(request, edition, self.list_template, self.title, context)

    def draft_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Draft the letters that are missing or outdated. Nothing is sent."""
        _, edition = self._enter(request, pk)
        if count := self.draft(edition):
            messages.success(request, f"{count_of(count, 'email')} drafted. Nothing was sent.")
        else:
            messages.info(request, "There is no email to draft.")
        return redirect(self.url_name, pk)

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask before a release; a POST releases the drafts that the page named."""
        user, edition = self._enter(request, pk)
        if request.method == "POST":
            seen = request.POST.get("seen", "").split()
            report = self.release(edition, seen=seen, by=user)
            self._show_report(request, edition, report)
            return redirect(self.url_name, pk)
        drafts = self.get_drafts(edition)
        ready = [draft for draft in drafts if draft.is_ready]
        if not ready:
            messages.info(request, "No email is ready to be released.")
            return redirect(self.url_name, pk)
        context = {
            "counts": _count_by_filter(drafts),
            "seen": " ".join(draft.draft_key for draft in ready),
            **self.get_context(edition, ready),
        }
        title = f"Release {count_of(len(ready), self.noun)}"
        return self._render(request, edition, self.release_template, title, context)

    @gives_back("subject", "body")
    def letter_view(self, request: HttpRequest, pk: int, draft_pk: int) -> HttpResponseBase:
        """One draft as it will be read, with a form for its text.

        "preview" in the POST data shows the letter with the text that was sent, "test" sends it to
        the user; both save nothing.
        """
        user, edition = self._enter(request, pk)
        drafts = [draft for draft in self.get_drafts(edition) if draft.is_drafted]
        keys = [draft.pk for draft in drafts]
        if draft_pk not in keys:
            return self._say_gone(request, pk)
        place = keys.index(draft_pk)
        draft: LetterDraft = drafts[place]
        placeholders = kind_of(draft.get_letter_kind()).placeholders
        data = sent_data(request)
        initial = {"subject": draft.draft_subject, "body": draft.draft_body}
        form = TextForm(data, initial=initial, placeholders=placeholders)
        token = draft.version_token if data is None else data.get("version_token", "")
        if form.is_valid() and "test" in form.data:
            draft.queue_test(to=user, **form.cleaned_data)
            messages.success(request, describe_test(user))
        elif form.is_valid() and "preview" not in form.data:
            try:
                edit_draft(draft=draft, token=token, **form.cleaned_data)
            except NotAllowed:
                return self._say_gone(request, pk)
            except ChangedMeanwhile:
                form.add_conflict(subject=draft.draft_subject, body=draft.draft_body)
                token = draft.version_token  # sent again, the form replaces what it now shows
            else:
                messages.success(request, "Saved. This email now has its own text.")
                return redirect(f"{self.url_name}-letter", pk, draft_pk)
        text = form.data if form.is_bound else initial
        letter = draft.build_letter(subject=text.get("subject", ""), body=text.get("body", ""))
        context = {
            "draft": draft,
            "form": form,
            "version_token": token,
            "placeholders": placeholders,
            "preview": letter_preview(letter),
            "earlier": keys[place - 1] if place else None,
            "later": next(iter(keys[place + 1 :]), None),
        }
        title = f"Email to {draft.get_recipient().name}"
        return self._render(request, edition, "mail/draft.html", title, context)

    def step_view(
        self, request: HttpRequest, pk: int, draft_pk: int, step: str
    ) -> HttpResponseBase:
        """Hold one draft back, end that, or discard its letter.

        A page asks before an email is discarded; its button sends "sure".
        """
        _, edition = self._enter(request, pk)
        if step not in _STEPS:
            raise Http404
        drafts = {draft.pk: draft for draft in self.get_drafts(edition)}
        if draft_pk not in drafts:
            return self._say_gone(request, pk)
        draft = drafts[draft_pk]
        name = draft.get_recipient().name
        if step == "discard" and draft.is_drafted and "sure" not in request.POST:
            context = {"draft": draft, "version_token": request.POST.get("version_token", "")}
            title = f"Discard the email to {name}?"
            return self._render(request, edition, "mail/discard_draft.html", title, context)
        try:
            if step == "discard":
                discard_draft(draft=draft, token=request.POST.get("version_token", ""))
            else:
                hold(draft=draft, is_held=step == "hold")
        except NotAllowed:
            return self._say_gone(request, pk)
        except ChangedMeanwhile:
            text = (
                f"Not discarded: the email to {name} was changed after you opened the page. Read "
                "it again."
            )
            messages.error(request, text)
            return redirect(f"{self.url_name}-letter", pk, draft_pk)
        messages.success(request, f"The email to {name} is {_STEPS[step]}.")
        if "letter" in request.POST and step != "discard":
            return redirect(f"{self.url_name}-letter", pk, draft_pk)
        return redirect(self.url_name, pk)

    def _enter(self, request: HttpRequest, pk: int) -> tuple[User, Edition]:
        """The user, if permitted, and the edition."""
        user = request.user
        if not isinstance(user, User) or not user.has_perm(self.permission):
            raise PermissionDenied
        return user, get_object_or_404(Edition, pk=pk)

    def _show_report(self, request: HttpRequest, edition: Edition, report: ReleaseReport) -> None:
        for line in report.refused[:_NAMED]:
            messages.warning(request, f"Not released: {line}")
        parts = [f"{count_of(report.released, self.noun)} released"]
        if report.held:
            parts.append(f"{report.held} held")
        if report.refused:
            parts.append(f"{len(report.refused)} left: changed since")
        if report.gone:
            parts.append(f"{report.gone} no longer there: released, discarded or taken back")
        sentences = [f"{'; '.join(parts)}."]
        if not report.released:
            messages.warning(request, sentences[0])
            return
        sentences += self.describe_release(edition, report)
        if settings.HAS_MAIL:
            sentences.append("The emails are queued and are being sent, one after the other.")
        text = " ".join(sentences)
        link = reverse("admin:mail_letter_changelist")
        messages.success(request, format_html('{} <a href="{}">See the emails</a>.', text, link))
        if not settings.HAS_MAIL:
            messages.warning(request, _NO_MAIL)

    def _say_gone(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        refuse_with_text(request, DRAFT_GONE)
        return redirect(self.url_name, pk)

    def _render(
        self,
        request: HttpRequest,
        edition: Edition,
        template: str,
        title: str,
        context: dict[str, Any],
    ) -> HttpResponseBase:
        names = {page: f"{self.url_name}-{page}" for page in ("draft", "release", "letter", "step")}
        shared = {
            "title": title,
            "edition": edition,
            "pages": self,
            "urls": {"list": self.url_name, **names},
            "has_mail": settings.HAS_MAIL,
        }
        return render_desk_page(request, template, shared | context)


def _count_by_filter(drafts: Sequence[LetterDraft]) -> dict[str, int]:
    return {key: sum(map(belongs, drafts)) for key, (_, belongs) in _FILTERS.items()}


def describe_test(user: User) -> str:
    """What became of a test email to `user`."""
    if not settings.HAS_MAIL:
        return (
            "No mail server is configured: the test email waits under Emails, as all emails do. Its "
            "text is the one on this page."
        )
    return (
        f"A test email to {user.email} is on its way. No one else gets it, and it has no working "
        "private link."
    )


def letter_preview(letter: Letter) -> dict[str, Any]:
    """Return the context of mail/_letter_preview.html."""
    return {
        "to": f"{letter.to_name} <{letter.to_email}>",
        "subject": letter.subject,
        "text": letter.body_text,
        "page": safe_letter_html(letter.body_html),
        "attachment": CALENDAR_NAME if letter.calendar else "",
    }


def safe_letter_html(html: str) -> SafeString:
    """The HTML of a letter for a page of the admin, without links, pictures and styles."""
    dropped = {"script", "style", "title"}
    page = nh3.clean(html, tags=_TAGS, attributes={}, clean_content_tags=dropped)
    return mark_safe(page)  # noqa: S308  (nh3 has cleaned it)  # nosec
