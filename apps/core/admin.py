"""Base classes for the admin: content with Markdown and history, guarded URLs, accessible inlines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.forms import BaseInlineFormSet, Field, HiddenInput, ModelForm, Textarea, Widget
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin

from apps.core.concurrent_edits import ConcurrentEditsAdmin, add_conflicts, changed_by
from apps.core.decorators import gives_back, shows_unsent_form
from apps.core.deletion import GuardedDeletionAdmin
from apps.core.forms import AddressInput, MailboxField
from apps.core.markdown import markdown_columns
from apps.core.markdown_checks import check_markup
from apps.core.search import Fold

# Tells for a row and one of its Markdown texts what its author should change: lines and sentences.
TextCheck = Callable[[Any, str], Iterable[tuple[int, str]]]

# A sentence in HTML about a row that a user has changed.
Notice = Callable[[HttpRequest, Any], str]


def render_desk_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> TemplateResponse:
    """Render a page of our own in the admin's frame."""
    frame = admin.site.each_context(request)
    return TemplateResponse(request, template, {**frame, **context}, status=status)


class MarkdownWidget(Textarea):
    """A text area for Markdown with a preview button."""

    template_name = "core/widgets/markdown.html"

    class Media:
        js = ("core/markdown.js",)


# For `formfield_overrides`.
ADDRESS_CONTROL: Mapping[type[models.Field], Mapping[str, Any]] = {
    models.EmailField: {
        "form_class": MailboxField,
        "widget": AddressInput({"class": "vTextField"}),
    }
}


class MarkdownFieldsMixin:
    """An admin or inline whose `markdown_fields` have a preview.

    Error messages of days and times show the expected format.
    """

    markdown_fields: tuple[str, ...] = ()

    def formfield_for_dbfield(self, db_field: models.Field, request, **kwargs) -> Field | None:
        if db_field.name in self.markdown_fields:
            kwargs["widget"] = MarkdownWidget(attrs={"rows": 14, "class": "vLargeTextField"})
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        if isinstance(db_field, models.DateField):
            kwargs["error_messages"] = {"invalid": "Write the day like 31/12/2026."}
        if isinstance(db_field, models.TimeField):
            kwargs["error_messages"] = {"invalid": "Write the time like 23:59."}
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # mixin


# Each word of a search becomes a condition of its own.
_MAX_SEARCH_WORDS = 10
_MAX_SEARCH_LENGTH = 200


def _shorten_search(text: str) -> str:
    """The first ten words of `text`, within its first 200 characters."""
    return " ".join(text[:_MAX_SEARCH_LENGTH].split()[:_MAX_SEARCH_WORDS])


class AlphabeticalChangeList(ChangeList):
    """A list whose text columns are sorted by alphabet, capitals and accents aside.

    It tells the user when only a part of a long search was used.
    """

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        used = _shorten_search(self.query)
        if request.method == "GET" and used != " ".join(self.query.split()):
            text = (
                f"The search used only the beginning of the text, “{used}”. It takes "
                f"{_MAX_SEARCH_WORDS} words "
                f"and {_MAX_SEARCH_LENGTH} characters."
            )
            messages.warning(request, text)

    def get_ordering(self, request: HttpRequest, queryset: models.QuerySet) -> list[Any]:
        texts = {
            field.name
            for field in self.lookup_opts.fields
            if isinstance(field, models.CharField | models.TextField) and not field.choices
        }
        ordering: list[Any] = []
        for part in super().get_ordering(request, queryset):
            if isinstance(part, str) and part.removeprefix("-") in texts:
                name = Fold(part.removeprefix("-"))
                ordering.append(name.desc() if part.startswith("-") else name.asc())
            ordering.append(part)
        return ordering


class ListMixin:
    """An admin whose list is sorted by alphabet and searched for ten words at most."""

    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AlphabeticalChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """Search for the first ten words."""
        return super().get_search_results(  # type: ignore[misc]  # mixin
            request, queryset, _shorten_search(search_term)
        )


class KeptRowsMixin(ListMixin):
    """An admin that neither changes nor deletes a stored row, except by actions."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class GuardedMixin(ListMixin):
    """An admin whose URLs allow no more than its pages offer, and never cause a server error."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only the filters of the list.

        Django allows every comparison of every column: a password hash could be read letter by
        letter, and a hostile regular expression never ends.
        """
        offered = set()
        for item in self.get_list_filter(request):  # type: ignore[attr-defined]  # mixin
            name = item if isinstance(item, str) else item[0]
            offered |= {f"{name}{how}" for how in ("", "__exact", "__id__exact", "__isnull")}
        return lookup in offered

    def changelist_view(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        """Refuse actions on rows whose key is not a number."""
        if not all(key.isdecimal() for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("The key of a selected row is not a number.")
        return super().changelist_view(request, extra_context)  # type: ignore[misc]  # mixin

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Initial values from the URL, without those that their field would refuse."""
        fields = self.get_form(request).base_fields
        initial = super().get_changeform_initial_data(request)  # type: ignore[misc]  # mixin
        return {
            name: value
            for name, value in initial.items()
            if name in fields and _is_accepted(fields[name], value)
        }

    def get_form(self, request: HttpRequest, *args, **kwargs) -> type[ModelForm]:
        """The form; one that shows what was sent while signed out is not valid, so nothing is saved."""
        form = super().get_form(request, *args, **kwargs)  # type: ignore[misc]  # mixin
        is_unsent = hasattr(request, "unsent_form")
        return type(form.__name__, (_UnsentMixin, form), {}) if is_unsent else form

    @shows_unsent_form
    @gives_back("*")
    def add_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return super().add_view(request, *args, **kwargs)  # type: ignore[misc]  # mixin

    @shows_unsent_form
    @gives_back("*")
    def change_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return super().change_view(request, *args, **kwargs)  # type: ignore[misc]  # mixin

    def changeform_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """If two people save the same at once, the form tells the second one."""
        try:
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]  # mixin
        except IntegrityError:
            # The other row was saved after the form's checks, which see it now.
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]  # mixin


