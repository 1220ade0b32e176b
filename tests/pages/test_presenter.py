"""The page for the presenter's computer in a lightning round."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine

from apps.core.logs import mask_tokens
from apps.pages.presenter import presenter_url
from tests.factories import (
    make_contribution,
    make_current_edition,
    make_edition,
    make_release,
    make_session,
    make_slot,
)
from tests.printing.decks import deck, give_slides
from tests.queries import count_queries
from tests.reading import words_of

pytestmark = pytest.mark.django_db
DURING = datetime(2024, 6, 27, 8, 4, tzinfo=UTC)  # 09:04 in London


@pytest.fixture(autouse=True)
def during_the_round():
    with time_machine.travel(DURING, tick=False):
        yield


@pytest.fixture
def session(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path / "private"
    edition = make_current_edition(slug="2024", year=2024, starts_on=date(2024, 6, 27))
    row = make_session(edition, kind="lightning", title="Round", starts_at=time(9), minutes=30)
    for name in ("Ada", "Bo"):
        talk = make_contribution(edition, name, kind="lightning", title=f"Talk by {name}")
        make_slot(row, talk, minutes=3)
    return row


def page(client, session, name="presenter"):
    return client.get(presenter_url(session.edition, session.pk, name))


def words(client, session) -> str:
    return words_of(page(client, session).content.decode())


def test_the_page_shows_the_current_talk_and_all_times_without_scripts(client, session):
    make_release(session.edition)

    text = words(client, session)

    assert "Now 09:03–09:06 Bo Talk by Bo" in text
    assert "09:00 Ada Talk by Ada 09:03 Bo Talk by Bo" in text


def test_a_helper_with_the_link_gets_the_slides_without_an_account(client, session):
    give_slides(session.slots.first().contribution, deck("Alpha"))
    make_release(session.edition)

    response = page(client, session, "presenter-slides")

    assert response.getvalue().startswith(b"%PDF-")
    assert "no-store" in response["Cache-Control"]
    response.close()


def test_the_link_shows_nothing_that_is_not_published(client, as_chair, session):
    hidden = make_contribution(
        session.edition, "Nobody", kind="lightning", title="Secret", is_published=False
    )
    give_slides(hidden, deck("Hidden"))
    make_slot(session, hidden, minutes=3)
    before = page(client, session).status_code
    make_release(session.edition)
    later = make_contribution(session.edition, "Later", kind="lightning", title="Drafted")
    make_slot(session, later, minutes=3)

    text = words(client, session)

    assert before == 404
    assert "Talk 3" in text
    for secret in ("Secret", "Nobody", "Drafted", "Later", "draft"):
        assert secret not in text
    assert "Secret" in words(as_chair, session)
    assert "The draft has other talks or another order." in words(as_chair, session)


@pytest.mark.parametrize("token", ["1", "1.x", "x.y", "1." + "A" * 43, "%00"])
def test_a_guessed_address_is_not_found(client, session, token):
    make_release(session.edition)

    for path in ("", "slides.pdf"):
        assert client.get(f"/2024/presenter/{token}/{path}").status_code in {400, 404}


def test_a_link_opens_no_other_edition_and_ends_with_its_own(client, as_chair, session):
    make_release(session.edition)
    other = make_edition(slug="2025", year=2025)
    link = presenter_url(session.edition, session.pk)

    assert client.get(link.replace("2024", "2025")).status_code == 404
    with time_machine.travel(datetime(2024, 6, 28, 12, tzinfo=UTC), tick=False):
        assert client.get(link).status_code == 404
        assert as_chair.get(link).status_code == 200
    session.edition.state = other.state = "draft"
    session.edition.is_current = False
    session.edition.save()
    assert client.get(link).status_code == 404


def test_the_page_is_not_cached_or_indexed_and_logs_hide_its_token(client, session):
    make_release(session.edition)

    response = page(client, session)

    assert response["Cache-Control"] == "no-store, private"
    assert response["X-Robots-Tag"] == "noindex"
    link = presenter_url(session.edition, session.pk)
    assert mask_tokens(f"GET {link}slides.pdf") == "GET /2024/presenter/[masked]/slides.pdf"


def test_a_round_without_lengths_gives_all_talks_equal_parts(client, session):
    session.slots.update(minutes=None)
    make_release(session.edition)

    assert "09:00 Ada Talk by Ada 09:15 Bo" in words(client, session)


def test_an_empty_round_says_so(client, session):
    session.slots.all().delete()
    make_release(session.edition)

    assert "There is no talk in this round yet." in words(client, session)


def test_the_page_makes_as_many_queries_for_one_talk_as_for_three(client, session):
    def count() -> int:
        make_release(session.edition)
        return count_queries(lambda: page(client, session))

    two = count()
    for name in ("Cy", "Di"):
        make_slot(session, make_contribution(session.edition, name, kind="lightning"), minutes=3)

    assert count() == two <= 14
