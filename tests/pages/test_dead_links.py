"""Dead links in texts of an edition; content folders: tests/imports/test_markdown_of_folders.py."""

from apps.pages.dead_links import Addresses, find_dead_links
from tests.factories import make_edition, make_page


def test_links_to_another_edition_are_looked_up_once(db, django_assert_max_num_queries):
    earlier = make_edition(slug="2024", year=2024)
    make_page(earlier, slug="travel", title="Travel", body="By train.")
    addresses = Addresses.of(make_edition(slug="2025", year=2025))
    text = "[a](/2024/travel/) [b](/2024/food/) [c](/2024/rooms/) [d](/2024/)"

    with django_assert_max_num_queries(10):  # as for one link
        problems = list(find_dead_links(text, addresses))

    links = [problem.message.partition(":")[0] for problem in problems]
    assert links == ["/2024/food/", "/2024/rooms/"]
    assert not any(problem.is_error for problem in problems)
