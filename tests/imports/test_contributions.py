"""Import of contributions: their topics, their slides, and their addresses."""

import pytest

from apps.imports.folders.importing import import_edition
from apps.imports.folders.programme_schema import TopicOfContribution
from apps.programme.models import Contribution, ContributionLink, Session
from tests.imports.conftest import differences, import_error

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PROGRAMME = """\
    sessions:
      - slug: {session}
        kind: talks
        contributions:
          - slug: {contribution}
            title: Small
            topics: [{topics}]
            slides_file: {slides}
    """


@pytest.fixture
def write_talk(write):
    """Writes a programme of one talk, and its slides."""

    def write_files(content: bytes = PDF, **values: str) -> None:
        defaults = {
            "session": "talks",
            "contribution": "small",
            "topics": "quarks, atoms",
            "slides": "small.pdf",
        }
        write("programme.yaml", PROGRAMME.format(**defaults | values))
        write("slides/small.pdf", content)

    return write_files


def _topics() -> set[str]:
    return set(Contribution.objects.get().topics.values_list("slug", flat=True))


def _slides() -> bytes:
    with Contribution.objects.get().slides.open() as file:
        return file.read()


def _files(settings) -> int:
    return sum(path.is_file() for path in settings.PRIVATE_ROOT.rglob("*"))


def _faults(folder) -> list[tuple[int, str]]:
    return [(fault.line, fault.message) for fault in import_error(folder).faults]


def test_topics_and_slides_are_imported_once(folder, write_talk, settings):
    write_talk()

    first = import_edition(folder=folder)
    second = import_edition(folder=folder)

    assert first.created[TopicOfContribution] == 2
    assert (_topics(), _slides()) == ({"atoms", "quarks"}, PDF)
    assert _files(settings) == 1
    assert (second.created, second.replaced, second.only_in_database) == ({}, [], [])


def test_other_slides_are_a_difference_and_replace_the_stored_ones(
    folder, write_talk, settings, django_capture_on_commit_callbacks
):
    write_talk()
    import_edition(folder=folder)
    write_talk(PDF + b"%2")

    reported = differences(folder)
    with django_capture_on_commit_callbacks(execute=True):
        import_edition(folder=folder, replace=True)

    assert reported == [
        "contribution “small”, slides_file: “another slides” → “slides/small.pdf” "
        "(2030/programme.yaml, line 8)"
    ]
    assert _slides() == PDF + b"%2"
    assert _files(settings) == 1


def test_lost_slides_come_back(folder, write_talk, settings):
    write_talk()
    import_edition(folder=folder)
    (settings.PRIVATE_ROOT / Contribution.objects.get().slides.name).unlink()

    import_edition(folder=folder, replace=True)

    assert _slides() == PDF


def test_a_topic_that_only_the_database_has_stays_and_is_reported(folder, write_talk):
    write_talk()
    import_edition(folder=folder)
    write_talk(topics="atoms")

    report = import_edition(folder=folder)

    assert report.only_in_database == ["topic of a contribution “quarks” in “small”"]
    assert _topics() == {"atoms", "quarks"}


def test_an_unreadable_pdf_is_refused_and_not_stored(folder, write_talk, settings):
    write_talk(b"PK\x03\x04")

    assert _faults(folder) == [
        (8, "slides_file: This is not a PDF. Export the slides or the poster as PDF.")
    ]
    assert not Contribution.objects.exists()
    assert _files(settings) == 0


def test_slides_over_50_mb_are_refused_unread(folder, write_talk):
    write_talk()
    with (folder / "slides/small.pdf").open("r+b") as file:
        file.truncate(50 * 1024 * 1024 + 1)

    assert _faults(folder) == [
        (8, "slides/small.pdf: this file is larger than 50 MB. Make it smaller")
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../small.pdf", "is not the name of a file"),
        ("/etc/passwd.pdf", "is not the name of a file"),
        ("..", "is not the name of a file"),
        ("missing.pdf", "slides/missing.pdf: this file is missing. Add it"),
        ("outside.pdf", "this link leads out of the folder"),
    ],
)
def test_a_file_outside_the_folder_is_refused(folder, write_talk, tmp_path, name, words):
    write_talk(slides=name)
    (tmp_path / "secret.pdf").write_bytes(PDF)
    (folder / "slides/outside.pdf").symlink_to(tmp_path / "secret.pdf")

    ((line, message),) = _faults(folder)

    assert line == 8
    assert words in message


def test_unknown_and_repeated_topics_are_refused(folder, write_talk):
    write_talk(topics="atom, quarks, quarks")

    assert [message for _, message in _faults(folder)] == [
        "there is no “atom” in topics.yaml. Did you mean “atoms”?",
        "“quarks” appears twice, first in 2030/programme.yaml, line 7. Change or remove one of them",
    ]


