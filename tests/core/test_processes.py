"""Notification of systemd."""

import socket

import pytest

from apps.core.processes import notify_ready


@pytest.mark.parametrize("kind", ["a file", "no file"])
def test_systemd_is_notified_once_the_service_is_ready(settings, tmp_path, kind):
    # An abstract socket name begins with a null byte, written as "@" in the variable.
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
def test_without_a_listener_nothing_happens(settings, address):
    settings.NOTIFY_SOCKET = address

    notify_ready()
