"""What a service manager is told."""

import socket

import pytest

from apps.core.processes import notify_ready


@pytest.mark.parametrize("kind", ["a file", "no file"])
def test_systemd_hears_once_that_the_service_is_ready(settings, tmp_path, kind):
    # A name without a file begins with a null byte, which the variable writes as "@".
    path = str(tmp_path / "notify")
    address, settings.NOTIFY_SOCKET = (
        (path, path) if kind == "a file" else (f"\0{path}", f"@{path}")
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(5)

        notify_ready()

        assert listener.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nowhere/notify"])
def test_nothing_happens_where_nobody_listens(settings, address):
    settings.NOTIFY_SOCKET = address

    notify_ready()
