"""What bringing in the largest spreadsheet there may be costs: each page and press, and memory.

    .venv/bin/python bench/sheets.py

Runs in a data folder of its own, in this process, through the whole of Django with the test client:
5,000 rows as Microsoft Forms exports them, an abstract of 240 words each. Processor time is given
beside the time it took, since other work on the machine slows only the latter.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS = 5_000


def main() -> None:
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "workshop.settings"}
        import django

        django.setup()
        from django.core.management import call_command
        from django.test import Client
        from django.test.utils import setup_test_environment

        from apps.imports.models import Sheet
        from tests.factories import make_call, make_edition, make_topic, make_user
        from tests.imports.sheets import confirm, microsoft_file, microsoft_row, say_columns, upload

        setup_test_environment()  # the helpers of the tests read what a page was drawn from
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        edition = make_edition()
        make_call(edition)
        make_topic(edition, heading="Small models")
        client = Client(headers={"host": "localhost"})
        client.force_login(make_user("Chair"), backend="django.contrib.auth.backends.ModelBackend")
        words = "We make it small and say how. " * 34
        data = microsoft_file(*[microsoft_row(n, abstract=words) for n in range(ROWS)])

        def timed(what: str, step) -> None:
            began, worked = time.perf_counter(), time.process_time()
            step()
            took, worked = time.perf_counter() - began, time.process_time() - worked
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{what:28} {took:6.1f} s  {worked:6.1f} s of a processor  {peak} MB at most")

        timed("reading the file", lambda: upload(client, edition, data))
        sheet = Sheet.objects.get()
        here = f"/admin/imports/sheet/{sheet.pk}"
        timed("the columns, rows checked", lambda: say_columns(client, sheet))
        timed("what will be imported", lambda: client.get(f"{here}/change/"))
        timed("that, and the import", lambda: confirm(client, sheet))
        timed("the record", lambda: client.get(f"{here}/change/"))
        timed("taken back", lambda: client.post(f"{here}/take-back/", {"count": ROWS}))


if __name__ == "__main__":
    main()
