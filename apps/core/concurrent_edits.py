"""Two people, or two tabs, with one page of the admin open.

The page carries a hash of each value it shows. A save compares the value that was shown, the one
stored now and the one sent: what only someone else changed stays as it is, and what both changed
is an error of its field that shows the other value. Without hashes a form is saved as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models, transaction
from django.forms import (
    BaseForm,
    BaseInlineFormSet,
    BoundField,
    CheckboxInput,
    Field,
    FileInput,
    ModelChoiceField,
    ModelForm,
    MultiWidget,
    Widget,
)
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.deletion import GuardedDeletionAdmin
from apps.core.text import read_number
from apps.core.tokens import version_token

_SHOWN = "_shown"  # the hidden field with the hashes
_MAX_ROWS = 1000  # Django's own limit of a formset
_Conflicts = dict[str, list[tuple[str | None, SafeString]]]  # by the prefix of the form


_ModelAdmin: Any = admin.ModelAdmin  # without django-stubs' narrow types, as simple_history's


class ConcurrentEditsAdmin(_ModelAdmin):
    """An admin whose form writes what its user changed, and shows what others changed."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Merge what was sent with what is stored now, with the rows locked until the save."""
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            row = self.get_object(request, unquote(object_id))
            is_number = read_number(object_id) is not None
            if row is None and is_number and self.has_change_permission(request):
                return self._deleted_meanwhile(request, object_id)
            if row is not None and self.has_change_permission(request, row):
                self._merge(request, row)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self,
        request: HttpRequest,
        obj: models.Model | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[ModelForm]:
        form_class: Any = super().get_form(request, obj, change, **kwargs)
        return _with_conflicts(form_class, request)

    def get_formsets_with_inlines(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> Iterator[tuple[Any, Any]]:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            formset.form = _with_conflicts(formset.form, request)
            yield formset, inline

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the hashes of all values as they are stored."""
        formsets = [each.formset for each in context["inline_admin_formsets"]]
        if kwargs.get("obj") is not None:
            context["shown"] = _hashes(context["adminform"].form, formsets)
        return super().render_change_form(request, context, *args, **kwargs)

    def _merge(self, request: HttpRequest, row: models.Model) -> None:
        """Replace what was not changed by what is stored now; note the conflicts."""
        _lock(type(row)._base_manager.filter(pk=row.pk))
        inlines = list(self.get_formsets_with_inlines(request, row))
        for formset_class, inline in inlines:
            rows = inline.model._base_manager.filter(**{formset_class.fk.name: row})
            _lock(rows)
        stored = self.get_object(request, str(row.pk)) or row
        merge = _Merge(request)
        merge.add_form(self.get_form(request, stored, change=True)(instance=stored))
        for formset_class, inline in inlines:
            prefix, rows = formset_class.get_default_prefix(), inline.get_queryset(request)
            merge.add_formset(formset_class(instance=stored, prefix=prefix, queryset=rows))
        cast(Any, request).POST = merge.data
        add_conflicts(request, merge.conflicts)

    def _deleted_meanwhile(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A page with all that was typed for a row that is there no more."""
        fields = {"": self.get_form(request).base_fields}
        for inline in self.get_inline_instances(request):
            formset = inline.get_formset(request)
            fields[formset.get_default_prefix()] = formset.form.base_fields
        typed = []
        for name, values in request.POST.lists():
            prefix, _, own_name = name.rpartition("-")
            of_form = fields.get(re.sub(r"-\d+$", "", prefix), {})
            # Parts of a field, such as day and time, have a number.
            field = of_form.get(own_name) or of_form.get(re.sub(r"_\d$", "", own_name))
            if field is not None:
                label = str(field.label or own_name.replace("_", " "))
                typed += [(label, _name_of(field, value, request)) for value in values if value]
        key, history_url = unquote(object_id), ""
        if hasattr(self.model, "history") and self.model.history.filter(id=key).exists():
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
            history_url = reverse(name, args=[key])
        context = {
            **self.admin_site.each_context(request),
            "title": f"This {self.opts.verbose_name} was deleted while you had its page open",
            "opts": self.opts,
            "typed": typed,
            "history_url": history_url,
        }
        return TemplateResponse(request, "core/deleted_meanwhile.html", context, status=410)


def add_conflicts(request: HttpRequest, conflicts: _Conflicts) -> None:
    """Make the forms of the request invalid, with these messages.

    `conflicts` has lists of field and message by the prefix of the form, "" for the main one.
    """
    cast(Any, request).edit_conflicts = conflicts


def changed_by(row: models.Model) -> str:
    """The author and time of the last change: "Charlie Chair at 12:31"."""
    history: Any = getattr(row, "history", None)
    record = history.select_related("history_user").first() if history else None
    if record is None:
        return "someone else"
    at = timezone.localtime(record.history_date)
    return f"{record.history_user or 'someone else'} at {at:%H:%M}"


class _ConflictsForm(ModelForm):
    """A form with the conflicts that its prefix has."""

    conflicts: _Conflicts

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name, message in self.conflicts.get(self.prefix or "", []):
            self.add_error(name if name in self.fields else None, message)
        return self.cleaned_data


def _with_conflicts(form_class: Any, request: HttpRequest) -> Any:
    conflicts = getattr(request, "edit_conflicts", None)
    if not conflicts:
        return form_class
    return type(form_class.__name__, (_ConflictsForm, form_class), {"conflicts": conflicts})


def _lock(rows: models.QuerySet) -> None:
    """Lock the rows until the transaction ends, in one order for all.

    Others may add rows that refer to these: a submission that has locked the call must not wait
    for its edition while the edition's page waits for the call.
    """
    list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))


