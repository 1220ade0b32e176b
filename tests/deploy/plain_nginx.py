"""An nginx that serves a static copy by the file that comes with it."""

import http.client
import os
import shutil
import subprocess

from tests.browser import needed
from tests.processes import free_port, is_listening, start_watched, wait_until


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
            + f"daemon off; pid {folder}/pid; events {{}} http {{ {temporary} access_log off; gzip on; "
            "gzip_types text/css application/javascript; "
            f"server {{ listen 127.0.0.1:{self.port}; include copy.conf; }} }}"
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
