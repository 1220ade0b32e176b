"""The checks of `make check`. All of them run, even if an early one fails."""

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ["templates", *(str(path) for path in Path("apps").glob("*/templates"))]
# Production settings for `check --deploy`.
PRODUCTION = {
    "SITE_URL": "https://workshop.example.org",
    "SECRET_KEY": "not-a-secret-but-as-long-and-as-mixed-as-one-0123456789-QWERTZ",
    "MAIL_FROM": "workshop@example.org",
    "SMTP_URL": "smtp+tls://user:password@mail.example.org:587",
}


def tool(name: str) -> str:
    """The path of a command of the .venv."""
    return str(Path(sysconfig.get_path("scripts")) / name)


def templates() -> list[str]:
    """Every template of the project."""
    paths = (path for folder in TEMPLATES for path in (ROOT / folder).rglob("*.html"))
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def formatters() -> list[list[str]]:
    """Commands that format the code; djade comes last."""
    return [
        [tool("ruff"), "check", "--fix", "--quiet", "."],
        [tool("ruff"), "format", "."],
        [tool("djlint"), "--reformat", "--quiet", *TEMPLATES],
        [tool("djade"), "--target-version", "5.2", *templates()],
    ]


def checks() -> dict[str, list[str]]:
    """Name in the summary → command."""
    manage = [sys.executable, "-W", "error", "manage.py"]
    return {
        "ruff: faults": [tool("ruff"), "check", "."],
        "ruff: format": [tool("ruff"), "format", "--check", "."],
        "djade: format of templates": [
            *(tool("djade"), "--target-version", "5.2", "--check"),
            *templates(),
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


def run(command: list[str], data_dir: str) -> tuple[bool, str]:
    """Whether the command succeeded, and its output."""
    environment = {**os.environ, **PRODUCTION, "DATA_DIR": data_dir}
    environment.pop("DATABASE_URL", None)
    result = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return result.returncode == 0, result.stdout.strip()


def check() -> int:
    """Run all checks; print the output of failures and a summary; return 1 if any failed."""
    lines, failed = [], 0
    with tempfile.TemporaryDirectory(prefix="workshop-check-") as data_dir:
        for name, command in checks().items():
            started = time.monotonic()
            passed, output = run(command, data_dir)
            if not passed:
                failed += 1
                print(f"\n== {name}\n{output}\n", flush=True)
            verdict = "ok" if passed else "FAILED"
            lines.append(f"{verdict:6} {name} ({time.monotonic() - started:.1f} s)")
    print("\n".join(lines))
    print(f"{len(lines) - failed} checks passed, {failed} failed")
    return 1 if failed else 0


def reformat() -> int:
    """Format all code."""
    for command in formatters():
        subprocess.run(command, check=False)
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(reformat() if sys.argv[1:] == ["--format"] else check())