def _is_accepted(field: Field, value: object) -> bool:
    try:
        field.clean(value)
    except ValidationError:
        return False
    return True


class _UnsentMixin(ModelForm):
    """A form that was sent while its author was signed out: shown again with its own errors."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        self.add_error(None, "Check the form, then save. Nothing has been saved yet.")
        return data


_MAX_WARNINGS = 5  # of one text


class ContentAdmin(
    MarkdownFieldsMixin,
    GuardedMixin,
    ConcurrentEditsAdmin,
    GuardedDeletionAdmin,
    SimpleHistoryAdmin,
):
    """Admin of public content: Markdown with preview and checks, history with restore."""

    history_list_per_page = 50
    text_checks: ClassVar[list[TextCheck]] = [check_markup]
    notices: ClassVar[list[Notice]] = []

    @staticmethod
    def add_notice(notice: Notice) -> None:
        """Say a sentence of an upper app, in HTML, when a row was changed; "" if there is none."""
        ContentAdmin.notices.append(notice)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        say_notices(request, obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if message:
            say_notices(request, obj)
        return super().log_change(request, obj, message)

    @staticmethod
    def add_text_check(check: TextCheck) -> None:
        """Have the Markdown texts of all rows checked when they are saved."""
        ContentAdmin.text_checks.append(check)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._check_texts(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for row in (each.instance for each in formset.forms if each.has_changed()):
            self._check_texts(request, row)

    def _check_texts(self, request: HttpRequest, row: models.Model) -> None:
        """Tell what the author of a text should change, line by line."""
        for name in markdown_columns(type(row)):
            label = capfirst(str(row._meta.get_field(name).verbose_name))  # type: ignore[union-attr]  # a column
            text = getattr(row, name)
            problems = [problem for check in self.text_checks for problem in check(row, text)]
            for line, message in sorted(problems)[:_MAX_WARNINGS]:
                messages.warning(request, f"{label}, line {line}: {message}")
            if len(problems) > _MAX_WARNINGS:
                more = len(problems) - _MAX_WARNINGS
                messages.warning(request, f"{label}: and {more} more")

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """The versions of one object; 404 for a key that is not a number."""
        self._number(object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict | None = None,
    ) -> HttpResponse:
        """Show an older version; a POST restores it, with the permission to change the object.

        simple_history asks for the view permission only. A deleted object is restored with the
        permission to add, and only while everything it belongs to exists.
        """
        number = self._number(object_id)
        versions = self.model.history
        version = get_object_or_404(versions, id=number, history_id=self._number(version_id))
        newest = versions.filter(id=number).order_by("-history_id").values_list("history_id")
        current = str(newest[0][0])
        extra_context = {"current_version": current} | (extra_context or {})
        if request.method == "POST":
            row = self.get_object(request, object_id)
            allowed = (
                self.has_change_permission(request, row)
                if row
                else self.has_add_permission(request)
            )
            if not allowed:
                raise PermissionDenied
            if row and request.POST.get("_current_version", current) != current:
                message = (
                    f"This was changed by {changed_by(row)} while you had the page open. Compare "
                    "the newest version in the history. Press the button again to restore this one."
                )
                add_conflicts(request, {"": [(None, escape(message))]})
        if not _has_all_parents(version.instance):
            return self._cannot_restore(request, number)
        try:
            with transaction.atomic():
                return super().history_form_view(request, object_id, version_id, extra_context)
        except IntegrityError:
            return self._cannot_restore(request, number)

    def _number(self, key: str) -> int:
        try:
            return int(unquote(key))
        except ValueError:
            raise Http404 from None

    def _cannot_restore(self, request: HttpRequest, number: int) -> HttpResponse:
        messages.error(
            request,
            "This version cannot be restored, because a related object was deleted or "
            "another one has taken its place.",
        )
        meta = self.model._meta
        return redirect(f"admin:{meta.app_label}_{meta.model_name}_history", number)


def say_notices(request: HttpRequest, row: models.Model) -> None:
    """Leave the sentences of upper apps about a change of `row`, or of what belongs to it."""
    for notice in ContentAdmin.notices:
        if text := notice(request, row):
            messages.warning(request, text)


def _has_all_parents(row: models.Model) -> bool:
    """Whether every object that `row` refers to exists."""
    for column in row._meta.concrete_fields:
        key = getattr(row, column.attname)
        if isinstance(column, models.ForeignKey) and key is not None:
            others = column.related_model._base_manager
            if not others.filter(pk=key).exists():
                return False
    return True


class ReadOnlyRelatedWidget(Widget):
    """Name of a related object with a link to its own page in the admin; empty without one."""

    template_name = "core/widgets/read_only_related.html"
    related: models.Model | None = None

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs) | {"object": self.related}
        if self.related:
            meta = self.related._meta
            context["url"] = reverse(
                f"admin:{meta.app_label}_{meta.model_name}_change", args=[self.related.pk]
            )
        return context


class ReadOnlyRelatedField(Field):
    """Foreign key of a stored row that must not change; needs no query."""

    widget = ReadOnlyRelatedWidget

    def __init__(self, related: models.Model | None) -> None:
        super().__init__(disabled=True, required=False)
        self.related = self.widget.related = related
        self.empty_values = [related]  # so that the model does not look it up again

    def clean(self, value: object) -> models.Model | None:
        """Return the stored object, whatever was sent."""
        return self.related


class StoredRowField(Field):
    """Primary key of a row that the formset has read already; Django's field reads it again."""

    widget = HiddenInput

    def __init__(self, row: models.Model) -> None:
        super().__init__(initial=row.pk, required=False)
        self.row = row

    def clean(self, value: object) -> models.Model:
        return self.row

    def has_changed(self, initial: object, data: object) -> bool:
        return False


