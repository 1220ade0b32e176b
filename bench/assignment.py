"""Time and evenness of an automatic assignment of 200 expressions to 20 reviewers, three each.

.venv/bin/python bench/assignment.py
"""

from __future__ import annotations

import tempfile
import time

from common import report, setup_django


def main() -> None:
    """Print the figures; raise SystemExit if loads differ by more than one or a conflict is broken."""
    with tempfile.TemporaryDirectory() as folder:
        setup_django(folder)
        from django.db.models import Count

        from apps.interest.models import Expression
        from apps.review.assignment import assign_automatically, assignable, reviewers_of
        from apps.review.conflicts import find_conflicts_of_interest
        from apps.review.models import Assignment, Reviewer
        from tests import factories, many

        edition = factories.make_current_edition(slug="2030", year=2030)
        factories.make_call(edition)
        topics = [factories.make_topic(edition) for _ in range(8)]
        chair = factories.make_user("Chair")
        many.make_many_expressions(edition, 200, topics=topics, decider=chair)
        expressions = list(Expression.objects.order_by("pk"))
        for number, expression in enumerate(expressions):
            # All undecided, a tenth of the universities each.
            expression.state, expression.offer, expression.confirmed_format = "submitted", "", ""
            expression.decided_by = expression.decided_at = expression.reply_by_on = None
            expression.university = f"University of Place{number % 10}"
        Expression.objects.bulk_update(
            expressions,
            [
                *("state", "offer", "confirmed_format", "decided_by", "decided_at"),
                *("reply_by_on", "university"),
            ],
        )
        for number in range(20):
            user = factories.make_reviewer(edition)
            row = Reviewer.objects.get(user=user)
            row.affiliation = f"University of Place{number % 10}"
            row.save()
            row.topics.set([topics[number % 8]])
        begun = time.perf_counter()
        result = assign_automatically(edition=edition, each=3)
        seconds = time.perf_counter() - begun
        loads = list(
            Reviewer.objects.annotate(load=Count("assignments")).values_list("load", flat=True)
        )
        rows = assignable(edition).prefetch_related("coauthors")
        conflicts = find_conflicts_of_interest(reviewers_of(edition), rows)
        pairs = set(Assignment.objects.values_list("expression", "reviewer"))
        broken = len(pairs & set(conflicts))
        report("assignments made", str(result.created), "600")
        report("automatic assignment, 200 × 20 × 3", f"{seconds:.2f} s", "≤ 2 s")
        report("difference of loads", str(max(loads) - min(loads)), "≤ 1")
        report("conflicts of interest broken", f"{broken} of {len(conflicts)}", "0")
        if result.created != 600 or max(loads) - min(loads) > 1 or broken:
            raise SystemExit("The assignment is not as it should be.")


if __name__ == "__main__":
    main()
