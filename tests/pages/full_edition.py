"""An edition that uses every feature of public pages."""

from datetime import time

from apps.editions.models import Edition
from apps.pages.models import Section, SectionLink
from tests.factories import (
    make_award,
    make_chair,
    make_contribution,
    make_contribution_link,
    make_deadline,
    make_group,
    make_news,
    make_page,
    make_person,
    make_recipient,
    make_release,
    make_room,
    make_section,
    make_session,
    make_slot,
    make_sponsor,
    make_topic,
)
from tests.sponsors.files import logo_file


def fill_edition(edition: Edition, rows: int) -> None:
    """Add `rows` of everything to a dated edition, and publish its programme."""
    for number in range(rows):
        group = make_group(edition, *[make_person() for _ in range(rows)])
        make_section(edition, shows="group", group=group, heading="")
        make_deadline(edition)
        make_page(edition, is_in_navigation=number % 2 == 0)
        make_news(edition)
        make_sponsor(edition, make_sponsor(edition).level, logo=logo_file())
        award = make_award(edition)
        make_recipient(award, contribution=make_contribution(edition, make_person(), "Bo"))
        make_recipient(award, person=make_person())
        talks = make_session(edition, room=make_room(edition), starts_at=time(9 + number))
        make_chair(talks, make_person())
        keynote = make_session(edition, kind="keynote", title="", starts_at=time(13 + number))
        posters = make_session(edition, kind="posters", starts_at=time(17 + number))
        for kind, session in (("invited", talks), ("keynote", keynote), ("poster", posters)):
            for _ in range(rows if kind != "keynote" else 1):
                people = make_person(), make_person()
                row = make_contribution(edition, *people, kind=kind, topics=[make_topic(edition)])
                make_slot(session, row, minutes=5)
                make_contribution_link(row)
        make_contribution_link(make_contribution(edition, make_person(), kind="paper"), kind="pdf")
        make_contribution(edition, make_person(), kind="panel")
        make_news(edition, published_at=None)
    for shows in set(Section.Shows.values) - {"", "group"}:
        kind = "panel" if shows == "contributions" else ""
        section = make_section(edition, shows=shows, kind=kind, body="Words before the list.")
        if shows == "links":
            for number in range(rows):
                SectionLink.objects.create(section=section, label=f"Link {number}", url="/")
    make_release(edition)
