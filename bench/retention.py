"""Time of erasing what is due of 10,000 expressions, with letters and reviews; half is interrupted.

.venv/bin/python bench/retention.py
"""

from __future__ import annotations

import tempfile
import time
from datetime import timedelta

from common import report, setup_django

EXPRESSIONS = 10_000


def main() -> None:
    """Print the figures; raise SystemExit if something due is left."""
    with tempfile.TemporaryDirectory() as folder:
        setup_django(folder)
        from django.utils import timezone

        from apps.interest.models import Expression
        from apps.mail.models import Letter
        from apps.privacy.figures import figures_of
        from apps.privacy.models import RetentionRun
        from apps.privacy.retention import apply_retention, list_data
        from tests import factories, many

        edition = factories.make_edition(slug="2030", year=2030)
        factories.make_call(edition)
        topics = [factories.make_topic(edition) for _ in range(8)]
        chair = factories.make_user("Chair")
        many.make_many_expressions(edition, EXPRESSIONS, topics=topics, decider=chair)
        many.make_many_reviews(edition, [factories.make_user("Reviewer") for _ in range(5)], each=1)
        Expression.objects.update(access_needs="A ramp")
        Letter.objects.bulk_create(
            Letter(
                edition=edition,
                kind="bench",
                to_email=f"student{number}@example.net",
                subject="Thank you",
                body_text="Words. " * 100,
                state=Letter.State.DISCARDED,
            )
            for number in range(EXPRESSIONS)
        )
        edition.starts_on = timezone.localdate() - timedelta(days=400)
        edition.save()
        begun = time.perf_counter()
        # Interrupted after its first class, and begun again.
        next(apply_retention())
        for _ in apply_retention():
            pass
        seconds = time.perf_counter() - begun
        left = sum(due.count for due in list_data(edition))
        erased = sum(RetentionRun.objects.values_list("erased", flat=True))
        applied = figures_of(edition).tables["All entries"][0]["applied"]
        report("records erased", str(erased), "")
        report("records that are due and left", str(left), "0")
        report("expressions in the figures", str(applied), str(EXPRESSIONS))
        report("seconds", f"{seconds:.1f}", "30")
        if left or applied != EXPRESSIONS:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
