"""Everything private about an address is erased on request, and again after a restore."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from apps.accounts.models import Invitation, User
from apps.contributors.accepted_submissions import add_submissions
from apps.contributors.models import Proposal, Speaker
from apps.core.frozen import frozen_slugs
from apps.interest.models import AccessLink, Expression, StudentLink
from apps.interest.services import erase_expression, erase_on_request
from apps.mail.models import Letter
from apps.people.models import Person
from apps.privacy.erasures import (
    Stored,
    apply_again,
    erase_address,
    plan,
    read_erasures,
    stored_erasures,
    write_erasures,
)
from apps.privacy.models import Erasure
from apps.privacy.person import ALWAYS_SAID, address_digest, collect
from apps.privacy.retention import erase_what_is_due
from apps.review.models import InvitedReviewer, Review, Reviewer
from tests.contributors.speakers import make_speaker
from tests.factories import make_contribution, make_edition, make_expression, make_person
from tests.mail.conftest import make_letter
from tests.ops.test_views import confirm_password
from tests.privacy.test_person import ADDRESS, ASKED, PAGE, make_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(as_chair):
    confirm_password(as_chair)
    return as_chair


def token_of(page) -> str:
    return page.content.decode().split('name="token" value="')[1].split('"')[0]


def erase(browser, **changes):
    sent = ASKED | changes | {"step": "erase"}
    page = browser.post(PAGE, sent)
    return browser.post(PAGE, sent | {"token": token_of(page)}, follow=True)


def all_text() -> str:
    """All rows of all tables, without the erasures."""
    from django.apps import apps

    left_out = {"Session", "CacheEntry", "RateCounter"}
    return "\n".join(
        str(list(model._base_manager.values()))
        for model in apps.get_models()
        if model.__name__ not in left_out
    )


def test_the_dry_run_says_what_goes_and_what_stays_and_erases_nothing(browser):
    make_everything()
    before = all_text()

    page = browser.post(PAGE, ASKED | {"step": "erase"}).content.decode()

    assert all_text() == before
    goes, stays = page.split('id="stays"')
    assert "“Talk at Old workshop”" in goes
    assert "The access of Zoë Speaker as a speaker" in goes
    assert "The public email address of Zoë Speaker" in goes
    assert "The account of Zoë Reviewer" in goes
    assert "Zoë Speaker on the pages of" in stays
    assert "What Zoë Reviewer reviewed" in stays
    assert "Backups hold all of it" in stays


def test_everything_private_is_erased_in_all_editions(browser):
    make_everything()

    page = erase(browser)

    assert "The personal data is erased." in page.content.decode()
    assert not {*collect(ADDRESS)} - ALWAYS_SAID
    text = all_text()
    assert ADDRESS not in text.casefold()
    for private in ("Zoë Student", "Talk at", "The first", "Fair work", "Invite again"):
        assert private not in text
    for private in ("A new biography", "Zoë Reviewer", "Example University"):
        assert private not in text
    # Others keep theirs, and the workshop keeps what is public.
    assert Expression.objects.get().name == "Other Student"
    assert Review.objects.get().remark == "Written by Zoë"
    assert Person.objects.get().name == "Zoë Speaker"
    assert not Speaker.objects.exists()
    assert not Invitation.objects.exists()
    assert not InvitedReviewer.objects.exists()
    account = User.objects.get(name="Former organiser")
    assert not account.is_active
    assert not account.is_staff
    assert not account.has_usable_password()
    assert not account.groups.exists()
    assert LogEntry.objects.latest("pk").change_message == "Erased: Request by email of 3 May"
    assert Erasure.objects.get().digest == address_digest(ADDRESS)


def test_lines_of_the_log_that_name_the_person_are_emptied(browser, chair):
    invitation = Invitation.objects.create(email=ADDRESS, expires_at=timezone.now(), token_hash="1")
    expression = make_expression(make_edition(), email=ADDRESS, title="My private title")
    for row, what in ((expression, "Changed My private title."), (invitation, "Added.")):
        LogEntry.objects.log_actions(chair.pk, [row], 1, change_message=what, single_object=True)

    erase(browser)

    lines = [f"{line.object_repr}{line.change_message}" for line in LogEntry.objects.all()]
    assert len(lines) == 3
    assert not [line for line in lines if "private title" in line or ADDRESS in line]


def test_lines_of_the_log_about_similar_addresses_stay(browser, chair):
    make_expression(make_edition(), email="e@example.net")
    for address in ("zoe@example.net", "e@example.net.uk", "x.e@example.net"):
        Invitation.objects.create(email=address, expires_at=timezone.now(), token_hash=address)
    LogEntry.objects.log_actions(chair.pk, Invitation.objects.all(), 1, change_message="Added.")

    erase(browser, email="e@example.net")

    assert LogEntry.objects.filter(object_repr__contains="@").count() == 3


def test_files_of_the_person_are_deleted(browser, commit):
    person = make_person()
    speaker = make_speaker(make_edition(), person, email=ADDRESS)
    make_contribution(speaker.edition, person)
    proposal = Proposal.objects.create(
        speaker=speaker, file=ContentFile(b"%PDF-1.7", name="talk.pdf")
    )
    path = Path(proposal.file.path)
    assert path.exists()

    with commit():
        erase(browser)

    assert not path.exists()


def test_a_published_contribution_stays_and_the_plan_says_so():
    edition = make_edition()
    expression = make_expression(edition, state="confirmed", email=ADDRESS, title="Public talk")
    add_submissions(edition=edition, expressions=[expression.pk], is_published=True)

    assert "“Public talk” in the published programme" in " ".join(plan(ADDRESS).stays)


def test_a_person_whom_no_edition_names_is_deleted_with_the_history(browser):
    make_person(name="Alone", contact_email=ADDRESS)

    erase(browser)

    assert not Person.objects.exists()
    assert not Person.history.exists()


def test_frozen_pages_that_show_the_name_are_named(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    for slug, text in (("2023", "Talk by Zo&amp; Student"), ("2024", "Nobody")):
        folder = tmp_path / "frozen" / slug / "people"
        folder.mkdir(parents=True)
        (folder / "index.html").write_text(text)
    make_expression(make_edition(), email=ADDRESS, name="Zo& Student")

    stays = " ".join(plan(ADDRESS).stays)

    assert "frozen pages of 2023" in stays
    assert "2024" not in stays


def test_frozen_pages_that_show_the_address_are_thawed(settings, tmp_path, commit, chair):
    settings.DATA_DIR = tmp_path
    for slug, text in (("2023", "mailto:Zo@Example.org"), ("2024", "mailto:other@example.org")):
        (tmp_path / "frozen" / slug).mkdir(parents=True)
        (tmp_path / "frozen" / slug / "index.html").write_text(text)
    make_expression(make_edition(), email="zo@example.org", name="Zo Student")

    goes = " ".join(plan("zo@example.org").goes)
    with commit():
        erase_address(address="zo@example.org", by=chair)

    assert "The address on the frozen pages of 2023: they are thawed" in goes
    assert frozen_slugs() == ["2024"]


def test_a_restore_names_the_frozen_pages_with_an_erased_name(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "frozen" / "2023").mkdir(parents=True)
    (tmp_path / "frozen" / "2023" / "index.html").write_text("Talk by Zo Student")
    make_expression(make_edition(), email="zo@example.org", name="Zo Student")
    later = Stored("address", address_digest("zo@example.org"), timezone.now())

    assert "The frozen pages of 2023 have the name" in apply_again({later})
    assert frozen_slugs() == ["2023"]


def test_what_changed_meanwhile_is_shown_first(browser):
    edition = make_edition()
    make_expression(edition, email=ADDRESS, title="One")
    sent = ASKED | {"step": "erase"}
    token = token_of(browser.post(PAGE, sent))
    make_expression(edition, email=ADDRESS, title="Two")

    page = browser.post(PAGE, sent | {"token": token})

    assert "Something changed meanwhile" in page.content.decode()
    assert Expression.objects.count() == 2


def test_a_second_press_erases_nothing_more(browser):
    make_expression(make_edition(), email=ADDRESS)
    sent = ASKED | {"step": "erase"}
    sent["token"] = token_of(browser.post(PAGE, sent))
    browser.post(PAGE, sent)

    page = browser.post(PAGE, sent)

    assert "nothing was erased" in page.content.decode()
    assert Erasure.objects.count() == 1


def test_a_chair_erases_neither_their_own_account_nor_one_with_more_permissions(browser, chair):
    admin = User.objects.create_superuser(email="admin@example.org")
    for account, reason in ((chair, "This is your own account"), (admin, "has permissions")):
        make_expression(make_edition(), email=account.email)

        page = erase(browser, email=account.email).content.decode()

        assert f"Nothing was erased. {reason}" in page or reason in page
        account.refresh_from_db()
        assert account.is_active
    assert Expression.objects.count() == 2
    assert not Erasure.objects.exists()


def test_the_contact_address_of_an_edition_is_refused(browser):
    """Notices to the organisers go to it."""
    make_letter(to_email="Team@example.org")
    make_edition(contact_email="team@example.org", short_name="Small 2030")

    page = erase(browser, email="team@example.org").content.decode()

    assert "It is the contact address of" in page
    assert Letter.objects.count() == 1


def test_the_note_for_whom_a_late_access_was_goes_with_the_entry():
    expression = make_expression(make_edition())
    AccessLink.objects.create(
        edition=expression.edition,
        for_whom="Zoë, who was ill",
        used_by=expression,
        expires_at=timezone.now(),
    )

    erase_expression(expression=expression)

    assert AccessLink.objects.get().for_whom == "[erased]"


@pytest.mark.parametrize("erase_it", [erase_expression, erase_on_request])
def test_an_entry_erased_by_its_student_or_a_chair_is_recorded_as_a_hash(erase_it):
    expression = make_expression(make_edition())

    erase_it(expression=expression)

    erasure = Erasure.objects.get()
    assert erasure.kind == Erasure.Kind.ENTRY
    assert expression.reference not in erasure.digest


def test_what_is_erased_because_its_period_is_over_is_not_recorded():
    edition = make_edition(starts_on=timezone.localdate() - timedelta(days=400))
    make_expression(edition, state="declined")

    erase_what_is_due()

    assert not Expression.objects.exists()
    assert not Erasure.objects.exists()


# After a restore


def erased(kind: str, digest: str) -> set[Stored]:
    return {Stored(kind, digest, timezone.now())}


def test_erasures_are_applied_again_and_only_those_that_the_database_does_not_have():
    make_everything()
    later = erased("address", address_digest(ADDRESS))

    first = apply_again(later)
    make_expression(make_edition(), email=ADDRESS)  # the person applies once more
    second = apply_again(later)

    assert first == "Erased again: 0 entries, and everything private about 1 address."
    assert "0 addresses" in second
    assert Expression.objects.filter(email=ADDRESS).count() == 1
    assert not Reviewer.objects.exists()
    assert not Letter.objects.filter(subject="About your session").exists()
    assert stored_erasures() == later


def test_one_entry_is_erased_again_and_others_of_its_address_stay():
    edition = make_edition()
    one, other = (make_expression(edition, email=ADDRESS, title=title) for title in ("A", "B"))
    erase_expression(expression=one)
    known = stored_erasures()
    Erasure.objects.all().delete()
    make_expression(edition, email=ADDRESS, title="A", reference=one.reference)

    sentence = apply_again(known)

    assert sentence.startswith("Erased again: 1 entry,")
    assert Expression.objects.get() == other


def test_another_key_finds_nothing(settings):
    make_expression(make_edition(), email=ADDRESS)
    known = erased("address", address_digest(ADDRESS))
    settings.SECRET_KEY = "another-key-" * 5

    apply_again(known)

    assert Expression.objects.exists()


def test_a_file_of_erasures_is_written_and_read(tmp_path, capsys):
    make_expression(make_edition(), email=ADDRESS)
    erase_expression(expression=Expression.objects.get())
    call_command("list_erasures")
    path = tmp_path / "erasures.json"
    path.write_text(capsys.readouterr().out)

    assert read_erasures(path) == stored_erasures()
    assert ADDRESS not in path.read_text()


def test_a_file_is_applied_by_a_command(tmp_path, capsys):
    make_expression(make_edition(), email=ADDRESS)
    path = tmp_path / "erasures.json"
    path.write_text(write_erasures(erased("address", address_digest(ADDRESS))))

    call_command("apply_erasures", str(path))

    assert "1 address" in capsys.readouterr().out
    assert not Expression.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", "null", "\udcff", "[" * 100_000),
        '{"format": "workshop-erasures"}',
        '{"format": "workshop-erasures", "erasures": [["address", "x", "2030-01-01T00:00:00+00:00"]]}',
        f'{{"format": "workshop-erasures", "erasures": [["all", "{"0" * 64}", "2030-01-01T00:00+00:00"]]}}',
        f'{{"format": "workshop-erasures", "erasures": [["address", "{"0" * 64}", "2030-01-01"]]}}',
        f'{{"format": "workshop-erasures", "erasures": [["address", "{"0" * 64}", 5]]}}',
    ],
)
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_bytes(content.encode(errors="surrogateescape"))

    with pytest.raises(CommandError, match="is not a list of erasures"):
        call_command("apply_erasures", str(path))
    with pytest.raises(CommandError, match="No such file"):
        call_command("apply_erasures", str(tmp_path / "nowhere"))


def test_links_of_an_erased_entry_open_nothing(browser):
    expression = make_expression(make_edition(), email=ADDRESS)
    StudentLink.mint(expression=expression, expires_at=timezone.now() + timedelta(days=1))

    erase(browser)

    assert not StudentLink.objects.exists()
