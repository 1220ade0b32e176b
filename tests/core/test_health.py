"""Health checks for monitoring."""

from collections import namedtuple

import pytest
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder

from apps.core import health

Usage = namedtuple("Usage", "total used free")


def test_livez_answers_without_a_database(client):
    response = client.get("/livez")

    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_healthz_is_ok_with_a_migrated_database_and_disk_space(client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["migration", "disk", "database", "check"])
def test_healthz_reports_a_fault_without_details(client, monkeypatch, fault):
    def lose_connection():
        raise DatabaseError("connection to 10.0.0.1 refused")

    if fault == "migration":
        MigrationRecorder.Migration.objects.filter(app="core").delete()
    elif fault == "disk":
        monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(10**9, 10**9, 10**6))
    else:
        monkeypatch.setattr(health, "registered_checks", [])
        health.register_check(lose_connection if fault == "database" else lambda: False)

    response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"not well")


@pytest.mark.parametrize("path", ["/livez", "/healthz"])
def test_health_checks_refuse_post(client, path):
    assert client.post(path).status_code == 405
