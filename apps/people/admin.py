"""People and groups in the admin."""

from __future__ import annotations

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.admin import ContentAdmin, OrderedInline
from apps.editions.admin import EditionAdmin, EditionPartAdmin
from apps.people.forms import MembershipFormSet, PersonForm
from apps.people.models import Group, Membership, Person


class GroupInline(OrderableAdmin, OrderedInline):
    model = Group
    verbose_name_plural = "groups of people"
    fields = ["heading", "display", "ordering"]


EditionAdmin.add_inline(GroupInline)


@admin.register(Person)
class PersonAdmin(ContentAdmin):
    used_by = ("memberships",)
    instead_of_deleting = "Take the person off these first."
    form = PersonForm
    list_display = ["picture", "name", "affiliation_in_short", "groups"]
    list_display_links = ["name"]
    search_fields = ["name", "affiliation"]
    list_filter = [("memberships__group__edition", admin.RelatedOnlyFieldListFilter)]
    list_per_page = 50
    markdown_fields = ("bio",)
    readonly_fields = ["groups"]
    fieldsets = [
        (None, {"fields": ["name", "affiliation", "link"]}),
        ("Photo", {"fields": ["photo", "photo_focus"]}),
        ("More about them", {"fields": ["bio", "groups"]}),
    ]

    class Media:
        css = {"all": ["people/photo.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return super().get_queryset(request).with_groups()

    @admin.display(description="photo")
    def picture(self, person: Person) -> SafeString:
        """Small square photo, or the initials."""
        squares = person.square_urls
        if squares is None:
            return format_html('<span class="photo-initials">{}</span>', person.initials)
        return format_html(
            '<img class="photo-small" src="{}" width="40" height="40" alt="" loading="lazy">',
            squares["jpeg_1x"],
        )

    @admin.display(description="affiliation", ordering="affiliation")
    def affiliation_in_short(self, person: Person) -> str:
        return person.affiliation.partition("\n")[0]

    @admin.display(description="in the groups", empty_value="none yet")
    def groups(self, person: Person) -> SafeString | str:
        """Links to the person's groups; members are added on the group's own page."""
        if not person.pk:
            return ""
        return format_html_join(
            ", ",
            '<a href="{}">{} ({})</a>',
            (
                (
                    reverse("admin:people_group_change", args=[membership.group_id]),
                    membership.group.heading,
                    membership.group.edition.slug,
                )
                for membership in person.memberships.all()
            ),
        )


class MembershipInline(OrderableAdmin, OrderedInline):
    model = Membership
    formset = MembershipFormSet
    kept_relations = ("person",)
    verbose_name = "member"
    verbose_name_plural = "members"
    fields = ["person", "affiliation", "ordering"]
    autocomplete_fields = ["person"]
    select_related = ("person", "group")


@admin.register(Group)
class GroupAdmin(EditionPartAdmin):
    """Groups, reached from their edition."""

    is_on_index = False
    used_by = ("sections",)
    instead_of_deleting = "Choose another group there, or delete these sections first."

    list_display = ["heading", "edition", "display", "size"]
    search_fields = ["heading", "edition__title", "edition__slug"]
    fields = ["edition", "heading", "display"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(member_count=Count("memberships"))

    @admin.display(description="members", ordering="member_count")
    def size(self, group: Group) -> int:
        return group.member_count
