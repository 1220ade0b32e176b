from __future__ import annotations

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin
from django.db.models import ManyToManyField, QuerySet
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField
from django.http import HttpRequest

from apps.programme.admin.parts import (
    CreditInline,
    ProgrammePartAdmin,
    SomeOfAnyYear,
    is_of_one_row,
)
from apps.programme.forms import ContributionForm, ContributorForm, CreditFormSet
from apps.programme.models import Contribution, Contributor
from apps.topics.models import Topic


class ContributorInline(OrderableAdmin, CreditInline):
    model = Contributor
    form = ContributorForm
    formset = CreditFormSet
    verbose_name_plural = "contributors, in order"
    fields = [
        *("person", "name", "affiliation", "role"),
        *("is_equal_contribution", "is_corresponding", "ordering"),
    ]


@admin.register(Contribution)
class ContributionAdmin(ProgrammePartAdmin):
    form = ContributionForm
    ordering = ["-edition__year", "title", "pk"]
    list_display = ["__str__", "edition", "kind", "who", "where", "is_published"]
    list_filter = ["edition", "kind", "is_published", "is_remote"]
    list_select_related = ["edition"]
    search_fields = ["title", "abstract", "contributors__name", "contributors__person__name"]
    markdown_fields = ("abstract",)
    inlines = [ContributorInline]
    fieldsets = [
        (None, {"fields": ["edition", "kind", "title", "abstract", "topics", "is_remote"]}),
        ("Shown", {"fields": ["is_published"]}),
        (
            "Slides, recording, links",
            {
                "fields": [
                    *("slides", "slides_url", "video_url", "paper_url"),
                    *("arxiv_url", "code_url", "poster_url", "more_url"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contribution]:
        found = super().get_queryset(request).with_contributors()
        return found.prefetch_related("slots__session")

    @admin.display(description="who")
    def who(self, contribution: Contribution) -> str:
        names = [str(one) for one in contribution.contributors.all()]
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

    @admin.display(description="in the sessions", empty_value="none yet")
    def where(self, contribution: Contribution) -> str | None:
        return ", ".join(str(slot.session) for slot in contribution.slots.all()) or None

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs
    ) -> ModelMultipleChoiceField | None:
        """Offers the topics of the edition; where that is not known, all by their years."""
        if db_field.name == "topics" and request.resolver_match:
            topics = Topic.objects.select_related("edition")
            kwargs["widget"] = CheckboxSelectMultiple()
            if is_of_one_row(request):
                key = request.resolver_match.kwargs["object_id"]
                kwargs["queryset"] = topics.filter(edition__contributions=key)
            else:
                kwargs["queryset"] = topics.order_by("-edition__year", "ordering")
                kwargs["form_class"] = SomeOfAnyYear
        return super().formfield_for_manytomany(db_field, request, **kwargs)
