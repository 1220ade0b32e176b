"""The link from an object at the desk to its public page."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from tests.accounts.helpers import signed_in
from tests.factories import make_edition, make_expression, make_topic, make_user

pytestmark = pytest.mark.django_db


def _address(row: Model) -> str:
    return f"/admin/r/{ContentType.objects.get_for_model(row).pk}/{row.pk}/"


def test_references_are_told_to_nobody_who_may_not_see_the_expression(request, as_chair):
    expression = make_expression(make_edition())
    clients = [signed_in(make_user(is_staff=True))]  # staff without a role
    clients += [request.getfixturevalue(name) for name in ("as_editor", "as_reviewer")]

    answers = [client.get(_address(expression)) for client in clients]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert as_chair.get(_address(expression))["Location"].endswith(expression.get_absolute_url())


def test_content_is_shown_to_whoever_may_view_it(as_reviewer):
    edition = make_edition()

    assert as_reviewer.get(_address(edition))["Location"].endswith(edition.get_absolute_url())
    assert signed_in(make_user(is_staff=True)).get(_address(edition)).status_code == 404


@pytest.mark.parametrize("path", ["x/1/", "1/x/", f"{10**30}/1/", "1/99999/"])
def test_an_unknown_object_is_not_found(as_chair, path):
    make_topic(make_edition())

    assert as_chair.get(f"/admin/r/{path}").status_code == 404
