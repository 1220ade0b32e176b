"""Actions of the discussion on the page of an expression."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.core.admin import render_desk_page
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.views import refuse_with_text
from apps.interest.models import Expression
from apps.interest.permissions import permissions_for
from apps.review.discussion import add_comment, may_delete, may_discuss
from apps.review.models import Comment


class CommentForm(forms.Form):
    text = forms.CharField(
        label="Add a comment",
        max_length=Comment.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "id": "id_comment"}),
        error_messages={
            "required": "Write the comment first.",
            "max_length": f"A comment has at most {Comment.MAX_LENGTH:,} characters.",
        },
    )


@gives_back("text")
@require_POST
def add_comment_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Add a comment to the discussion."""
    user, expression = _enter(request, pk)
    form = CommentForm(request.POST)
    if form.is_valid():
        add_comment(expression=expression, author=user, text=form.cleaned_data["text"])
        messages.success(request, "The comment is saved.")
    else:
        refuse_with_text(request, " ".join(map(str, form.errors["text"])))
    return _back(pk)


@require_GET_POST
def delete_comment_view(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponseBase:
    """Delete one comment, after a page that shows it."""
    user, expression = _enter(request, pk)
    comment = expression.comments.filter(pk=comment_pk).first()
    if comment is None:
        messages.info(request, "This comment was deleted already.")
        return _back(pk)
    if not may_delete(comment, user):
        raise PermissionDenied
    if request.method == "POST":
        comment.delete()
        messages.success(request, "The comment is deleted.")
        return _back(pk)
    permissions = permissions_for(user)
    context = {
        "title": "Delete this comment",
        "expression": expression,
        "comment": comment,
        "text": permissions.redact(comment.text) if permissions else "",
    }
    return render_desk_page(request, "review/delete_comment.html", context)


def _enter(request: HttpRequest, pk: int) -> tuple[User, Expression]:
    """The user and the expression, if they may discuss it."""
    user = request.user
    permissions = permissions_for(user)
    if not isinstance(user, User) or permissions is None:
        raise PermissionDenied
    if not permissions.sees_reviews and not user.has_perm("interest.review_expression"):
        raise PermissionDenied
    expressions = permissions.visible(Expression.objects.select_related("edition"))
    expression = get_object_or_404(expressions, pk=pk)
    if not may_discuss(expression, user):
        raise PermissionDenied
    return user, expression


def _back(pk: int) -> HttpResponseBase:
    return redirect(reverse("admin:interest_expression_change", args=[pk]) + "#discussion")
