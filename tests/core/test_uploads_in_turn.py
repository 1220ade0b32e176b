"""Large uploads one at a time, all else past them."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.core.uploads_in_turn import LARGE, UploadsInTurn

BIG = LARGE + 1


class _Application:
    """Counts how many requests it has at once, and keeps each until it is let go."""

    def __init__(self) -> None:
        self.lock, self.now, self.most = threading.Lock(), 0, 0
        self.let_go = threading.Event()
        self.has_some = threading.Event()

    def __call__(self, environ, start_response):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        if environ.get("WAITS"):
            self.has_some.set()
            self.let_go.wait(10)
        with self.lock:
            self.now -= 1
        start_response("200 OK", [])
        return [str(len(environ["wsgi.input"].read())).encode()]


def _ask(application, size: int, **environ):
    stream = io.BytesIO(b"x" * size)
    answer = application(
        {"CONTENT_LENGTH": str(size), "wsgi.input": stream, **environ}, lambda *words: None
    )
    return b"".join(answer)


def test_large_uploads_are_let_through_one_at_a_time_and_whole():
    inner = _Application()
    # Two, as two workers have.
    doors = [UploadsInTurn(inner), UploadsInTurn(inner)]
    with ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(_ask, doors[n % 2], BIG, WAITS=True) for n in range(6)]
        assert inner.has_some.wait(10)
        # Meanwhile words go past.
        assert _ask(doors[0], LARGE) == str(LARGE).encode()
        inner.let_go.set()
        assert {one.result() for one in asked} == {str(BIG).encode()}
    assert inner.most == 2  # one of the large ones, and the words


def test_the_next_has_its_turn_after_a_fault():
    def fails(environ, start_response):
        raise RuntimeError("fault")

    for _ in range(2):
        with pytest.raises(RuntimeError):
            _ask(UploadsInTurn(fails), BIG)


@pytest.mark.parametrize("length", ["", "0", "-1", "x", "9" * 30, "²"])
def test_what_has_no_such_length_is_passed_on_unread(length):
    stream = io.BytesIO(b"what follows")
    inner = _Application()
    answer = UploadsInTurn(inner)(
        {"CONTENT_LENGTH": length, "wsgi.input": stream}, lambda *words: None
    )

    assert b"".join(answer) == b"12"


def test_more_than_we_take_is_not_read_and_waits_for_nobody(settings):
    settings.LARGEST_REQUEST = BIG
    stream = io.BytesIO(b"x")
    UploadsInTurn(lambda environ, start: start("413 Too Large", []) or [])(
        {"CONTENT_LENGTH": str(BIG + 1), "wsgi.input": stream}, lambda *words: None
    )

    assert stream.tell() == 0
