"""Run all benchmarks, or those named: `make bench ARGS="size queries"`.

Each prints the figures of one or two rows of the table in docs/performance.md.
"""

import subprocess
import sys
from pathlib import Path

NAMES = (
    *("size", "submission_calls", "queries", "home_page", "exports", "desk"),
    *("form_page", "pages", "memory", "start", "submissions", "registrations", "large_edition"),
    "printing",
    *("assignment", "retention", "export", "freeze"),
)


def main() -> int:
    """Returns 1 if one failed."""
    failed = []
    for name in sys.argv[1:] or NAMES:
        print(f"== {name}", flush=True)
        script = Path(__file__).with_name(f"{name}.py")
        if subprocess.run([sys.executable, str(script)], check=False).returncode:
            failed.append(name)
    print("failed: " + ", ".join(failed) if failed else "all done")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
