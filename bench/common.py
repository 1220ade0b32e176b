"""Shared by the benchmarks: a served site, Django in this process, and CPU times."""

from __future__ import annotations

import http.client
import io
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.processes import free_port, kill_process, session_members, start_process  # noqa: E402

SECONDS_TO_START = 120
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")


def stop_on_sigterm() -> None:
    """End a benchmark on SIGTERM like on Ctrl-C, so that its processes and files are removed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class Site:
    """The demo, served by `manage.py serve` from its own data folder."""

    def __init__(self, data_dir: Path, port: int, workers: int = 1, *, demo: bool = True) -> None:
        self.data_dir, self.port = data_dir, port
        self.command = ["serve", "--stop-with-parent", *(["--demo"] if demo else [])]
        self.log = data_dir / "server.log"
        self.environment = {
            **{name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            "DATA_DIR": str(data_dir),
            "PORT": str(port),
            "WORKERS": str(workers),
            "SUBMISSION_LIMIT": "1000000",
            # An unreachable server: letters are written and wait, and no link is printed.
            "SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.process: subprocess.Popen

    def start(self) -> None:
        """Return when the site answers; raise SystemExit if it does not."""
        with self.log.open("a") as log:
            self.process = start_process(
                [sys.executable, "manage.py", *self.command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.get("/livez")[0] == http.HTTPStatus.OK:
                    return
            except OSError:
                time.sleep(0.02)
        self.kill()
        raise SystemExit("The site did not start:\n" + self.log.read_text())

    def kill(self) -> None:
        """SIGKILL to the server and all its processes."""
        kill_process(self.process)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        host = {"Host": f"localhost:{self.port}"}
        connection.request("GET", path, headers=host | headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        names = {name.lower(): value for name, value in response.getheaders()}
        return response.status, names, body

    def manage(self, *arguments: str) -> str:
        """The output of a management command on the same data."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | {"PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def cpu_seconds(self) -> float:
        """CPU time of all its processes so far."""
        ticks = 0
        for pid in session_members(self.process.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def setup_django(folder: str, *, editions: tuple[str, ...] = ()) -> None:
    """Django in this process with a new database, and with shipped editions."""
    os.environ |= {
        "DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "workshop.settings",
        "SECRET_KEY": "only-for-measuring-" + "0123456789" * 5,
    }
    Path(folder, "static").mkdir()
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = plain
    call_command("migrate", verbosity=0)
    for year in editions:
        call_command("import_edition", str(ROOT / "content" / year), stdout=io.StringIO())


def fill_edition(count: int):
    """An edition with `count` expressions, three reviews each; returns it with its chair's client."""
    from django.test import Client

    from apps.editions.models import Edition
    from tests import factories, many

    Edition.objects.update(is_current=False)
    edition = factories.make_current_edition(slug="2030", year=2030)
    factories.make_call(edition, is_review_anonymous=False)
    topics = [factories.make_topic(edition) for _ in range(8)]
    question = factories.make_question(edition)
    chair = factories.make_user("Chair")
    many.make_many_expressions(edition, count, topics=topics, decider=chair, question=question)
    many.make_many_reviews(edition, [factories.make_user("Reviewer") for _ in range(6)])
    client = Client(SERVER_NAME="localhost")
    client.force_login(chair, backend="django.contrib.auth.backends.ModelBackend")
    return edition, client


def cpu_ms(action: Callable[[], object], rounds: int = 20) -> float:
    """Median CPU time of `action` in milliseconds, after three rounds to warm up."""
    for _ in range(3):
        action()
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        action()
        times.append(time.process_time() - begun)
    return 1000 * statistics.median(times)


def pace_ms() -> float:
    """CPU time of a fixed piece of Python, by which machines can be compared."""
    return cpu_ms(lambda: sum(number * number for number in range(1_000_000)), rounds=5)


def report(name: str, value: str, goal: str) -> None:
    """Print one figure with the value to reach."""
    print(f"{name:58}{value:>16}   to reach: {goal}", flush=True)
