"""A question whose SQL is made once has the answers of its queryset, each time."""

from datetime import datetime, timedelta

import pytest
from django.db.models import OuterRef, Q
from django.utils import timezone

from apps.core.questions import Question, hand_out
from apps.editions.models import Edition
from apps.news.models import NewsItem
from apps.people.models import Membership
from apps.topics.models import Topic
from tests.factories import make_edition, make_group, make_person, make_topic

pytestmark = pytest.mark.django_db

_NEWS: Question[NewsItem] = Question(
    lambda edition, now: NewsItem.objects.filter(edition=edition).published(now)[:2],
    edition=int,
    now=datetime,
)


def test_each_asking_is_one_query_with_the_answer_of_then(django_assert_num_queries):
    first, second, now = make_edition(), make_edition(), timezone.now()
    for edition in (first, second):
        for minutes in (-2, -1, 1):
            moment = now + timedelta(minutes=minutes)
            NewsItem.objects.create(
                edition=edition, body="Words", is_published=True, published_at=moment
            )

    for edition in (first, second, first):
        for at in (now - timedelta(minutes=1, seconds=30), now, now + timedelta(hours=1)):
            expected = list(NewsItem.objects.filter(edition=edition).published(at)[:2])
            with django_assert_num_queries(1):
                found = _NEWS(edition=edition.pk, now=at)
            assert found == expected
            assert [item.published_at for item in found] == [item.published_at for item in expected]
    assert len(_NEWS(edition=first.pk, now=now)) == 2
    NewsItem.objects.all().delete()
    assert _NEWS(edition=first.pk, now=now) == []


def test_rows_are_what_the_orm_makes_of_them(django_assert_num_queries):
    members: Question[Membership] = Question(
        lambda group: Membership.objects.filter(group=group).select_related("person"), group=int
    )
    group = make_group(make_edition(), make_person(name="Ada"), make_person(name="Grace"))

    with django_assert_num_queries(1):
        found = [member.person.name for member in members(group=group.pk)]

    assert found == ["Ada", "Grace"]
    row, expected = members.first(group=group.pk), group.memberships.first()
    fields = [field.attname for field in Membership._meta.concrete_fields]
    assert [getattr(row, field) for field in fields] == [getattr(expected, f) for f in fields]
    assert row
    assert not row._state.adding
    assert members.first(group=0) is None


@pytest.mark.parametrize("slug", ["2024", "o'hara", "100%s", "\\", "", "x" * 5000])
def test_values_are_values_whatever_they_are(slug):
    editions: Question[Edition] = Question(lambda slug: Edition.objects.filter(slug=slug), slug=str)
    make_edition(slug="2024")

    assert [edition.slug for edition in editions(slug=slug)] == ["2024"][: slug == "2024"]


def test_what_is_annotated_comes_along():
    topics = Topic.objects.filter(edition=OuterRef("pk"))
    editions: Question[Edition] = Question(
        lambda slug: Edition.objects.filter(slug=slug).annotate(topic=topics.values("heading")[:1]),
        slug=str,
    )
    topic = make_topic(make_edition(slug="with"), heading="Heads")
    make_edition(slug="without")

    assert [edition.topic for edition in editions(slug="with")] == [topic.heading]  # type: ignore[attr-defined]  # annotated
    assert [edition.topic for edition in editions(slug="without")] == [None]  # type: ignore[attr-defined]  # likewise


def test_what_would_stand_still_is_refused():
    still = Question(lambda slug: NewsItem.objects.published().filter(slug=slug), slug=str)
    unheard = Question(lambda slug: NewsItem.objects.filter(is_published=True), slug=str)
    another = Question(
        lambda edition: NewsItem.objects.filter(edition=edition)[: edition % 7], edition=int
    )

    for question, values in (
        (still, {"slug": ""}),
        (unheard, {"slug": ""}),
        (another, {"edition": 1}),
    ):
        with pytest.raises(TypeError):
            question(**values)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 9])
def test_lists_of_keys_may_have_any_length(django_assert_num_queries, count):
    among: Question[Topic] = Question(
        lambda edition, keys, others: (
            Topic.objects.filter(edition=edition)
            .filter(Q(pk__in=keys) | Q(pk__in=others))
            .order_by("pk")
        ),
        edition=int,
        keys=list,
        others=list,
    )
    edition, another = make_edition(), make_edition()
    topics = [make_topic(edition) for _ in range(12)]
    keys = [topic.pk for topic in topics[:count]]

    for others in ([], [topics[-1].pk], [topics[-1].pk, make_topic(another).pk, 0]):
        with django_assert_num_queries(1):
            found = among(edition=edition.pk, keys=keys, others=others)
        assert found == topics[:count] + topics[-1:] * bool(others)


def test_what_is_handed_out_is_as_if_it_had_been_prefetched(django_assert_num_queries):
    full = make_group(make_edition(), make_person(), make_person())
    empty = make_group(full.edition)
    other = make_group(full.edition, make_person())
    memberships = list(full.memberships.all())

    hand_out([full, empty], "memberships", memberships)

    with django_assert_num_queries(0):
        assert list(full.memberships.all()) == memberships
        assert list(empty.memberships.all()) == []
        assert [one.group for one in full.memberships.all()] == [full, full]
    # What is asked anew is asked of the row alone.
    assert list(full.memberships.filter(ordering__gte=0)) == memberships
    assert not empty.memberships.exclude(pk=0).exists()
    assert other.memberships.count() == 1
