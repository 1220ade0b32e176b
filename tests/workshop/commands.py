"""Runs manage.py in a separate process."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Environment variables that must not influence the tests.
_EXCLUDED = (
    *("DATABASE_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "PYTHONPATH", "PORT", "WORKERS"),
    *("MAKELEVEL", "MAKEFLAGS", "MFLAGS", "COVERAGE_PROCESS_START"),
)


def environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """An environment with its own data folder and `variables`."""
    kept = {name: value for name, value in os.environ.items() if name not in _EXCLUDED}
    return {**kept, "DATA_DIR": str(data_dir), "PYTHONDONTWRITEBYTECODE": "1", **variables}


def manage(data_dir: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py; the result has its output and exit code."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(data_dir, **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
