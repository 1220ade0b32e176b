"""Django's few threads behind the server's many."""

import io
import threading
import time

import pytest

from apps.core import pool
from apps.core.pool import Pool


def _answer(environ, start_response):
    start_response("200 OK", [("X-Thread", threading.current_thread().name)])
    return [environ["wsgi.input"].read()]


def _ask(application, stream=None, **environ):
    said = []
    body = application({"wsgi.input": stream or io.BytesIO(), **environ}, lambda *w: said.extend(w))
    return said, b"".join(body)


def test_django_runs_in_a_thread_of_the_pool():
    said, body = _ask(Pool(_answer), io.BytesIO(b"a=1&b=2"))

    assert said[0] == "200 OK"
    assert said[1][0][1].startswith("django")
    assert body == b"a=1&b=2"


def test_no_more_run_at_once_than_it_has_threads():
    running, most, lock = 0, 0, threading.Lock()

    def counted(environ, start_response):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
        start_response("200 OK", [])
        return []

    application = Pool(counted)
    threads = [threading.Thread(target=_ask, args=(application,)) for _ in range(4 * pool.SIZE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most <= pool.SIZE


def test_a_fault_of_the_application_reaches_the_server():
    def faulty(environ, start_response):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _ask(Pool(faulty))
