"""What was erased on request is erased again when an earlier backup is restored."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.workshop.commands import manage

_FILL = """
from tests.factories import make_edition, make_expression, make_person, make_group
edition = make_edition(slug="2024")
make_expression(edition, email="stays@example.net", name="Stays Student")
make_expression(edition, email="student@example.net", name="Erased Student", reference="222222")
make_expression(edition, email="person@example.net", name="Erased Person")
make_group(edition, make_person(name="Shown Person", contact_email="person@example.net"))
"""
_ERASE = """
from apps.accounts.models import User
from apps.interest.models import Expression
from apps.interest.services import erase_on_request
from apps.privacy.erasures import erase_address
erase_on_request(expression=Expression.objects.get(reference="222222"))
chair = User.objects.create_superuser(email="chair@example.org")
erase_address(address="person@example.net", by=chair)
"""
_SENTENCE = "Erased again: 1 entry, and everything private about 1 address."


@pytest.fixture
def site(migrated, tmp_path) -> Path:
    """A site from which a student and a person were erased after its backup was made."""
    site = Path(shutil.copytree(migrated, tmp_path / "site"))
    for arguments in (("shell", "-c", _FILL), ("backup",), ("shell", "-c", _ERASE)):
        result = manage(site, *arguments)
        assert result.returncode == 0, result.stderr
    return site


def backup_of(site: Path) -> str:
    [archive] = (site / "backups").iterdir()
    return str(archive)


def names(site: Path) -> tuple[list[str], list[str]]:
    """Names of the entries, and addresses of people."""
    with closing(sqlite3.connect(site / "db.sqlite3")) as database:
        entries = database.execute("SELECT name FROM interest_expression").fetchall()
        people = database.execute("SELECT contact_email FROM people_person").fetchall()
    return sorted(name for (name,) in entries), [address for (address,) in people]


def test_a_restore_erases_again_what_was_erased_since_the_backup(site):
    assert names(site) == (["Stays Student"], [""])

    restored = manage(site, "restore", backup_of(site))

    assert restored.returncode == 0, restored.stderr
    assert _SENTENCE in restored.stdout
    assert names(site) == (["Stays Student"], [""])
    assert not list(site.glob("erasures*"))
    # The restored database knows them, so that the next restore does it, too.
    assert _SENTENCE in manage(site, "restore", backup_of(site)).stdout


@pytest.mark.slow
def test_a_new_machine_erases_by_a_file(site, tmp_path):
    erasures, new = tmp_path / "erasures.json", tmp_path / "new"
    erasures.write_text(manage(site, "list_erasures").stdout)
    new.mkdir()
    shutil.copy(site / "secret_key", new)

    wrong = manage(new, "restore", backup_of(site), f"--erasures={site / 'db.sqlite3'}")
    restored = manage(new, "restore", backup_of(site), f"--erasures={erasures}")

    assert wrong.returncode == 1
    assert "is not a list of erasures" in wrong.stderr
    assert "Nothing was changed." in wrong.stderr
    assert _SENTENCE in restored.stdout, restored.stderr
    assert names(new) == (["Stays Student"], [""])


def test_a_restore_that_was_stopped_halfway_has_not_lost_the_erasures(site):
    """The database is gone and the erasures are only in the file that the first restore left."""
    listed = manage(site, "list_erasures").stdout
    (site / "erasures-to-apply.json").write_text(listed)
    (site / "db.sqlite3").unlink()

    restored = manage(site, "restore", backup_of(site))

    assert _SENTENCE in restored.stdout, restored.stderr
    assert names(site) == (["Stays Student"], [""])


@pytest.mark.slow
def test_a_damaged_database_is_replaced_and_the_missing_erasures_are_told(site):
    (site / "db.sqlite3").write_bytes(b"no database " * 500)

    restored = manage(site, "restore", backup_of(site))

    assert restored.returncode == 0, restored.stderr
    assert "The erasures of the present database cannot be read" in restored.stderr
    assert len(names(site)[0]) == 3


@pytest.mark.slow
def test_a_refused_restore_leaves_no_file(site, tmp_path):
    (tmp_path / "other.zip").write_bytes(b"PK")

    refused = manage(site, "restore", str(tmp_path / "other.zip"))

    assert refused.returncode == 1
    assert not list(site.glob("erasures*"))
    assert names(site) == (["Stays Student"], [""])
