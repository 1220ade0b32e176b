"""BibTeX entries and the citation_* fields of a contribution's page."""

import re
from datetime import date

import pytest

from tests.factories import (
    make_contribution,
    make_contributor,
    make_current_edition,
    make_edition,
    make_person,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_current_edition(
        slug="2024", year=2024, title="Workshop on Small Things", starts_on=date(2024, 6, 27)
    )


def _bib(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/x-bibtex; charset=utf-8"
    return response.content.decode()


def _citation_fields(client, path: str) -> list[tuple[str, str]]:
    page = client.get(path).content.decode()
    return re.findall(r'<meta name="citation_(\w+)" content="([^"]*)">', page)


def test_a_paper_has_a_bibtex_entry(client, edition):
    ada = make_person(name="Ada Öztürk")
    paper = make_contribution(
        edition,
        ada,
        "Bo Example",
        role="author",
        kind="paper",
        title="100% of models & <more>",
        paper_url="https://doi.org/10.1234/small_models",
        arxiv_url="https://arxiv.org/abs/2401.01234v2",
    )
    make_contributor(paper, "Mo Moderator", role="moderator")

    assert _bib(client, paper.get_absolute_url().rstrip("/") + ".bib") == (
        "@inproceedings{2024/100-of-models-more,\n"
        "  title = {{100\\% of models \\& {\\textless}more{\\textgreater}}},\n"
        "  author = {Ada Öztürk and Bo Example},\n"
        "  booktitle = {Workshop on Small Things, 2024},\n"
        "  year = {2024},\n"
        "  month = jun,\n"
        "  doi = {10.1234/small_models},\n"
        "  eprint = {2401.01234},\n"
        "  eprinttype = {arxiv},\n"
        "  url = {http://localhost:8000/2024/contributions/100-of-models-more/},\n"
        "}\n"
    )


def test_a_talk_without_a_paper_is_no_paper_in_bibtex(client, edition):
    make_contribution(edition, "Ada Example", kind="keynote", title="Joules")

    entry = _bib(client, "/2024/contributions/joules.bib")

    assert entry.startswith("@misc{2024/joules,")
    assert "  howpublished = {Keynote, Workshop on Small Things, 2024},\n" in entry


@pytest.mark.parametrize(
    "title",
    [
        "}, author = {Mallory}",
        '\\input{/etc/passwd} $x_1^2$ ~ #1 | "quoted"',
        "{{{ unbalanced",
        "line\n@misc{other, title = {x}}",
        "Ünïcode 北京 ورشة",
    ],
)
def test_no_title_or_name_ends_its_field(client, edition, title):
    make_contribution(edition, title, kind="poster", title=title)

    entry = _bib(client, "/2024/contributions.bib")

    fields = re.findall(r"^  (\w+) = ", entry, re.MULTILINE)
    assert fields == ["title", "author", "howpublished", "year", "month", "url"]
    assert _is_balanced(entry)
    assert len(entry.splitlines()) == len(fields) + 2
    assert "\\input" not in entry


def _is_balanced(entry: str) -> bool:
    """Whether braces pair up as BibTeX counts them, and only the last one ends the entry."""
    depth, ends = 0, []
    for position, sign in enumerate(entry):
        depth += (sign == "{") - (sign == "}")
        if sign == "}" and depth == 0:
            ends.append(position)
    return depth == 0 and ends == [len(entry) - 2]


@pytest.mark.parametrize(
    ("title", "entry"),
    [
        ("Fast $O(n^2)$ tests", "Fast $O(n^2)$ tests"),
        (r"\(\alpha\)-stable & *small* H<sub>2</sub>O", r"$\alpha$-stable \& small H₂O"),
        ("From $5 to $10", r"From \$5 to \$10"),
        (
            r"$\input{/etc/passwd}$",
            r"\${\textbackslash}input{\textbraceleft}/etc/passwd{\textbraceright}\$",
        ),
        ("$x}$ and ${y$", r"x{\textbraceright} and y"),
    ],
)
def test_formulas_of_a_title_stay_formulas(client, edition, title, entry):
    make_contribution(edition, "Ada Example", kind="paper", title=title)

    bib = _bib(client, "/2024/contributions.bib")

    assert f"  title = {{{{{entry}}}}},\n" in bib
    assert _is_balanced(bib)


@pytest.mark.parametrize("name", ["Example, Inc.", "Sun and Moon Lab", "Others"])
def test_a_name_that_bibtex_would_split_is_one_author(client, edition, name):
    make_contribution(edition, name, "Bo Example", title="Talk")

    assert f"author = {{{{{name}}} and Bo Example}}" in _bib(client, "/2024/contributions.bib")


def test_the_file_of_an_edition_has_unique_keys_that_survive_a_new_title(client, edition):
    rows = [make_contribution(edition, "Ada", title="Same title") for _ in range(3)]
    make_contribution(make_edition(slug="2024-same"), "Bo", title="Title")
    before = re.findall(r"@misc\{(.*),", _bib(client, "/2024/contributions.bib"))
    rows[0].title = "Other title"
    rows[0].save()

    after = re.findall(r"@misc\{(.*),", _bib(client, "/2024/contributions.bib"))

    assert before == ["2024/same-title", "2024/same-title-2", "2024/same-title-3"]
    assert sorted(after) == before
    assert "@misc{2024-same/title," in _bib(client, "/2024-same/contributions.bib")


def test_only_published_contributions_with_a_title_and_authors_are_cited(client, edition):
    make_contribution(edition, "Ada", title="Hidden", is_published=False)
    make_contribution(edition, "Ada", title="", kind="keynote")
    make_contribution(edition, title="Nobody")
    make_contribution(edition, "Pat", title="Panel", kind="panel", role="panellist")

    assert _bib(client, "/2024/contributions.bib") == ""
    for slug in ("hidden", "keynote", "nobody", "panel"):
        assert client.get(f"/2024/contributions/{slug}.bib").status_code == 404
    assert ".bib" not in client.get("/2024/contributions/nobody/").content.decode()


def test_the_file_of_an_edition_takes_the_same_queries_for_many_contributions(client, edition):
    make_contribution(edition, make_person(), title="One")
    before = count_queries(lambda: client.get("/2024/contributions.bib"))
    for _ in range(2):
        make_contribution(edition, make_person(), make_person())

    assert count_queries(lambda: client.get("/2024/contributions.bib")) == before <= 6


def test_the_page_of_a_paper_has_citation_fields(client, edition):
    paper = make_contribution(
        edition, kind="paper", title='"Small" & fast', paper_url="https://example.org/small.pdf"
    )
    make_contributor(paper, "Ada Example", role="author", affiliation="Uni\nLab")
    make_contributor(paper, "Bo Example", role="author")

    assert _citation_fields(client, paper.get_absolute_url()) == [
        ("title", "&quot;Small&quot; &amp; fast"),
        ("author", "Ada Example"),
        ("author_institution", "Uni"),
        ("author_institution", "Lab"),
        ("author", "Bo Example"),
        ("publication_date", "2024/06/27"),
        ("conference_title", "Workshop on Small Things, 2024"),
        ("abstract_html_url", "http://localhost:8000/2024/contributions/small-fast/"),
        ("pdf_url", "https://example.org/small.pdf"),
    ]


def test_a_keynote_and_a_preview_have_no_citation_fields(client, as_editor, edition):
    keynote = make_contribution(edition, "Ada Example", kind="keynote", title="Joules")
    hidden = make_contribution(edition, "Ada", kind="paper", title="Hidden", is_published=False)

    assert _citation_fields(client, keynote.get_absolute_url()) == []
    assert _citation_fields(as_editor, hidden.get_absolute_url()) == []


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("https://arxiv.org/pdf/2401.01234v1.pdf", ("arxiv_id", "2401.01234")),
        ("https://arxiv.org/abs/math/0501001", ("arxiv_id", "math/0501001")),
        ("https://dx.doi.org/10.1000/182", ("doi", "10.1000/182")),
        ("https://example.org/10.1000/182", None),
        ("https://arxiv.example.org/abs/2401.01234", None),
    ],
)
def test_identifiers_are_read_from_links(client, edition, url, field):
    paper = make_contribution(edition, "Ada", kind="paper", title="Small", paper_url=url)

    fields = _citation_fields(client, paper.get_absolute_url())

    found = [pair for pair in fields if pair[0] in {"arxiv_id", "doi"}]
    assert found == ([field] if field else [])
