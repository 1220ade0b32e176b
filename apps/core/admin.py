"""What all of our admin pages share."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.forms import BaseInlineFormSet, Field, ModelForm, Textarea
from simple_history.admin import SimpleHistoryAdmin


class MarkdownWidget(Textarea):
    """A text area for Markdown with a button that shows what visitors will see."""

    template_name = "core/widgets/markdown.html"

    class Media:
        js = ("desk/markdown.js",)


class MarkdownFieldsMixin:
    """For an admin or an inline: the fields named in `markdown_fields` get a preview."""

    markdown_fields: tuple[str, ...] = ()

    def formfield_for_dbfield(self, db_field: models.Field, request, **kwargs) -> Field | None:
        if db_field.name in self.markdown_fields:
            kwargs["widget"] = MarkdownWidget(attrs={"rows": 14, "class": "vLargeTextField"})
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class ContentAdmin(MarkdownFieldsMixin, SimpleHistoryAdmin):
    """An admin of public content: Markdown with preview, history with restore."""

    save_on_top = True
    history_list_per_page = 50
    show_full_result_count = False


class LabelledFormSet(BaseInlineFormSet):
    """Rows whose fields say to a screen reader which field of which row they are.

    A table of fields has only column headings, which name no control (WCAG 1.3.1, 4.1.2).
    """

    def name_of_row(self, form: ModelForm) -> str:
        """What the row is about, in a few words."""
        return str(form.instance) if form.instance.pk else "new row"

    def add_fields(self, form: ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        row = self.name_of_row(form)
        for field in form.fields.values():
            if not field.widget.is_hidden:
                field.widget.attrs.setdefault("aria-label", f"{field.label}: {row}")


class OrderedInline(MarkdownFieldsMixin, admin.TabularInline):
    """Rows in an order of their own; combine with django-admin-ordering's OrderableAdmin, first.

    static/desk/ordering.js gives each row buttons that move it by keyboard, beside dragging
    (WCAG 2.2, 2.5.7 Dragging Movements).
    """

    formset = LabelledFormSet
    ordering_field = "ordering"
    ordering_field_hide_input = False
    extra = 0
    show_change_link = True
