"""`--database-only` leaves out the tests that cannot reach their database."""

import pytest
from django.db import connection

from tests.conftest import depends_on_database, may_use_database


def test_a_test_that_does_not_ask_for_the_database_is_left_out_and_cannot_use_it(request):
    assert not may_use_database(request.node)
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.ensure_connection()


@pytest.mark.django_db
def test_a_marked_test_is_kept(request):
    assert may_use_database(request.node)


def test_a_test_with_rows_from_a_fixture_is_kept(request, as_chair):
    assert may_use_database(request.node)


def test_a_test_with_a_server_is_kept(request, live_server):
    assert may_use_database(request.node)


@pytest.mark.appearance
@pytest.mark.django_db
def test_a_test_of_how_pages_look_runs_on_one_database(request):
    assert may_use_database(request.node)
    assert not depends_on_database(request.node)
