"""Confirmed submissions survive a crash of the server (see bench/submissions.py)."""

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.submissions import Site, look_up, rush
from tests.processes import free_port


@pytest.mark.slow
def test_confirmed_submissions_survive_a_killed_server(migrated, tmp_path):
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    site = Site(tmp_path, free_port())
    site.start()
    try:
        # In a thread: a browser test of this process may have left an event loop running.
        with ThreadPoolExecutor(1) as thread:
            run = rush(site, clients=8, seconds=2, kill=True)
            outcome = thread.submit(asyncio.run, run).result()
    finally:
        site.kill()
    look_up(site, outcome)

    assert len(outcome.confirmed) >= 8
    assert (outcome.without_row, outcome.without_letter, outcome.doubled) == (0, 0, 0)
    assert (outcome.locked, dict(outcome.wrong)) == (0, {})
    assert outcome.interrupted  # killed while requests were running
