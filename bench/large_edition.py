"""An edition of 170 talks: its import, its programme page, and the mathematics of 200 abstracts.

.venv/bin/python bench/large_edition.py
"""

from __future__ import annotations

import re
import tempfile
import time
from datetime import date
from pathlib import Path

import brotli
from common import report, setup_django
from home_page import get

ABSTRACTS = 200
_FORMULA = re.compile(r"\$.+?\$|\\\(.+?\\\)")


def main() -> None:
    """Print the figures; raise SystemExit if a page has more queries than it may."""
    with tempfile.TemporaryDirectory() as folder:
        setup_django(folder)
        from django.core.handlers.wsgi import WSGIHandler

        from apps.imports.folders.importing import import_edition
        from apps.ops.large_demo import write_conference
        from tests.queries import count_queries

        edition = write_conference(Path(folder, "2031"), starts_on=date(2031, 7, 14))
        begun, cpu_begun = time.perf_counter(), time.process_time()
        import_edition(folder=edition)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu_begun
        report("import of 170 talks; CPU", f"{seconds:.1f} s; {cpu:.1f} s", "≤ 5 s")

        application = WSGIHandler()  # without the page cache, which is in front of it
        for name, path in (("programme", "/2031/programme/"), ("home", "/2031/")):
            page = get(application, path)
            queries = count_queries(lambda path=path: get(application, path))
            size = len(brotli.compress(page, quality=5)) / 1000
            report(f"{name} page, compressed", f"{size:.1f} kB", "≤ 60 kB")
            report(f"{name} page, queries", str(queries), "≤ 12")
        report_mathematics()


def report_mathematics() -> None:
    """Print the CPU time of the first rendering of 200 abstracts, with and without formulas."""
    from apps.core import markdown
    from apps.core.markdown import render
    from apps.ops.large_demo import abstract_of

    # Each formula differs, since equal ones are read once.
    texts = [
        f"{abstract_of(1)} The cost is $\\frac{{{number}}}{{\\varepsilon^2}} + x_{{{number}}}^2$, and "
        f"\\(\\sum_{{i=1}}^{{n}} \\lambda_i \\le {number}\\) holds."
        for number in range(ABSTRACTS)
    ]
    plain = [_FORMULA.sub("a constant", text) + f" {number}" for number, text in enumerate(texts)]
    render("Warm up: $x$")

    def first_rendering(abstracts: list[str]) -> float:
        markdown._render.cache_clear()
        begun = time.process_time()
        for text in abstracts:
            render(text)
        return 1000 * (time.process_time() - begun)

    without, with_formulas = first_rendering(plain), first_rendering(texts)
    report(f"{ABSTRACTS} abstracts without formulas, CPU", f"{without:.0f} ms", "-")
    added = with_formulas - without
    report("  added by two formulas in each", f"{added:.0f} ms", "≤ 300 ms")


if __name__ == "__main__":
    main()
