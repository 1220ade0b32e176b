"""What of the programme waits for a look: what students corrected, what speakers would have said."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from apps.accounts.models import User
from apps.contributors.edits import student_edits
from apps.dashboard.overview.waiting import Task
from apps.editions.models import Edition


def programme_tasks(
    edition: Edition, user: User | AnonymousUser, *, students: int, proposals: int
) -> list[Task]:
    """For chairs both, for editors what speakers say, for others nothing.

    `students` are those on the programme: without any there is nothing to ask the database about.
    """
    tasks = []
    if students and user.has_perm("interest.decide_expression"):
        number = len(student_edits(edition))
        one = number == 1
        tasks.append(
            Task(
                number,
                "student says otherwise than the programme"
                if one
                else "students say otherwise than the programme",
                reverse("admin:programme_session_corrections", args=[edition.pk]),
                "Take over what they say, or leave it. Nothing changes by itself.",
            )
        )
    if user.has_perm("programme.change_contribution"):
        one = proposals == 1
        tasks.append(
            Task(
                proposals,
                "change by speakers waits for a nod"
                if one
                else "changes by speakers wait for a nod",
                reverse("admin:programme_session_speakers", args=[edition.pk]),
                "Visitors see nothing of it until then.",
            )
        )
    return [task for task in tasks if task.number]
