"""Everything `make check` looks at. All of it runs, even if something fails early on."""

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ["templates", *(str(path) for path in Path("apps").glob("*/templates"))]
# As on a real host, so that `check --deploy` judges what visitors will meet.
PRODUCTION = {
    "SITE_URL": "https://workshop.example.org",
    "SECRET_KEY": "not-a-secret-but-as-long-and-as-mixed-as-one-0123456789-QWERTZ",
    "MAIL_FROM": "workshop@example.org",
    "SMTP_URL": "smtp+tls://user:password@mail.example.org:587",
}


def tool(name: str) -> str:
    """The path of a command of the .venv."""
    return str(Path(sysconfig.get_path("scripts")) / name)


def checks() -> dict[str, list[str]]:
    """Every check by the name it has in the summary, with its command."""
    python = sys.executable
    templates = sorted(
        str(path.relative_to(ROOT)) for root in TEMPLATES for path in (ROOT / root).rglob("*.html")
    )
    manage = [python, "-W", "error", "manage.py"]
    return {
        "ruff: faults": [tool("ruff"), "check", "."],
        "ruff: format": [tool("ruff"), "format", "--check", "."],
        "djade: format of templates": [
            *(tool("djade"), "--target-version", "5.2", "--check"),
            *templates,
        ],
        "djlint: faults": [tool("djlint"), "--lint", "--quiet", *TEMPLATES],
        "djlint: format": [tool("djlint"), "--check", "--quiet", *TEMPLATES],
        "mypy: types": [tool("mypy")],
        "import-linter: layers": [tool("lint-imports")],
        "deptry: dependencies": [tool("deptry"), "."],
        "bandit: security": [
            tool("bandit"),
            "-q",
            "-c",
            "pyproject.toml",
            "-r",
            "apps",
            "workshop",
        ],
        "migrations: none missing": [*manage, "makemigrations", "--check", "--dry-run"],
        "settings: fit for a host": [*manage, "check", "--deploy", "--fail-level", "WARNING"],
    }


def main() -> int:
    """Runs all checks; prints what the failing ones say, then one line for each; 1 if any failed."""
    os.chdir(ROOT)
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="workshop-check-") as data_dir:
        environment = {**os.environ, **PRODUCTION, "DATA_DIR": data_dir}
        environment.pop("DATABASE_URL", None)
        for name, command in checks().items():
            started = time.monotonic()
            result = subprocess.run(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if result.returncode:
                print(f"\n== {name}\n{result.stdout.strip()}\n", flush=True)
            verdict = "FAILED" if result.returncode else "ok"
            verdicts.append(f"{verdict:6} {name} ({time.monotonic() - started:.1f} s)")
    print("\n".join(verdicts))
    return any(line.startswith("FAILED") for line in verdicts)


if __name__ == "__main__":
    sys.exit(main())
