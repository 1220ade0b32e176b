import pytest

from tests.factories import make_edition, make_topic

pytestmark = pytest.mark.django_db


def test_a_topic_keeps_its_anchor_when_it_is_renamed():
    topic = make_topic(make_edition(), heading="Efficient Model Architectures")
    topic.heading = "Lean Models"

    topic.save()

    assert topic.slug == "efficient-model-architectures"


def test_topics_of_an_edition_with_the_same_heading_have_different_anchors():
    edition = make_edition()

    slugs = [make_topic(edition, heading="Models").slug for _ in range(3)]

    assert slugs == ["models", "models-2", "models-3"]
    assert make_topic(make_edition(), heading="Models").slug == "models"


@pytest.mark.parametrize("heading", ["🎓", "模型", "x" * 200, "- -"])
def test_every_heading_gives_an_anchor(heading):
    topic = make_topic(make_edition(), heading=heading)

    assert 0 < len(topic.slug) <= 60


def test_a_new_topic_is_last():
    edition = make_edition()
    for heading in ("One", "Two", "Three"):
        make_topic(edition, heading=heading)

    assert [topic.heading for topic in edition.topics.all()] == ["One", "Two", "Three"]
