"""Every measurement of docs/performance.md, one after the other: `make bench`.

    .venv/bin/python bench/all.py [NAME ...]

Each is a program of its own and says at its head what it measures; with names, only those are run.
Takes about an hour and wants a machine with nothing else to do. Exits with 1 if one of them fails.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The quick ones first. `screenshots.py` and `start.py` measure no speed of the site.
NAMES = (
    *("pages", "home_page", "programme", "first_visit", "uploads", "memory", "conflicts"),
    *("letters", "submissions", "sheets", "desk"),
)


def main() -> int:
    """Runs those named, or all; 1 if one failed."""
    failed = []
    for name in sys.argv[1:] or NAMES:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=False).returncode:
            failed.append(name)
    print("failed: " + ", ".join(failed) if failed else "all done")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
