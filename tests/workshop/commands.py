"""Runs the project's own commands as a person would: in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# What may stand in the environment of whoever runs the tests, and must not decide about them.
_NOT_OURS = (
    *("DATABASE_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "PYTHONPATH", "PORT", "WORKERS"),
    *("MAKELEVEL", "MAKEFLAGS", "MFLAGS", "COVERAGE_PROCESS_START"),
)


def environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """A bare environment with its own data folder, and `variables`."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
    return {**kept, "DATA_DIR": str(data_dir), "PYTHONDONTWRITEBYTECODE": "1", **variables}


def manage(data_dir: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs manage.py to its end; the result holds what it said and its exit code."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(data_dir, **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
