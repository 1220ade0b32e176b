"""What was confirmed to a person survives the server's sudden death; bench/submissions.py at length."""

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.submissions import Site, free_port, look_up, rush


@pytest.mark.slow
def test_nothing_confirmed_is_lost_when_the_server_is_killed(migrated, tmp_path):
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    site = Site(tmp_path, free_port())
    site.start()
    try:
        # In a thread of its own: a browser test of this process may have left a loop running.
        with ThreadPoolExecutor(1) as thread:
            run = rush(site, clients=8, seconds=2, kill=True)
            outcome = thread.submit(asyncio.run, run).result()
    finally:
        site.kill()
    look_up(site, outcome)

    assert len(outcome.confirmed) >= 8
    assert (outcome.without_row, outcome.without_letter, outcome.doubled) == (0, 0, 0)
    assert (outcome.locked, dict(outcome.wrong)) == (0, {})
    assert outcome.interrupted  # it was in the middle of things
