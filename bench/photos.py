"""What a photo costs: time and memory of taking one in, and the weight of ten faces on a page.

    python bench/photos.py

Every measurement runs in a process of its own, so that its peak memory is its own. The
photos are made here: faces of ellipses with texture at three sizes of detail, which weigh
about as much as a real portrait when encoded (see tests/people/files.py), and a
12-megapixel JPEG of 8 MB with grain and EXIF, as phones make them.
"""

import atexit
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5


def _start_django() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workshop.settings")
    os.environ["DATA_DIR"] = folder = tempfile.mkdtemp(prefix="bench-photos-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    import django

    django.setup()


def _plainly(content: bytes) -> None:
    """What it costs merely to unpack the photo, and no more."""
    from io import BytesIO

    from PIL import Image

    Image.open(BytesIO(content)).load()


def _clean(content: bytes) -> None:
    from django.core.files.base import ContentFile

    from apps.core.images import clean_photo

    clean_photo(ContentFile(content, name="photo.jpg"))


def _clean_and_squares(content: bytes) -> None:
    from django.core.files.base import ContentFile

    from apps.core.images import SQUARES, clean_photo
    from apps.people.models import Person

    person = Person(photo_width=1, photo_height=1)
    person.photo.save("photo.jpg", clean_photo(ContentFile(content, name="photo.jpg")), save=False)
    for square in SQUARES:
        person.photo.process(square)


WAYS: dict[str, Callable[[bytes], None]] = {
    "unpacked plainly by Pillow": _plainly,
    "cleaned": _clean,
    "cleaned, stored, six squares made": _clean_and_squares,
}


def measure(way: str, path: str) -> None:
    """In a process of its own: prints seconds (median) and the peak memory above the start's."""
    _start_django()
    # Pillow, its codecs and Django are loaded before counting begins.
    from tests.people.files import corners, encoded

    WAYS[way](encoded(corners((300, 300)), "JPEG"))
    content = Path(path).read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        WAYS[way](content)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([statistics.median(seconds), peak / 1024]))


def weigh() -> None:
    """In a process of its own: prints the bytes of ten faces by square."""
    _start_django()
    from django.core.files.base import ContentFile

    from apps.core.images import SQUARES, clean_photo
    from apps.people.models import Person
    from tests.people.files import encoded, portrait

    total = dict.fromkeys(SQUARES, 0)
    for seed in range(10):
        person = Person(photo_width=1, photo_height=1)
        face = ContentFile(encoded(portrait(seed, 1500), "JPEG", quality=93), name="face.jpg")
        person.photo.save("photo.jpg", clean_photo(face), save=False)
        for square in SQUARES:
            total[square] += person.photo.storage.size(person.photo.process(square))
    print(json.dumps(total))


def _cards() -> None:
    """In a process of its own: prints milliseconds for a thousand cards with photos, made and kept."""
    _start_django()
    from django.core.files.base import ContentFile

    from apps.core.images import SQUARES, clean_photo
    from apps.people.models import Membership, Person
    from apps.people.templatetags import portraits
    from tests.people.files import encoded, portrait

    people = []
    face = ContentFile(encoded(portrait(1, 600), "JPEG"), name="face.jpg")
    for number in range(1000):
        person = Person(name=f"Ada Example {number}", photo_width=1, photo_height=1)
        if number:
            person.photo = people[0].photo.name
        else:
            person.photo.save("photo.jpg", clean_photo(face), save=False)
            for square in SQUARES:
                person.photo.process(square)
        person.photo_focus = "0.5x0.5"
        people.append(person)
    members = [Membership(person=person, affiliation="University of Examples") for person in people]
    made, kept = [], []
    for _ in range(5):
        portraits._card.cache_clear()
        portraits._tile.cache_clear()
        for rounds in (made, kept):
            start = time.perf_counter()
            for membership in members:
                portraits.person_card(membership)
            rounds.append(1000 * (time.perf_counter() - start))
    print(json.dumps([min(made), min(kept)]))


def _ask(*arguments: str):
    run = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, check=False
    )
    if run.returncode:
        sys.exit(run.stderr)
    return json.loads(run.stdout.splitlines()[-1])


def _make(path: str) -> None:
    """In a process of its own: a process inherits the peak of the one that started it."""
    _start_django()
    from tests.people.files import phone_photo

    print(Path(path).write_bytes(phone_photo(8)))


def main() -> None:
    """Prints the two tables."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        size = _ask("make", file.name)
        print(f"One photo: 12 megapixels, {size / 1024**2:.1f} MB (median of {RUNS})\n")
        print(f"{'':36}{'ms':>6}{'peak MB':>10}{'time':>8}{'memory':>8}")
        plain: list[float] = []
        for way in WAYS:
            seconds, megabytes = _ask("measure", way, file.name)
            plain = plain or [seconds, megabytes]
            print(
                f"{way:36}{1000 * seconds:6.0f}{megabytes:10.0f}"
                f"{seconds / plain[0]:7.2f}x{megabytes / plain[1]:7.2f}x"
            )
    print("\nTen faces, kB\n")
    total = _ask("weigh")
    print(f"{'':8}{'1×':>8}{'2×':>8}")
    for name in ("avif", "webp", "jpeg"):
        print(f"{name:8}{total[f'{name}_1x'] / 1000:8.1f}{total[f'{name}_2x'] / 1000:8.1f}")
    made, kept = _ask("cards")
    print(f"\nA thousand cards with photos: {made:.0f} ms, kept ones {kept:.1f} ms")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["measure", way, path]:
            measure(way, path)
        case ["make", path]:
            _make(path)
        case ["weigh"]:
            weigh()
        case ["cards"]:
            _cards()
        case _:
            main()
