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


def templates() -> list[str]:
    """Every template of the project."""
    found = (path for folder in TEMPLATES for path in (ROOT / folder).rglob("*.html"))
    return sorted(str(path.relative_to(ROOT)) for path in found)


def formatters() -> list[list[str]]:
    """What brings the code into shape; djade comes last and the two agree."""
    return [
        [tool("ruff"), "check", "--fix", "--quiet", "."],
        [tool("ruff"), "format", "."],
        [tool("djlint"), "--reformat", "--quiet", *TEMPLATES],
        [tool("djade"), "--target-version", "5.2", *templates()],
    ]


def checks() -> dict[str, list[str]]:
    """Every check by the name it has in the summary, with its command."""
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
    """Whether the command succeeded, and what it said."""
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
    """Runs all checks; prints what the failing ones say, then one line for each; 1 if any failed."""
    lines, failed = [], 0
    with tempfile.TemporaryDirectory(prefix="workshop-check-") as data_dir:
        for name, command in checks().items():
            started = time.monotonic()
            is_well, words = run(command, data_dir)
            if not is_well:
                failed += 1
                print(f"\n== {name}\n{words}\n", flush=True)
            verdict = "ok" if is_well else "FAILED"
            lines.append(f"{verdict:6} {name} ({time.monotonic() - started:.1f} s)")
    print("\n".join(lines))
    print(f"{len(lines) - failed} checks passed, {failed} failed")
    return 1 if failed else 0


def reformat() -> int:
    """Rewrites what is out of shape."""
    for command in formatters():
        subprocess.run(command, check=False)
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(reformat() if sys.argv[1:] == ["--format"] else check())
