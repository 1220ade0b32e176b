"""All pages of an edition as a visitor finds them, and the facts of a content folder on them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

import yaml
from django.test import Client

from apps.core.markdown import plain_text
from apps.programme.models import Contribution, Session
from apps.programme.models.links import LinkKind
from tests.reading import words_of

_FORMULA = re.compile(r"\$.+?\$|\\\(.+?\\\)")
_LINK = re.compile(r'<a\b[^>]*?\shref="([^"#]+)')
_CLOCK_TIME = re.compile(r"\b\d{1,2}:\d\d\b")
_BOARD = re.compile(r"\bboard (\w+)")
_KIND = re.compile(r"<d[td]>([^<,]+)")
_LINKS_OF_CONTRIBUTION = ("slides", "video", "paper", "arxiv", "code", "poster", "more")
_JSON_LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
_WORDS_OF_LINK = re.compile(r'<a\b[^>]*?\shref="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
_MOST_SEARCHES = 25
_PLAIN_TITLE = re.compile(r'"name": "[^"]*"|SUMMARY:.*|<title>[^<]*')
UNTRUE_DATA = ("o be announced", "$", "\\\\(", "<i>")
# Of a page that is complete, none of these is true.
UNTRUE = ("o be announced", "Not answered", "None", "$", "\\(", "&amp;", "&lt;")


class Crawl:
    """The pages below an edition's address that links of its pages lead to, by their paths."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.pages: dict[str, str] = {}  # path → HTML of the main part
        self.home = ""  # the whole HTML of the home page
        self.data: dict[str, str] = {}  # path → JSON-LD of the page, or the text of a feed
        self.client, waiting = Client(), [f"/{slug}/"]
        while waiting:
            path = waiting.pop()
            if path in self.pages:
                continue
            response = self.client.get(path)
            assert response.status_code == 200, f"{path}: {response.status_code}"
            is_html = response.headers["Content-Type"].startswith("text/html")
            html = response.content.decode() if is_html else ""
            self.home = self.home or html
            if is_html:
                self.data[path] = "\n".join(_JSON_LD.findall(html))
            elif not path.endswith((".bib", "/")):  # BibTeX is LaTeX
                self.data[path] = response.content.decode(errors="replace")
            self.pages[path] = html.partition("<main")[2].partition("</main>")[0]
            links = (urljoin(path, unescape(link)) for link in _LINK.findall(html))
            waiting += [link for link in links if self._is_below(link)]

    def _is_below(self, link: str) -> bool:
        """Whether a link is to a page of this edition; of searches only the next pages count."""
        path, _, query = link.partition("?")
        return path.startswith(f"/{self.slug}/") and (not query or query.startswith("page="))

    @cached_property
    def texts(self) -> dict[str, str]:
        """The visible text of each page, in small letters and without spaces."""
        return {path: squash(words_of(html)).casefold() for path, html in self.pages.items()}

    def read(self, path: str, query: dict[str, str]) -> str:
        """The text of the main part of a page with a query, as `texts` has those without."""
        html = self.client.get(f"/{self.slug}/{path}", query).content.decode()
        main = html.partition("<main")[2].partition("</main>")[0]
        return squash(words_of(f"<main{main}")).casefold()

    def untrue(self) -> Iterator[str]:
        """Yield each page with words that are never true of a complete edition."""
        for path, html in self.pages.items():
            words = words_of(html)
            yield from (f"{path}: {text!r}" for text in UNTRUE if text in words)
        for path, text in self.data.items():
            titles = "\n".join(_PLAIN_TITLE.findall(text))
            yield from (f"the data of {path}: {one!r}" for one in UNTRUE_DATA if one in titles)


def squash(text: str) -> str:
    return re.sub(r"\s+", "", text)


def parts_of(text: str) -> list[str]:
    """The plain text between the formulas of Markdown, without spaces."""
    return [squash(plain_text(part, 100_000)) for part in _FORMULA.split(text) if part.strip()]