class LabelledFormSet(BaseInlineFormSet):
    """Table rows whose fields have an accessible name: their label and the row's name.

    Column headings do not name a control (WCAG 1.3.1, 4.1.2).
    """

    kept_relations: tuple[str, ...] = ()  # of the inline

    def name_of_row(self, form: ModelForm) -> str:
        """Name of the row's object."""
        return str(form.instance) if form.instance.pk else "new row"

    def add_fields(self, form: ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        pk_name = form.instance._meta.pk.name
        if form.instance.pk and pk_name in form.fields:
            form.fields[pk_name] = StoredRowField(form.instance)
        for name in self.kept_relations:
            related = getattr(form.instance, name) if form.instance.pk else None
            if related and name in form.fields:
                form.fields[name] = ReadOnlyRelatedField(related)
        row = self.name_of_row(form)
        for field in form.fields.values():
            if not field.widget.is_hidden:
                # Django's wrapper around a select shares its attributes with other rows.
                is_wrapped = isinstance(field.widget, RelatedFieldWidgetWrapper)
                control = field.widget.widget if is_wrapped else field.widget
                control.attrs.setdefault("aria-label", f"{field.label}: {row}")

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        meta = self.form._meta.model._meta
        names = [
            str(meta.get_field(name).verbose_name) for name in unique_check if name != self.fk.name
        ]
        return f"Two rows have the same {' and '.join(names)}. Change or remove one of them."

    def get_form_error(self) -> str:
        return "Another row on this page is the same. Change or remove one of the two."

    def clean(self) -> None:
        """Refuse a row that was added to the database after the page was opened.

        Django checks unique constraints of inline rows without their parent.
        """
        super().clean()
        for form in self.forms:
            if form.errors or not form.has_changed() or form.cleaned_data.get(DELETION_FIELD_NAME):
                continue
            absent = {field.name for field in form.instance._meta.fields} - form.fields.keys()
            try:
                form.instance.validate_constraints(exclude=absent)
            except ValidationError as error:
                form.add_error(None, error)


class OrderedInline(MarkdownFieldsMixin, admin.TabularInline):
    """Rows in a manual order; the first base class is django-admin-ordering's OrderableAdmin.

    static/core/ordering.js adds buttons that move a row by keyboard (WCAG 2.2, 2.5.7). A stored
    row keeps the objects in its fields `kept_relations`: another object is another row.
    """

    kept_relations: tuple[str, ...] = ()
    select_related: tuple[str, ...] = ()  # what a row shows of other tables

    formset = LabelledFormSet
    formfield_overrides = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})}}
    ordering_field = "ordering"
    ordering_field_hide_input = False
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = super().get_queryset(request)
        return rows.select_related(*self.select_related) if self.select_related else rows

    def formfield_for_dbfield(self, db_field: models.Field, request, **kwargs) -> Field | None:
        if db_field.name == self.ordering_field:
            kwargs["label"] = "Place in order"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.kept_relations = self.kept_relations
        return formset


def log_action(
    user: AbstractBaseUser, flag: int, action: str, details: str, *, model: type[models.Model]
) -> None:
    """Write a line about several rows to Django's admin log; `flag` is ADDITION, CHANGE or DELETION."""
    LogEntry.objects.create(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(model),
        object_repr=action[:200],
        action_flag=flag,
        change_message=details,
    )
