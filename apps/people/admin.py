"""People and groups in the admin."""

from __future__ import annotations

from typing import Any

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin, messages
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.admin import ADDRESS_CONTROL, ContentAdmin, OrderedInline
from apps.core.text import read_number
from apps.editions.admin import EditionAdmin, EditionPartAdmin, Tab
from apps.people import services
from apps.people.forms import MembershipFormSet, PersonForm, PersonProfileForm
from apps.people.models import Group, Membership, Person, PersonProfile
from apps.people.quick_views import paste_people, upload_photos, uploaded_photo


class GroupInline(OrderableAdmin, OrderedInline):
    model = Group
    verbose_name_plural = "groups of people"
    fields = ["heading", "display", "members", "ordering"]
    readonly_fields = ["members"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(member_count=Count("memberships"))

    @admin.display(description="members")
    def members(self, group: Group) -> SafeString | str:
        """Their number, with links to the pages that show them and add a list of them."""
        if not group.pk:
            return ""
        count = group.member_count
        return format_html(
            '<a href="{}">{}<span class="visually-hidden"> in {}</span></a> · '
            '<a href="{}">Paste a list<span class="visually-hidden"> into {}</span></a>',
            reverse("admin:people_group_change", args=[group.pk]),
            "1 person" if count == 1 else f"{count} people",
            group,
            reverse("admin:people_group_paste", args=[group.pk]),
            group,
        )


EditionAdmin.add_inline(GroupInline, tab=Tab.PEOPLE)


@admin.register(Person)
class PersonAdmin(ContentAdmin):
    used_by = ("memberships",)
    instead_of_deleting = "Remove the person from these first."
    form = PersonForm
    list_display = ["picture", "name", "affiliation_in_short", "groups"]
    list_display_links = ["name"]
    search_fields = ["name", "affiliation"]
    list_filter = [("memberships__group__edition", admin.RelatedOnlyFieldListFilter)]
    list_per_page = 50
    markdown_fields = ("bio",)
    readonly_fields = ["groups", "differing_editions", "differing_editions_to_read"]
    fieldsets = [
        (None, {"fields": ["name", "is_another", "affiliation", "link"]}),
        ("Photo", {"fields": ["photo", "photo_focus"]}),
        ("Groups", {"fields": ["groups", "add_to_groups"]}),
        ("More details", {"fields": ["bio", "pronouns", "contact_email", "links"]}),
        (
            "Editions",
            {"fields": ["differing_editions", "differing_editions_to_read", "shows_years"]},
        ),
    ]
    formfield_overrides = ADDRESS_CONTROL

    class Media:
        css = {"all": ["people/photo.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        memberships = Membership.objects.select_related("group__edition")
        newest_first = memberships.order_by("-group__edition__year", "group__ordering")
        profiles = PersonProfile.objects.select_related("edition")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("memberships", newest_first), Prefetch("profiles", profiles))
        )

    def get_fieldsets(self, request: HttpRequest, obj: Person | None = None) -> Any:
        """Leave out what a new person has not, and what the user may not add."""
        if obj and request.user.has_perm("people.add_personprofile"):
            left_out = {"is_another", "differing_editions_to_read"}
        elif obj:
            left_out = {"is_another", "differing_editions"}
        else:
            left_out = {"groups", "differing_editions", "differing_editions_to_read"}
        if not self._may_add_to_groups(request, obj):
            left_out.add("add_to_groups")
        return [
            (name, options | {"fields": fields})
            for name, options in super().get_fieldsets(request, obj)
            if (fields := [field for field in options["fields"] if field not in left_out])
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Tick the group whose page leads here."""
        initial = super().get_changeform_initial_data(request)
        group = read_number(request.GET.get("group", ""))
        return initial | ({"add_to_groups": [group]} if group else {})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Add the person to the groups that were ticked."""
        super().save_related(request, form, formsets, change)
        person, chosen = form.instance, form.cleaned_data.get("add_to_groups", ())
        if chosen and self._may_add_to_groups(request, person):
            added = services.add_to_groups(person=person, groups=chosen)
            names = ", ".join(f"{group} ({group.edition.slug})" for group in added)
            if names:
                messages.success(request, f"{person} was added to: {names}.")

    def response_post_save_add(self, request: HttpRequest, obj: Person) -> HttpResponse:
        """Back to the group whose page led here."""
        group = read_number(request.GET.get("group", ""))
        if group and Group.objects.filter(pk=group).exists():
            return redirect("admin:people_group_change", group)
        return super().response_post_save_add(request, obj)

    def get_urls(self) -> list:
        photos = [
            path(route, self.admin_site.admin_view(view), name=f"people_person_{name}")
            for route, view, name in (
                ("photos/<int:pk>/", upload_photos, "photos"),
                ("photos/<int:pk>/<int:photo_pk>.jpg", uploaded_photo, "uploaded_photo"),
            )
        ]
        return [*photos, *super().get_urls()]

    def _may_add_to_groups(self, request: HttpRequest, person: Person | None) -> bool:
        may_save = self.has_change_permission(request, person) if person else True
        return may_save and request.user.has_perm("people.add_membership")

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
        """Links to the person's groups."""
        return format_html_join(
            ", ",
            '<a href="{}">{} ({})</a>',
            (
                (
                    reverse("admin:people_group_change", args=[membership.group_id]),
                    str(membership.group),
                    membership.group.edition.slug,
                )
                for membership in person.memberships.all()
            ),
        )

    @admin.display(description="what differs in an edition")
    def differing_editions(self, person: Person) -> SafeString | str:
        """Links to the person's profiles and to a new one."""
        add = f"{reverse('admin:people_personprofile_add')}?person={person.pk}"
        return _join_links([*_profile_links(person), (add, "Add an edition")])

    @admin.display(description="what differs in an edition")
    def differing_editions_to_read(self, person: Person) -> SafeString | str:
        """Links to the person's profiles, for users who may not add one."""
        return _join_links(_profile_links(person)) or "nothing"


def _profile_links(person: Person) -> list[tuple[str, str]]:
    return [
        (
            reverse("admin:people_personprofile_change", args=[profile.pk]),
            f"{profile.edition.slug}: {profile.facts_in_words}",
        )
        for profile in person.profiles.all()
    ]


def _join_links(links: list[tuple[str, str]]) -> SafeString:
    return format_html_join(", ", '<a href="{}">{}</a>', links)


@admin.register(PersonProfile)
class PersonProfileAdmin(EditionPartAdmin):
    """Facts of a person in one edition, reached from the person."""

    is_on_index = False
    form = PersonProfileForm
    ordering = ["-edition__year", "pk"]
    list_display = ["person", "edition", "facts_in_words"]
    list_select_related = ["person", "edition"]
    search_fields = ["person__name"]
    autocomplete_fields = ["person", "edition"]
    markdown_fields = ("bio",)
    formfield_overrides = ADDRESS_CONTROL
    fieldsets = [
        (
            None,
            {
                "fields": ["person", "edition", "affiliation", "link"],
                "description": (
                    "The pages of this edition show these values. For empty fields they show the "
                    "values of the person."
                ),
            },
        ),
        ("Photo", {"fields": ["photo", "photo_focus"]}),
        ("More details", {"fields": ["bio", "pronouns", "contact_email", "links"]}),
    ]

    class Media:
        css = {"all": ["people/photo.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: PersonProfile | None = None) -> list:
        """A stored row keeps its person and edition."""
        return ["person", "edition"] if obj else []

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect("admin:people_person_change", obj.person_id)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect("admin:people_person_change", obj.person_id)


class MembershipInline(OrderableAdmin, OrderedInline):
    model = Membership
    formset = MembershipFormSet
    kept_relations = ("person",)
    verbose_name = "member"
    verbose_name_plural = "members"
    fields = ["person", "role", "affiliation", "ordering"]
    autocomplete_fields = ["person"]
    select_related = ("person", "group")


@admin.register(Group)
class GroupAdmin(EditionPartAdmin):
    """Groups, reached from their edition."""

    is_on_index = False
    used_by = ("sections",)
    instead_of_deleting = "Choose another group there, or delete these sections first."

    list_display = ["__str__", "edition", "display", "size"]
    search_fields = ["heading", "edition__title", "edition__slug"]
    fields = ["edition", "heading", "display"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(member_count=Count("memberships"))

    @admin.display(description="members", ordering="member_count")
    def size(self, group: Group) -> int:
        return group.member_count

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(paste_people)
        return [path("<int:pk>/paste/", view, name="people_group_paste"), *super().get_urls()]
