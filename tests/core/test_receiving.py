"""What visitors send is taken in whole before anybody works on it."""

import io
import threading
import time

import pytest

from apps.core import receiving
from apps.core.pool import SIZE, Pool
from apps.core.receiving import Receiving


def _answer(environ, start_response):
    start_response("200 OK", [("X-Thread", threading.current_thread().name)])
    return [environ["wsgi.input"].read()]


def _ask(application, stream=None, **environ):
    said = []
    body = application({"wsgi.input": stream or io.BytesIO(), **environ}, lambda *w: said.extend(w))
    return said, b"".join(body)


@pytest.mark.parametrize("length", ["", "0", "-1", "x", "7.5", "²"])
def test_a_length_that_is_none_is_left_to_django(length):
    _, body = _ask(Receiving(_answer), io.BytesIO(b"what follows"), CONTENT_LENGTH=length)

    assert body == b"what follows"


def test_more_than_we_take_is_not_read_here(settings):
    settings.LARGEST_REQUEST = 10
    stream = io.BytesIO(b"x" * 100)
    _ask(
        Receiving(lambda environ, start: start("413 Too Large", []) or []),
        stream,
        CONTENT_LENGTH="100",
    )

    assert stream.tell() == 0


def test_who_leaves_in_the_middle_leaves_what_came():
    _, body = _ask(Receiving(_answer), io.BytesIO(b"half"), CONTENT_LENGTH="8")

    assert body == b"half"


def test_what_is_large_waits_on_disk_and_is_whole():
    sent = bytes(range(256)) * 4096
    _, body = _ask(Receiving(_answer), io.BytesIO(sent), CONTENT_LENGTH=str(len(sent)))

    assert body == sent


def test_somebody_who_sends_slowly_holds_none_of_its_threads():
    class Slow(io.RawIOBase):
        def read(self, size=-1):
            time.sleep(30)
            return b""

    application = Receiving(Pool(_answer))
    for _ in range(SIZE + 1):
        threading.Thread(
            target=_ask, args=(application, Slow()), kwargs={"CONTENT_LENGTH": "9"}, daemon=True
        ).start()

    assert _ask(application)[0][0] == "200 OK"


def test_when_too_many_send_at_once_the_next_is_asked_to_come_again_and_who_only_reads_is_not():
    go_on = threading.Event()

    class Slow(io.RawIOBase):
        def read(self, size=-1):
            go_on.wait(30)
            return b""

    application = Receiving(_answer)
    threads = [
        threading.Thread(
            target=_ask, args=(application, Slow()), kwargs={"CONTENT_LENGTH": "9"}, daemon=True
        )
        for _ in range(receiving.SENDERS)
    ]
    for thread in threads:
        thread.start()
    while application._senders._value:
        time.sleep(0.01)

    said, body = _ask(application, io.BytesIO(b"a=1"), CONTENT_LENGTH="3")
    reading, _ = _ask(application)
    go_on.set()
    for thread in threads:
        thread.join()

    assert said[0].startswith("503")
    assert b"not saved" in body
    assert reading[0] == "200 OK"
    assert _ask(application, io.BytesIO(b"a=1"), CONTENT_LENGTH="3")[0][0] == "200 OK"


def test_a_body_is_closed_once_it_is_answered():
    bodies = []

    def keeps(environ, start_response):
        bodies.append(environ["wsgi.input"])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _ask(Receiving(keeps), io.BytesIO(b"a=1"), CONTENT_LENGTH="3")

    assert bodies[0].closed