class Slot(NamedTuple):
    """A place of a contribution in a session, as the folder has it."""

    session: dict[str, Any]
    slug: str
    hours: tuple[str, str]
    board: str
    kind: str


class Facts:
    """The facts of a content folder; each method yields those that a crawl lacks or contradicts."""

    def __init__(self, folder: Path, crawl: Crawl) -> None:
        self.crawl, self.base = crawl, f"/{crawl.slug}/"
        self.files = {
            path.relative_to(folder).as_posix(): yaml.safe_load(path.read_text("utf-8"))
            for path in folder.rglob("*.yaml")
        }
        self.bodies = [path.read_text("utf-8").split("---\n", 2) for path in folder.rglob("*.md")]
        self.people = self.files.get("people.yaml", {})

    def faults(self) -> list[str]:
        """Everything that is lost or untrue, in words."""
        return [
            *self.crawl.untrue(),
            *self._edition(),
            *self._groups(),
            *self._programme(),
            *self._lists(),
            *self._tools(),
            *self._awards(),
            *self._sponsors(),
            *self._lost("", self._texts("topics.yaml", "news.yaml", "sponsors.yaml")),
        ]

    def _lost(self, path: str, texts: Iterable[str]) -> Iterator[str]:
        """Yield each of the Markdown `texts` that is not on a page, or on none if `path` is ""."""
        page = self.crawl.texts.get(self.base + path)
        if page is None:
            yield f"no link leads to {path}"
            return
        pages = [page] if path else self.crawl.texts.values()
        for text in texts:
            if any(not any(part.casefold() in page for page in pages) for part in parts_of(text)):
                yield f"{path or 'any page'} lacks {text!r}"

    def _lost_links(self, path: str, addresses: Iterable[str]) -> Iterator[str]:
        html = self.crawl.pages.get(self.base + path, "")
        for address in addresses:
            if f'href="{address}"' not in html:
                yield f"{path} lacks a link to {address}"

    def _texts(self, *names: str) -> Iterator[str]:
        """Yield all texts in files, except those for the site alone."""

        def leaves(value: Any, name: str = "") -> Iterator[str]:
            if isinstance(value, dict):
                for key, each in value.items():
                    yield from leaves(each, key)
            elif isinstance(value, list):
                for each in value:
                    yield from leaves(each, name)
            elif isinstance(value, str) and name not in {"slug", "link", "kind"}:
                yield value

        for name in names:
            yield from leaves(self.files.get(name, []))

    def _edition(self) -> Iterator[str]:
        edition = self.files["edition.yaml"]
        shown = [edition["title"], edition["venue"], str(edition["year"])]
        shown += [_date(edition[name]) for name in ("starts_on", "ends_on") if name in edition]
        for deadline in edition.get("deadlines", ()):
            time = deadline.get("due_time")
            shown += [
                deadline["title"],
                deadline.get("group", ""),
                _date(deadline["due_on"]),
                *([time] if time else []),
            ]
        bodies = [body for _, _, body in self.bodies]
        # The address of the venue is in a section, which an edition need not have.
        yield from self._lost("", filter(None, [*shown, *bodies]))
        frame = [edition[name] for name in ("short_name", "contact_email") if name in edition]
        yield from (f"the frame lacks {text!r}" for text in frame if text not in self.crawl.home)
        city = edition["time_zone"].split("/")[1]
        yield from self._lost("programme/", [f"All times are {city} time"])

    def _groups(self) -> Iterator[str]:
        for group in self.files.get("groups.yaml", ()):
            yield from self._lost("people/", [group["heading"]])
            for member in group["members"]:
                entry = member if isinstance(member, dict) else {"person": member}
                yield from self._lost("people/", self._credit(entry))
                person = self.people[entry["person"]]
                if "link" in person:
                    yield from self._lost_links("people/", [person["link"]])
                yield from self._lost("people/", filter(None, [person.get("bio")]))

    def _credit(self, entry: dict[str, Any]) -> list[str]:
        """Name and lines of affiliation of a member, chair, contributor or author."""
        person = self.people.get(entry.get("person"), {})
        affiliation = entry.get("affiliation", person.get("affiliation", []))
        lines = affiliation.splitlines() if isinstance(affiliation, str) else affiliation
        return [entry.get("name") or person["name"], *lines]

    def _sponsors(self) -> Iterator[str]:
        levels = self.files.get("sponsors.yaml", {"levels": []})["levels"]
        links = [sponsor["link"] for level in levels for sponsor in level["sponsors"]]
        yield from self._lost_links("", links)

    @cached_property
    def _rows(self) -> dict[str, dict[str, Any]]:
        """The contributions of the programme by their slugs, but for those that only fill time."""
        programme = self.files["programme.yaml"]
        parts = [*programme["sessions"], programme]
        rows = (row for part in parts for row in part.get("contributions", ()))
        return {row["slug"]: row for row in rows if not _is_filler(row)}

    def _slots(self, session: dict[str, Any]) -> Iterator[Slot]:
        """Yield the slots of a session; posters and a talk by itself have its hours."""
        begin, hours = _clock(session["starts_at"]), (session["starts_at"], session["ends_at"])
        own = session.get("contributions", [])
        for row in own:
            begin = _clock(row["starts_at"]) if "starts_at" in row else begin
            end = begin + timedelta(minutes=row.get("minutes", 0))
            times = hours if end == begin else (f"{begin:%H:%M}", f"{end:%H:%M}")
            yield Slot(session, row["slug"], times, row.get("board", ""), _kind(row, session))
            begin = end
        for entry in session.get("repeats", ()):
            yield Slot(session, entry["contribution"], hours, entry["board"], entry["kind"])
        for other in self.files["programme.yaml"]["sessions"]:
            if other["slug"] == session.get("repeats_session"):
                yield from (
                    slot._replace(session=session, hours=hours) for slot in self._slots(other)
                )

    @cached_property
    def _places(self) -> dict[str, list[Slot]]:
        """The slots of each contribution, by its slug."""
        slots: dict[str, list[Slot]] = {slug: [] for slug in self._rows}
        for session in self.files["programme.yaml"]["sessions"]:
            for slot in self._slots(session):
                slots.get(slot.slug, []).append(slot)
        return slots

    def _programme(self) -> Iterator[str]:
        for session in self.files["programme.yaml"]["sessions"]:
            yield from self._session(session)
        for slug, row in self._rows.items():
            yield from self._contribution(row, self._places[slug])
        links = set(
            re.findall(r"/contributions/([^/]+)/$", "\n".join(self.crawl.pages), re.MULTILINE)
        )
        yield from (f"there is a page of {slug}" for slug in sorted(links - set(self._rows)))

    def _entries(self, path: str) -> list[tuple[str, str]]:
        """The entries of a list and its next pages: HTML and text without spaces."""
        names = (self.base + path, f"{self.base}{path}?page=")
        pages = [html for page, html in self.crawl.pages.items() if page.startswith(names)]
        items = [item.partition("</li>")[0] for html in pages for item in html.split("<li")[1:]]
        return [(html, squash(words_of(f"<li{html}")).casefold()) for html in items]

    def _lists(self) -> Iterator[str]:
        """Yield what the lists of papers and talks, and the index of presenters, lack or invent."""
        entries = {path: self._entries(path) for path in ("papers/", "talks/", "presenters/")}
        # Keynotes and invited talks alone have the page of the speakers.
        entries["talks/"] = entries["talks/"] or self._entries("speakers/")
        for slug, row in self._rows.items():
            names = [self._credit(one)[0] for one in row["contributors"]]
            if row.get("kind") != "panel":
                path = "papers/" if row.get("kind") == "paper" else "talks/"
                yield from self._entry(
                    path, entries[path], [row["title"], *names], row, self._places[slug]
                )
            if self._places[slug]:
                presenters = names if row.get("kind") == "panel" else names[:1]
                for name in presenters:
                    facts = [row["title"], name]
                    yield from self._entry(
                        "presenters/", entries["presenters/"], facts, row, self._places[slug]
                    )

    def _entry(
        self,
        path: str,
        entries: list[tuple[str, str]],
        facts: list[str],
        row: dict[str, Any],
        slots: list[Slot],
    ) -> Iterator[str]:
        """Yield what the entry that has all `facts` lacks; it has links if the list is of papers."""
        parts = [part.casefold() for fact in facts for part in parts_of(fact)]
        html, text = next((e for e in entries if all(part in e[1] for part in parts)), ("", ""))
        times = [_padded(time) for slot in slots for time in slot.hours]
        more = [*times, *(slot.session["room"] for slot in slots), *(slot.board for slot in slots)]
        if lost := [fact for fact in more if squash(fact).casefold() not in text]:
            yield f"{path} lacks {lost} of {facts[0]!r}"
        if not slots and _CLOCK_TIME.search(words_of(html)):
            yield f"{path} says a time of {facts[0]!r}"
        if not html:
            yield f"{path} lacks {facts}"
        elif path != "presenters/":
            links = [link for link in _links(row) if f'href="{link}"' not in html]
            yield from (f"{path} lacks a link to {link}" for link in links)

    def _tools(self) -> Iterator[str]:
        """Yield what the search and “My programme” lack, with times and rooms, and plural labels."""
        placed = {slug: row for slug, row in self._rows.items() if self._places[slug]}
        keys = dict(
            Contribution.objects.filter(edition__slug=self.crawl.slug).values_list("slug", "pk")
        )
        chosen = {"talks": ",".join(str(keys[slug]) for slug in placed)}
        mine = self.crawl.read("programme/mine/", chosen)
        for slug, row in placed.items():
            facts = [row["title"], *(slot.session["room"] for slot in self._places[slug])]
            parts = [part.casefold() for fact in facts for part in parts_of(fact)]
            if any(part not in mine for part in parts):
                yield f"programme/mine/ lacks {facts}"
        step = max(1, len(placed) // _MOST_SEARCHES)
        for row in list(placed.values())[::step]:
            words = max(_FORMULA.split(row["title"]), key=len)
            words = " ".join(plain_text(words, 100).split()[:6])
            found = self.crawl.read("programme/", {"q": words})
            if any(part.casefold() not in found for part in parts_of(row["title"])):
                yield f"the search for {words!r} lacks {row['title']!r}"
        labels = self.files["programme.yaml"].get("contribution_labels", ())
        headings = [row["plural"] for row in labels if row["kind"] in {"keynote", "invited"}]
        if headings:
            yield from self._lost("speakers/", headings)

    def _label(self, names: str, kind: str) -> str:
        """The edition's label for a kind of session or contribution, or the site's."""
        labels = self.files["programme.yaml"].get(f"{names}_labels", ())
        own = {row["kind"]: row["label"] for row in labels}
        choices = {"session": Session.Kind, "contribution": Contribution.Kind}[names]
        return own.get(kind) or str(choices(kind).label)

    def _session(self, session: dict[str, Any]) -> Iterator[str]:
        slots = [slot for slot in self._slots(session) if slot.slug in self._rows]
        rows = [self._rows[slot.slug] for slot in slots]
        title = session.get("title") or (rows[0]["title"] if len(rows) == 1 else "")
        hours = [_padded(session["starts_at"]), _padded(session["ends_at"])]
        chairs = [self._credit(chair)[0] for chair in session.get("chairs", ())]
        facts = [title, *hours, session.get("room", ""), *chairs, session.get("description", "")]
        for slot, row in zip(slots, rows, strict=True):
            facts += [row["title"], slot.board, *map(_padded, slot.hours)]
            facts += [self._credit(one)[0] for one in row["contributors"]]
        facts = list(filter(None, facts))
        yield from self._lost("programme/", facts)
        if title and session["kind"] not in {"other", "break", "lunch", "social"}:
            # A session without a title of its own is named by its only talk.
            is_talk = len(rows) == 1 and not session.get("title")
            label = self._label("session", session["kind"])
            facts.append(self._label("contribution", slots[0].kind) if is_talk else label)
        if session["kind"] not in {"break", "lunch"}:
            yield from self._lost(f"programme/{session['slug']}/", facts)

    def _contribution(self, row: dict[str, Any], slots: list[Slot]) -> Iterator[str]:
        path = f"contributions/{row['slug']}/"
        facts = [row["title"], row.get("abstract", "")]
        for entry in row["contributors"]:
            facts += self._credit(entry)
            facts += [entry["role"]] if entry["role"] in {"panellist", "moderator"} else []
            facts += ["corresponding"] if entry.get("is_corresponding") else []
        times = {_padded(time) for slot in slots for time in slot.hours}
        boards = {slot.board for slot in slots} - {""}
        facts += [slot.session.get(name, "") for slot in slots for name in ("room", "title")]
        kinds = {slot.kind for slot in slots} or {row["kind"]}
        topics = {topic["slug"]: topic["heading"] for topic in self.files.get("topics.yaml", ())}
        facts += [*times, *boards, *(topics[slug] for slug in row.get("topics", ()))]
        facts += [self._label("contribution", kind) for kind in kinds]
        facts += [link["label"] for link in row.get("links", ()) if "label" in link]
        yield from self._lost(path, filter(None, facts))
        yield from self._lost_links(path, _links(row))
        html = self.crawl.pages.get(self.base + path, "")
        called = {unescape(url): words_of(words) for url, words in _WORDS_OF_LINK.findall(html)}
        for link in row.get("links", ()):
            words = link.get("label") or str(LinkKind(link["kind"]).label)
            if called.get(link["link"], "").strip() != words:
                yield f"{path} calls {link['link']} {called.get(link['link'])!r}, not {words!r}"
        words = words_of(self.crawl.pages.get(self.base + path, ""))
        yield from (f"{path} says {time}" for time in {*_CLOCK_TIME.findall(words)} - times)
        yield from (f"{path} says board {one}" for one in {*_BOARD.findall(words)} - boards)
        other_kinds = {str(label) for label in Contribution.Kind.labels}
        other_kinds -= {self._label("contribution", kind) for kind in kinds}
        shown = {kind.strip() for kind in _KIND.findall(self.crawl.pages.get(self.base + path, ""))}
        yield from (f"{path} says {kind}" for kind in other_kinds & shown)

    def _awards(self) -> Iterator[str]:
        for award in self.files.get("awards.yaml", ()):
            papers = [self._rows[recipient["contribution"]] for recipient in award["given_to"]]
            names = [self._credit(one)[0] for row in papers for one in row["contributors"]]
            titles = [row["title"] for row in papers]
            facts = [award["heading"], award["description"], *titles, *names]
            yield from self._lost("awards/", facts)


def _links(row: dict[str, Any]) -> list[str]:
    links = [row[name] for name in _LINKS_OF_CONTRIBUTION if name in row]
    return links + [link["link"] for link in row.get("links", ())]


def _is_filler(row: dict[str, Any]) -> bool:
    """Whether a contribution only fills time in its session."""
    return not (row.get("title") or row.get("contributors") or row.get("abstract"))


def _kind(row: dict[str, Any], session: dict[str, Any]) -> str:
    """The kind of a contribution, by default that of its session."""
    return str(row.get("kind", session["kind"]))


def _clock(text: str) -> datetime:
    return datetime.strptime(text, "%H:%M")


def _date(day: date) -> str:
    """A day as pages write it, without the day of the week and the year."""
    return f"{day.day} {day:%B}"


def _padded(text: str) -> str:
    return f"{_clock(text):%H:%M}"
