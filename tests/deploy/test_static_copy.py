"""The configuration for nginx that comes with a static copy."""

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from apps.core.files import private_storage
from apps.editions.services import keep_former_address
from tests.deploy.plain_nginx import Nginx
from tests.factories import make_contribution, make_edition
from tests.processes import kill_process

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_nginx_serves_a_copy_below_a_path(tmp_path):
    edition = make_edition(slug="2031", is_current=True)
    talk = make_contribution(edition, "Ada", slug="talk")
    data = private_storage().save("slides/data.zip", ContentFile(b"PK data"))
    link = talk.links.create(kind="data", file=data)
    edition.slug = "2031-kyoto"
    edition.save()
    keep_former_address(edition=edition, slug="2031")
    call_command("freeze", str(tmp_path / "copy"), base="/w/")
    files = f"/w/2031-kyoto/contributions/talk/files/{link.pk}/"
    expected = {
        "/w": (301, "/w/"),
        "/w/2031-kyoto/index.html": (301, "/w/2031-kyoto/"),
        "/w/2031": (301, "/w/2031-kyoto/"),
        "/w/2031/programme/": (301, "/w/2031-kyoto/programme/"),
        files: (302, f"{files}talk-data.zip"),
        "/w/2031-kyoto/": (200, "text/html; charset=utf-8"),
        "/w/2031-kyoto/contributions.bib": (200, "application/x-bibtex; charset=utf-8"),
        "/w/static/": (404, "text/html; charset=utf-8"),
        "/w/nothing/": (404, "text/html; charset=utf-8"),
    }

    nginx = Nginx(tmp_path)
    try:
        assert {path: nginx.get(path) for path in expected} == expected
    finally:
        kill_process(nginx.process)
