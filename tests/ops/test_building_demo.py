"""When the demo is built, and when it is not."""

import shutil
from datetime import date

import pytest

from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.ops.demo import OtherEditionsExist, build_demo
from apps.ops.large_demo import build_large_demo
from tests.factories import make_edition
from tests.processes import free_port
from tests.workshop.commands import manage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("today", [date(2027, 2, 28), date(2028, 12, 31), date(2030, 3, 31)])
def test_it_can_be_built_on_any_day(today):
    build_demo(today=today)

    demo = Edition.objects.get()
    demo.full_clean()
    demo.call.full_clean()
    days = [demo.call.opens_on, today, demo.call.closes_on, demo.call.decisions_on, demo.starts_on]
    assert days == sorted(day for day in days if day)
    assert demo.starts_on
    assert demo.year == demo.starts_on.year


def test_an_existing_demo_is_not_changed():
    build_demo()
    Expression.objects.filter(state=State.LAPSED).delete()
    before = list(Expression.objects.values())

    assert not build_demo()

    assert list(Expression.objects.values()) == before


def test_it_is_not_built_beside_other_editions():
    make_edition()

    with pytest.raises(OtherEditionsExist):
        build_demo()


@pytest.mark.slow
def test_the_large_demo_is_a_coming_conference_and_a_past_day_of_papers():
    today = date(2031, 12, 24)

    assert build_large_demo(today=today)

    conference, paper_day = Edition.objects.order_by("-year")
    assert conference.starts_on
    assert f"{conference.starts_on:%A %d %B %Y}" == "Monday 01 March 2032"
    assert (conference.is_current, paper_day.is_current) == (True, False)
    assert not build_large_demo(today=today)
    for edition in (conference, paper_day):
        edition.full_clean()


def test_the_large_demo_is_not_built_beside_other_editions():
    make_edition()

    with pytest.raises(OtherEditionsExist):
        build_large_demo()


def test_the_command_refuses_a_folder_with_other_editions(migrated, tmp_path):
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    manage(tmp_path, "import_edition", "content/2024")

    result = manage(tmp_path, "serve", "--demo", PORT=str(free_port()))

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"CommandError: {tmp_path} holds editions of its own; the invented one needs its own "
        "folder, as in: make demo DATA_DIR=var/demo\n"
    )