@pytest.mark.parametrize("word", ["now", "draft"])
def test_a_session_cannot_have_the_address_of_a_page(folder, write_talk, word):
    write_talk(session=word)

    assert _faults(folder) == [
        (2, f"slug: “{word}” is an address of the site itself. Choose another one.")
    ]
    assert not Session.objects.exists()


def test_other_addresses_are_free_for_sessions_and_contributions(folder, write_talk):
    write_talk(session="media", contribution="now")

    import_edition(folder=folder)

    assert Session.objects.get().slug == "media"
    assert Contribution.objects.get().get_absolute_url() == "/2030/contributions/now/"


LINKS = """\
    lists_in_order: yes
    sessions:
      - slug: posters
        kind: posters
        contributions:
          - slug: small
            title: Small
            links:
              - kind: poster
                file: Small.pdf
              - kind: reviews
                label: Forum
                link: https://example.org/small
    contributions:
      - slug: zebra
        title: Zebra
        contributors: [{name: Ada Example, role: author}]
      - slug: apple
        title: Apple
        kind: demo
    """


def _links() -> list[tuple]:
    links = Contribution.objects.get(slug="small").shown_links
    return [(link.kind.value, link.label, link.url, link.file_type) for link in links]


def test_links_and_files_are_imported_once_in_their_order(folder, write):
    write("programme.yaml", LINKS)
    write("attachments/Small.pdf", PDF)

    import_edition(folder=folder)
    second = import_edition(folder=folder)

    file = f"/2030/contributions/small/files/{ContributionLink.objects.get(kind='poster').pk}/"
    assert _links() == [
        ("poster", "Poster", file, "PDF"),
        ("reviews", "Forum", "https://example.org/small", ""),
    ]
    assert not second.created


def test_a_link_changes_from_a_file_to_an_address_and_back(
    folder, write, django_capture_on_commit_callbacks
):
    write("programme.yaml", LINKS)
    write("attachments/Small.pdf", PDF)
    import_edition(folder=folder)
    stored = ContributionLink.objects.get(kind="poster").file
    address = "https://posters.example.org/small"
    write("programme.yaml", LINKS.replace("file: Small.pdf", f"link: {address}"))

    reported = differences(folder)
    with django_capture_on_commit_callbacks(execute=True):
        import_edition(folder=folder, replace=True)

    line = "(2030/programme.yaml, line 10)"
    assert [text.rpartition(" (")[0] for text in reported] == [
        f"link “poster” in “small”, link: nothing → “{address}”",
        "link “poster” in “small”, file: “another file” → nothing",
    ]
    assert line in reported[0]
    assert _links()[0] == ("poster", "Poster", address, "")
    assert not stored.storage.exists(stored.name)
    assert import_edition(folder=folder).is_unchanged

    write("programme.yaml", LINKS)
    import_edition(folder=folder, replace=True)

    assert _links()[0][3] == "PDF"
    assert import_edition(folder=folder).is_unchanged


def test_contributions_in_no_session_are_imported_in_the_order_of_the_folder(folder, write):
    write("programme.yaml", LINKS)
    write("attachments/Small.pdf", PDF)

    import_edition(folder=folder)

    rows = Contribution.objects.in_listed_order()
    assert [(row.slug, row.kind, row.is_published, row.slots.count()) for row in rows] == [
        ("small", "poster", True, 1),
        ("zebra", "paper", True, 0),
        ("apple", "demo", True, 0),
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "file: Small.pdf",
            "file: missing.pdf",
            (10, "attachments/missing.pdf: this file is missing. Add it"),
        ),
        (
            "file: Small.pdf",
            "label: Mine",
            (9, "Enter a web address, or choose a file, not both."),
        ),
        (
            "kind: demo",
            "board: P1",
            (20, "board: only contributions in a session have one. Move this one to a session"),
        ),
        (
            "kind: reviews\n                label: Forum",
            "kind: poster",
            (
                11,
                "“poster” appears twice, first in 2030/programme.yaml, line 9. Change or remove one of them",
            ),
        ),
    ],
)
def test_faults_of_links_and_of_contributions_in_no_session(folder, write, old, new, fault):
    assert old in LINKS
    write("programme.yaml", LINKS.replace(old, new))
    write("attachments/Small.pdf", PDF)

    assert _faults(folder) == [fault]


def test_attachments_are_pdf_or_zip(folder, write):
    write("programme.yaml", LINKS)
    write("attachments/Small.pdf", b"<html>")

    assert _faults(folder) == [
        (
            10,
            "file: This is neither a PDF nor a ZIP archive. Choose a file whose name ends in .pdf "
            "or .zip.",
        )
    ]
