"""Topics in the admin: rows of an edition, and a page for each."""

from __future__ import annotations

from admin_ordering.admin import OrderableAdmin
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from apps.core.admin import OrderedInline, log_action, render_desk_page
from apps.core.exceptions import NotAllowed
from apps.editions.admin import EditionAdmin, EditionPartAdmin, Tab
from apps.topics.models import Topic
from apps.topics.services import merge_topics


class TopicInline(OrderableAdmin, OrderedInline):
    model = Topic
    fields = ["heading", "ordering"]


EditionAdmin.add_inline(TopicInline, tab=Tab.TOPICS)


@admin.register(Topic)
class TopicAdmin(EditionPartAdmin):
    instead_of_deleting = (
        "Merge it into another topic: tick both in the list of topics and choose “Merge the "
        "selected topics”."
    )
    actions = ["merge"]
    list_display = ["__str__", "edition"]
    search_fields = ["heading", "description"]
    markdown_fields = ("description",)
    fields = ["edition", "heading", "description"]

    def response_add(
        self, request: HttpRequest, obj: Topic, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Offer another topic of the same edition, as topics are added several in a row."""
        response = super().response_add(request, obj, post_url_continue)
        url = f"{reverse('admin:topics_topic_add')}?edition={obj.edition_id}"
        if "_addanother" in request.POST:
            return redirect(url)
        if not {"_continue", "_popup"} & set(request.POST):
            messages.info(request, format_html('<a href="{}">Add another topic</a>', url))
        return response

    @admin.action(description="Merge the selected topics", permissions=["delete"])
    def merge(self, request: HttpRequest, topics: QuerySet[Topic]) -> TemplateResponse | None:
        """Ask which topic to keep, then merge the others into it."""
        rows = list(topics)
        if len(rows) < 2 or len({topic.edition_id for topic in rows}) > 1:
            messages.error(request, "Tick two or more topics of one edition.")
            return None
        into = next((row for row in rows if str(row.pk) == request.POST.get("into")), None)
        if into is None:
            context = {"title": "Merge topics", "opts": self.opts, "topics": rows}
            return render_desk_page(request, "topics/merge.html", context)
        names = ", ".join(f"“{topic}”" for topic in rows if topic != into)
        try:
            number = merge_topics(topics=rows, into=into)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return None
        result = f"Merged {names} into “{into}”"
        messages.success(request, f"{result}. Entries and contributions changed: {number}.")
        if request.user.is_authenticated:
            log_action(request.user, CHANGE, result, f"Changed: {number}.", model=Topic)
        return None