class _Merge:
    """The form of a page, merged with the stored values."""

    def __init__(self, request: HttpRequest) -> None:
        self.data: QueryDict = request.POST.copy()
        self.files = request.FILES
        self.conflicts: _Conflicts = {}
        pairs = (pair.partition("=") for pair in request.POST.get(_SHOWN, "").split())
        self.shown = {key: value for key, _, value in pairs}

    def add_form(self, form: ModelForm) -> None:
        for field in form:
            self._add_field(field, field.html_name, field.name, "", form.instance)

    def add_formset(self, formset: Any) -> None:
        """Merge the rows of a BaseInlineFormSet, an unbound one."""
        rows = {str(form.instance.pk): form for form in formset.initial_forms}
        pk_name = formset.model._meta.pk.name
        self._drop_deleted_rows(formset, rows)
        for index in range(self._count(formset)):
            name = f"{formset.prefix}-{index}"
            if row := rows.get(self.data.get(f"{name}-{pk_name}", "")):
                self._add_row(row, name, f"{formset.prefix}:{row.instance.pk}")

    def _count(self, formset: Any) -> int:
        """The number of stored rows on the page."""
        sent = self.data.get(f"{formset.prefix}-{INITIAL_FORM_COUNT}", "")
        return min(read_number(sent) or 0, _MAX_ROWS)

    def _drop_deleted_rows(self, formset: Any, rows: Container[str]) -> None:
        """Leave out the rows that someone deleted; say so where the user had changed one."""
        gone = []
        for index in range(self._count(formset)):
            name = f"{formset.prefix}-{index}"
            pk = self.data.get(f"{name}-{formset.model._meta.pk.name}", "")
            fields = [
                field
                for field in formset.empty_form
                if f"{formset.prefix}:{pk}:{field.name}" in self.shown
            ]
            if pk in rows or not fields:
                continue
            gone.append(index)
            typed = [
                (field.label, _in_words(field, self._sent(field, f"{name}-{field.name}")))
                for field in fields
                if self._is_changed(field, f"{name}-{field.name}", f"{formset.prefix}:{pk}")
            ]
            if typed and f"{name}-{DELETION_FIELD_NAME}" not in self.data:
                message = format_html(
                    "A {} that you changed was deleted or moved while you had the page open, so "
                    "it was not saved. You had entered {}. Save again to keep the rest.",
                    formset.model._meta.verbose_name,
                    format_html_join(", ", '{}: <q dir="auto">{}</q>', typed),
                )
                self.conflicts.setdefault("", []).append((None, message))
        if gone:
            self._renumber(formset.prefix, gone)

    def _is_changed(self, field: BoundField, name: str, key: str) -> bool:
        """Whether a field of a page's row was sent, and otherwise than it was shown."""
        leaves = self._sent(field, name)
        is_sent = any(part in self.data for _, part, _ in leaves)
        return is_sent and _hash(leaves) != self.shown[f"{key}:{field.name}"]

    def _renumber(self, prefix: str, gone: list[int]) -> None:
        """Close the gaps: a formset numbers its rows without any."""
        parts = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,4}})-(.+)", re.DOTALL)
        matches = [match for key in self.data if (match := parts.fullmatch(key))]
        moved = {}
        for match in matches:
            index, values = int(match[1]), self.data.pop(match[0])
            if index not in gone:
                index -= sum(each < index for each in gone)
                moved[f"{prefix}-{index}-{match[2]}"] = values
        for key, values in moved.items():
            self.data.setlist(key, values)
        for count in (INITIAL_FORM_COUNT, TOTAL_FORM_COUNT):
            if (sent := read_number(self.data.get(f"{prefix}-{count}", ""))) is not None:
                self.data[f"{prefix}-{count}"] = str(sent - len(gone))

    def _add_row(self, form: ModelForm, name: str, key: str) -> None:
        is_deletion = bool(self.data.get(f"{name}-{DELETION_FIELD_NAME}"))
        if is_deletion and (reasons := _reasons_to_keep(form.instance)):
            is_deletion = False
            del self.data[f"{name}-{DELETION_FIELD_NAME}"]
            message = format_html("Not deleted. {}", " ".join(reasons))
            self.conflicts.setdefault(name, []).append((None, message))
        own_name = None if is_deletion else name
        changed = [
            field
            for field in form
            if self._add_field(
                field, f"{name}-{field.name}", f"{key}:{field.name}", own_name, form.instance
            )
        ]
        if is_deletion and changed:
            del self.data[f"{name}-{DELETION_FIELD_NAME}"]
            values = ((field.label, _in_words(field, _leaves_of(field, ""))) for field in changed)
            message = format_html(
                "This was changed by {} while you had the page open, so it was not deleted. {} "
                "Tick “Delete” again to delete it.",
                changed_by(form.instance),
                format_html_join(" ", "{}: <q>{}</q>.", values),
            )
            self.conflicts.setdefault(name, []).append((None, message))

    def _add_field(
        self, field: BoundField, name: str, key: str, prefix: str | None, row: models.Model
    ) -> bool:
        """Merge one field; return whether someone else changed it. Without `prefix` only say so."""
        shown, stored = self.shown.get(key), _hash(_leaves_of(field, name))
        if shown is None or shown == stored or field.field.disabled:
            return False
        if prefix is None:
            return True
        sent = _hash(self._sent(field, name))
        if sent == shown:
            self._write(_leaves_of(field, name))
        elif sent != stored:
            message = format_html(
                "This was changed by {} while you had the page open. It now reads: "
                '<q class="stored-value" dir="auto">{}</q> What you entered is still in the form. '
                "Save again to keep yours.",
                changed_by(row),
                _in_words(field, _leaves_of(field, name)),
            )
            self.conflicts.setdefault(prefix, []).append((field.name, message))
        return True

    def _sent(self, field: BoundField, name: str) -> list[_Leaf]:
        """The controls of a field with the value sent; as stored, a file that was not replaced."""
        sent: list[_Leaf] = []
        for widget, part, stored in _leaves_of(field, name):
            if isinstance(widget, FileInput):
                value = widget.value_from_datadict(self.data, self.files, part)
                sent.append((widget, part, stored if value is None else [f"sent: {value}"]))
            elif isinstance(widget, CheckboxInput):
                is_ticked = widget.value_from_datadict(self.data, self.files, part)
                sent.append((widget, part, ["on"] if is_ticked else []))
            else:
                sent.append((widget, part, _lines(self.data.getlist(part))))
        return sent

    def _write(self, leaves: Iterable[_Leaf]) -> None:
        for widget, part, strings in leaves:
            if isinstance(widget, FileInput):
                continue
            if strings:
                self.data.setlist(part, strings)
            else:
                self.data.pop(part, None)


