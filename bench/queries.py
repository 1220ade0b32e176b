"""Queries of the home pages, and of list and board with 1 and with 1,000 expressions.

.venv/bin/python bench/queries.py
"""

from __future__ import annotations

import tempfile

from common import fill_edition, report, setup_django


def main() -> None:
    """Print the numbers; raise SystemExit if they differ with the number of rows."""
    with tempfile.TemporaryDirectory() as folder:
        setup_django(folder, editions=("2023", "2024"))
        from django.test import Client

        from apps.interest.models import Expression
        from apps.interest.workflow import State
        from tests.queries import count_queries

        def count(client, path: str) -> int:
            client.get(path)
            return count_queries(lambda: client.get(path))

        visitor = Client(SERVER_NAME="localhost")
        report("home 2024", str(count(visitor, "/2024/")), "≤ 12")
        report("home 2023", str(count(visitor, "/2023/")), "≤ 18")
        edition, chair = fill_edition(1000)
        paths = {
            "list of expressions": ("/admin/interest/expression/", "≤ 15"),
            "board": (f"/admin/selection/board/{edition.pk}/", "≤ 14"),
        }
        many = {name: count(chair, path) for name, (path, _) in paths.items()}
        # One that the board shows.
        kept = Expression.objects.filter(state=State.SUBMITTED)[:1].values("pk")
        Expression.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
        for name, (path, goal) in paths.items():
            few = count(chair, path)
            report(f"{name}, 1 and 1,000 rows", f"{few} and {many[name]}", goal)
            if few != many[name]:
                raise SystemExit(f"{name}: the number of queries differs with the rows.")


if __name__ == "__main__":
    main()
