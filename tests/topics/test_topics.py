import pytest

from tests.factories import make_current_edition, make_edition, make_topic

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


def test_after_a_topic_another_one_of_the_same_edition_is_offered(as_editor):
    make_current_edition()
    edition = make_edition(year=2031)
    add, data = "/admin/topics/topic/add/", {"edition": edition.pk, "heading": "Small <models>"}

    saved = as_editor.post(add, data, follow=True)
    pressed = as_editor.post(add, data | {"heading": "Graphs", "_addanother": "1"})

    link = f'<a href="{add}?edition={edition.pk}">Add another topic</a>'
    assert link in saved.content.decode()
    assert saved.redirect_chain[0][0].endswith(f"/{edition.pk}/topics/")
    assert pressed.url == f"{add}?edition={edition.pk}"
    assert f'<option value="{edition.pk}" selected' in as_editor.get(pressed.url).content.decode()