def _reasons_to_keep(row: models.Model) -> list[str]:
    """Why its own page would refuse to delete it."""
    if not admin.site.is_registered(type(row)):
        return []
    model_admin: Any = admin.site.get_model_admin(type(row))
    is_guarded = isinstance(model_admin, GuardedDeletionAdmin)
    return model_admin.reasons_to_keep(row) if is_guarded else []


_Leaf = tuple[Widget, str, list[str]]  # a control, its name, and what a browser sends for it


def _leaves_of(field: BoundField, name: str) -> list[_Leaf]:
    """The controls of a field with its stored value."""
    return list(_leaves(field.field.widget, name, field.field.prepare_value(field.initial)))


def _leaves(widget: Widget, name: str, value: Any) -> Iterator[_Leaf]:
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget = widget.widget
    if isinstance(widget, MultiWidget):
        multiple: Any = widget  # django-stubs lack `widgets_names`
        parts = value if isinstance(value, list | tuple) else multiple.decompress(value)
        for each, suffix, part in zip(multiple.widgets, multiple.widgets_names, parts, strict=True):
            yield from _leaves(each, f"{name}{suffix}", part)
    elif isinstance(widget, CheckboxInput):
        yield widget, name, ["on"] if widget.check_test(value) else []
    elif isinstance(widget, FileInput):
        yield widget, name, _lines([value])
    else:
        formatted = widget.format_value(value)
        yield widget, name, _lines(formatted if isinstance(formatted, list) else [formatted])


