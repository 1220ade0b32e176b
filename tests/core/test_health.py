"""What a watchman is told."""

from collections import namedtuple

import pytest
from django.db import DatabaseError

from apps.core import health, migrated

Usage = namedtuple("Usage", "total used free")


def test_livez_answers_without_a_database(client):
    response = client.get("/livez")

    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_healthz_is_content_with_a_migrated_database_and_room_on_the_disk(
    client, django_assert_num_queries
):
    client.get("/healthz")  # learns which migrations there are

    with django_assert_num_queries(2):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_healthz_tells_of_a_missing_migration_without_details(client, monkeypatch):
    monkeypatch.setattr(migrated, "all_migrations", lambda: {("core", "9999_to_come")})

    response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"not well")


@pytest.mark.django_db
def test_healthz_tells_of_a_full_disk_without_details(client, monkeypatch):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: Usage(10**9, 10**9, 10**6))

    response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"not well")


def test_healthz_tells_of_a_lost_database_without_details(client, monkeypatch):
    def lost(connection):
        raise DatabaseError("connection to 10.0.0.1 refused")

    monkeypatch.setattr(migrated, "MigrationRecorder", lost)

    response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"not well")


@pytest.mark.django_db
def test_healthz_tells_of_what_an_app_finds_wrong_without_details(client, monkeypatch):
    monkeypatch.setattr(health, "_checks", [lambda: True, lambda: False])

    response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"not well")


@pytest.mark.parametrize("path", ["/livez", "/healthz"])
def test_a_watchman_only_looks(client, path):
    assert client.post(path).status_code == 405
