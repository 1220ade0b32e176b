"""The configuration for nginx that comes with a static copy."""

import http.client
import os
import shutil
import subprocess

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from apps.core.files import private_storage
from apps.editions.services import keep_former_address
from tests.browser import needed
from tests.factories import make_contribution, make_edition
from tests.processes import free_port, is_listening, kill_process, start_watched, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_nginx_serves_a_copy_below_a_path(tmp_path):
    edition = make_edition(slug="2031", is_current=True)
    talk = make_contribution(edition, "Ada", slug="talk")
    data = private_storage().save("slides/data.zip", ContentFile(b"PK data"))
    link = talk.links.create(kind="data", file=data)
    edition.slug = "2031-kyoto"
    edition.save()
    keep_former_address(edition=edition, slug="2031")
    call_command("freeze", str(tmp_path / "copy"), base="/w/")
    files = f"/w/2031-kyoto/contributions/talk/files/{link.pk}/"
    expected = {
        "/w": (301, "/w/"),
        "/w/2031-kyoto/index.html": (301, "/w/2031-kyoto/"),
        "/w/2031": (301, "/w/2031-kyoto/"),
        "/w/2031/programme/": (301, "/w/2031-kyoto/programme/"),
        files: (302, f"{files}talk-data.zip"),
        "/w/2031-kyoto/": (200, "text/html; charset=utf-8"),
        "/w/2031-kyoto/contributions.bib": (200, "application/x-bibtex; charset=utf-8"),
        "/w/static/": (404, "text/html; charset=utf-8"),
        "/w/nothing/": (404, "text/html; charset=utf-8"),
    }

    nginx = Nginx(tmp_path)
    try:
        assert {path: nginx.get(path) for path in expected} == expected
    finally:
        kill_process(nginx.process)


class Nginx:
    """A running nginx that includes the file of the copy in `folder`."""

    def __init__(self, folder):
        self.port = free_port()
        copy = folder / "copy"
        text = (copy / "nginx.conf").read_text().replace("/var/www/workshop/", f"{copy}/")
        (folder / "copy.conf").write_text(text)
        (folder / "mime.types").symlink_to("/etc/nginx/mime.types")
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            "user root;"
            * (os.geteuid() == 0)
            + f"daemon off; pid {folder}/pid; events {{}} http {{ {temporary} "
            f"access_log off; server {{ listen 127.0.0.1:{self.port}; include copy.conf; }} }}"
        )
        program = needed("nginx", shutil.which("nginx", path="/usr/sbin:/usr/bin"))
        self.process = start_watched(
            [program, "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self.process.poll() is not None or is_listening(self.port))
        assert self.process.poll() is None, (folder / "error.log").read_text()

    def get(self, path):
        """Status, and the address or the type of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.getheader("Location") or answer.getheader("Content-Type")
