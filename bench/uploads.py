"""Ten photos of a phone sent to the desk at once: how long its other pages take, and the memory.

    .venv/bin/python bench/uploads.py

Against the real server with two workers, on a free port of this machine, in a data folder of its own.
"""

import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from html import unescape
from pathlib import Path

from start import free_port

ROOT = Path(__file__).resolve().parent.parent
PHOTOS = 10
ROUNDS = 2
BOUNDARY = "a-line-between-fields"
# In a process of its own: somebody who may, and ten people without a photo.
SETTING_UP = """
import sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
from apps.accounts.models import User
from apps.people.models import Person
from tests.people.files import phone_photo
for number in range(int(sys.argv[1])):
    Person.objects.create(name=f"Ada Example {number}")
client = Client()
client.force_login(User.objects.create_superuser(email="chair@example.org", password="invented here"))
(settings.DATA_DIR / "phone.jpg").write_bytes(phone_photo(8))
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


class Desk:
    """The server as a chair sees it."""

    def __init__(self, port: int, session: str) -> None:
        self.port, self.cookies = port, f"session={session}"

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[http.client.HTTPResponse, str]:
        """The answer and its text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        host = f"localhost:{self.port}"
        said = {"Host": host, "Origin": f"http://{host}", "Cookie": self.cookies}
        connection.request(method, path, body, said | headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response, text

    def fields(self, path: str) -> dict[str, str]:
        """What a form of the desk would send; afterwards forms may be sent."""
        response, text = self.ask("GET", path)
        self.cookies += "; " + response.headers["Set-Cookie"].partition(";")[0]
        found = {}
        for tag in re.findall(r"<(?:input|textarea|select)\b[^>]*>", text[text.index("_form") :]):
            given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            if "name" in given and given.get("type") not in {"file", "submit", "checkbox"}:
                found[given["name"]] = unescape(given.get("value", ""))
        return found


def _form(fields: dict[str, str], photo: bytes) -> bytes:
    said = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    said += (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"'.encode()
    )
    return said + b"\r\nContent-Type: image/jpeg\r\n\r\n" + photo + f"\r\n--{BOUNDARY}--".encode()


def megabytes(process: int) -> dict[int, float]:
    """What each process from `process` down has in memory."""
    found = {}
    try:
        status = Path(f"/proc/{process}/status").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:  # gone by now
        return found
    found[process] = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
    for child in children:
        found |= megabytes(int(child))
    return found


def measure(desk: Desk, server: int, photo: bytes) -> None:
    """Sends all photos at once and prints what came of it."""
    path = "/admin/people/person/{}/change/"
    fields = desk.fields(path.format(1))
    answers, waited, most, is_over = [], [], {}, threading.Event()

    def send(number: int) -> None:
        form = _form(fields | {"name": f"Ada Example {number}"}, photo)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        answer, _ = desk.ask("POST", path.format(number), form, **{"Content-Type": kind})
        answers.append(answer.status)

    def look() -> None:
        while not is_over.wait(0.05):
            begun = time.monotonic()
            desk.ask("GET", "/admin/people/person/")
            waited.append(1000 * (time.monotonic() - begun))

    def weigh() -> None:
        while not is_over.wait(0.02):
            for process, size in megabytes(server).items():
                most[process] = max(size, most.get(process, 0))

    watching = [threading.Thread(target=look), threading.Thread(target=weigh)]
    sending = [threading.Thread(target=send, args=[number + 1]) for number in range(PHOTOS)]
    begun = time.monotonic()
    for thread in watching + sending:
        thread.start()
    for thread in sending:
        thread.join()
    took = time.monotonic() - begun
    is_over.set()
    for thread in watching:
        thread.join()
    if answers != [302] * PHOTOS:
        raise SystemExit(f"The desk answered {answers}.")
    sizes = ", ".join(f"{size:.0f}" for size in most.values())
    print(
        f"{PHOTOS} photos in {took:.1f} s; a list of the desk meanwhile: median "
        f"{statistics.median(waited):.0f} ms, longest {max(waited):.0f} ms; most MB: {sizes}"
    )


def main() -> None:
    """Prints a line for each round; the first finds the workers fresh."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "workshop.settings",
            "PYTHONPATH": str(ROOT),
        }
        ready = subprocess.run(
            [sys.executable, "-c", SETTING_UP, str(PHOTOS)],
            env=environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        photo = Path(folder, "phone.jpg").read_bytes()
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            for line in server.stdout:
                if line.startswith("http"):
                    break
            desk = Desk(port, ready.stdout.split()[-1])
            before = ", ".join(f"{size:.0f}" for size in megabytes(server.pid).values())
            print(
                f"Photos of {len(photo) / 1e6:.1f} MB; the server's processes before: {before} MB"
            )
            for _ in range(ROUNDS):
                measure(desk, server.pid, photo)
        finally:
            server.terminate()
            server.communicate(timeout=30)


if __name__ == "__main__":
    main()