def _lines(values: Iterable[Any]) -> list[str]:
    """As text, without empty values, with the line ends of Unix: browsers send those of DOS."""
    texts = ("" if value is None else str(value) for value in values)
    return [text.replace("\r\n", "\n") for text in texts if text]


def _hash(leaves: Iterable[_Leaf]) -> str:
    return version_token([sorted(strings) for _, _, strings in leaves])[:12]


def _hashes(form: BaseForm, formsets: Iterable[BaseInlineFormSet]) -> str:
    """ "title=1f… sections:7:heading=03…": the hash of each stored value."""
    keys = [(field.name, field) for field in form]
    keys += [
        (f"{formset.prefix}:{row.instance.pk}:{field.name}", field)
        for formset in formsets
        for row in formset.initial_forms
        if row.instance.pk
        for field in row
    ]
    return " ".join(f"{key}={_hash(_leaves_of(field, ''))}" for key, field in keys)


def _name_of(field: Field, value: str, request: HttpRequest) -> str:
    """A value of a form that was sent, with the name of what a select had chosen."""
    if isinstance(field.widget, CheckboxInput):
        return "ticked"
    if isinstance(field, ModelChoiceField):
        model: Any = field.queryset.model if field.queryset is not None else None
        if model and request.user.has_perm(
            f"{model._meta.app_label}.view_{model._meta.model_name}"
        ):
            with suppress(ValueError):
                row = model._base_manager.filter(pk=value).first()
                return str(field.label_from_instance(row)) if row else value
        return value
    choices = [
        choice
        for key, label in getattr(field, "choices", ())
        for choice in (label if isinstance(label, list | tuple) else [(key, label)])
    ]
    return next((str(label) for key, label in choices if str(key) == value), value)


def _in_words(field: BoundField, leaves: Iterable[_Leaf]) -> str:
    """A value as its page shows it."""
    texts = [text for _, _, strings in leaves for text in strings]
    if isinstance(field.field.widget, CheckboxInput):
        return "ticked" if texts else "not ticked"
    choices = getattr(field.field, "choices", ())
    labels = {str(value): str(label) for value, label in choices if value}
    return ", ".join(labels.get(text, text) for text in texts) or "nothing"
