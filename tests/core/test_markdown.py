import re
import time
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.markdown import from_plain, plain_text, render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** *it*", "<p><strong>bold</strong> <em>it</em></p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        (
            "![x](https://example.org/a.png)",
            '<p><a href="https://example.org/a.png" rel="noopener">x</a></p>\n',
        ),
        ("![x](a.png)", "<p>x</p>\n"),
        ("[x](files/a.pdf)", "<p>x</p>\n"),
        (
            "[x](https://example.org)",
            '<p><a href="https://example.org" rel="noopener">x</a></p>\n',
        ),
        ("# One\n\n## Two", "<h3>One</h3>\n<h4>Two</h4>\n"),
        ("### One", "<h3>One</h3>\n"),
    ],
)
def test_markdown_becomes_safe_html(text, html):
    assert render(text) == html


def test_heading_levels_have_no_gaps():
    html = render("### a\n\n##### b\n\n### c\n\n# d")

    assert html == "<h3>a</h3>\n<h4>b</h4>\n<h3>c</h3>\n<h3>d</h3>\n"


def test_headings_are_at_most_level_six():
    assert render("# a\n\n## b\n\n### c", 5) == "<h5>a</h5>\n<h6>b</h6>\n<h6>c</h6>\n"


def _repeat(piece: str) -> str:
    return (piece * 50_000)[:50_000]


@pytest.mark.parametrize(
    "text",
    [
        "|a" * 8_000 + "\n" + "|-" * 8_000 + "\n" + "|\n" * 9_000,
        ">" * 200 + "a\n" * 24_900,
        "*" * 25_000 + "a" + "*" * 24_999,
        "[" * 25_000 + "]" * 25_000,
        "\n".join("  " * depth + "- a" for depth in range(220)),
        *map(_repeat, ["![", "- a\n", "|a|b|\n", "_*", "[", "a\n-\n", "_a_ ", "# a\n", "***a**b*"]),
        *map(
            _repeat, ["<![CDATA[", "[a](", "[a]: b\n", "<http://a.b> ", "`", "~~a ", "- > ", "\\"]
        ),
        # Footnotes and definition lists.
        *map(_repeat, ["[^a]: x\n", "[^a]: x[^a]\n", "[^a]: [^a]: ", "[^", "a\n: b\n", ": "]),
        *("[^a]: x\n\n" + _repeat(piece)[:49_900] for piece in ("[^a]", "[^a", "[[^a] ")),
        "".join(f"[^{n}]: x\n" for n in range(2_500)) + "[^9] " * 2_500,
        "\n".join("  " * depth + "a\n" + "  " * depth + ": b" for depth in range(150)),
    ],
    ids=range(33),
)
def test_a_hostile_text_of_a_long_page_is_rendered_in_time(text):
    """Each takes 0.1 s on an idle machine."""
    before = time.process_time()

    render(text, 2, has_anchors=True)

    assert time.process_time() - before < 1


def test_a_long_page_keeps_its_markup():
    part = "## Title\n\nSome *text* with a [link](https://example.org/).\n\n- one\n- two\n\n"
    rows = "| a | b |\n|---|---|\n| 1 | 2 |\n\n"

    html = render(part * 300 + rows * 300)

    assert html.count("<h3>") == html.count("<table") == html.count("<em>") == 300


def test_a_text_that_is_too_complex_is_shown_without_markup():
    html = render("<b>&amp;</b>\n\n" + "*a* " * 12_000)

    assert html.startswith("<p>&lt;b&gt;&amp;amp;&lt;/b&gt;</p>\n\n<p>*a* *a*")


def test_plain_text_is_one_line_cut_after_a_word():
    assert plain_text("# A **title**\n\nand [words](https://example.org) &amp; more") == (
        "A title and words & more"
    )
    assert plain_text("one two three four", 12) == "one two…"


def test_wide_elements_can_be_scrolled_by_keyboard():
    html = render("```py\ncode\n```\n\n| a |\n|--:|\n| 1 |")

    assert '<pre tabindex="0"><code>code\n</code></pre>' in html
    assert '<div class="table-box" aria-label="Table" role="group" tabindex="0"><table>' in html
    assert '<th scope="col">a</th>' in html
    assert "style" not in html


def _lines_of(html: str) -> str:
    """Text of `html` that has only paragraphs and line breaks."""
    text = html.replace("</p>\n<p>", "\n\n").replace("<br>\n", "\n")
    text = text.strip().removeprefix("<p>").removesuffix("</p>")
    assert "<" not in text
    return unescape(text)


def _normal(text: str) -> str:
    """`text` with every run of spaces as one, and every run of empty lines as one."""
    lines = "\n".join(" ".join(line.split()) for line in text.splitlines())
    return re.sub("\n{2,}", "\n\n", lines).strip("\n")


@given(
    st.text(
        st.one_of(
            st.sampled_from("\\`*_[]()<>!&;#+-=|:.~ \t\n1a/\"'"),
            st.characters(exclude_categories=("Cs", "Cc")),
        ),
        max_size=60,
    )
)
def test_a_plain_text_is_shown_as_it_is(text):
    assert _lines_of(render(from_plain(text))) == _normal(text)


@pytest.mark.parametrize(
    "text",
    [
        "[click](https://evil.example.org)",
        "<https://evil.example.org> and <script>alert(1)</script>",
        "# Big\n\n- one\n- two\n\n1. first\n> quoted",
        "a | b\n--- | ---\n1 | 2",
        "Title\n=====\nOther\n-----",
        "~~gone~~ **bold** _so_ `code` &amp; &#60;b&#62;",
        "```\ncode\n```\n\n    indented",
        "[x]: https://evil.example.org\n\n[x]",
    ],
)
def test_markup_in_a_plain_text_is_shown_as_text(text):
    assert _lines_of(render(from_plain(text))) == _normal(text)


def test_a_plain_text_without_markup_is_unchanged():
    text = "R&D of snake_case: p < 0.05, ~5 times (see Fig. 1)."

    assert from_plain(text) == text


def _ids(html: str) -> list[str]:
    return re.findall(r' id="([^"]+)"', html)


def _targets(html: str) -> list[str]:
    return re.findall(r' href="#([^"]+)"', html)


def test_footnotes_stand_below_the_text_with_a_link_there_and_back():
    html = render("A[^1] b[^2] c[^1]\n\n[^1]: *One*\n[^2]: Two\n\n    More")

    text, notes = html.split('<ol class="footnotes"')
    assert [*map(unescape, re.findall(r">(\d)</a></sup>", text))] == ["1", "2", "1"]
    assert "<em>One</em>" in notes
    assert "<p>More" in notes
    assert set(_targets(text)) == set(_ids(notes))
    assert set(_targets(notes)) == set(_ids(text))
    assert 'aria-label="Footnote 2"' in text
    assert 'aria-label="Back to the text' in notes


def test_footnotes_of_several_texts_on_a_page_have_ids_of_their_own():
    first, second = render("A[^1]\n\n[^1]: One"), render("B[^1]\n\n[^1]: One")
    again = render("A[^1]\n\n[^1]: One", place="elsewhere")

    ids = _ids(first) + _ids(second) + _ids(again)

    assert len(ids) == len(set(ids)) == 6


def test_a_footnote_that_is_missing_or_unused_makes_no_link():
    assert render("A[^1]") == "<p>A[^1]</p>\n"
    assert render("A\n\n[^1]: One") == "<p>A</p>\n"


def test_markup_in_a_footnote_is_as_safe_as_elsewhere():
    html = render('A[^1]\n\n[^1]: <img onerror="x"> [x](javascript:alert(1)) [^"]: b')

    assert "<img" not in html
    assert 'href="javascript' not in html


def test_a_definition_list_has_terms_and_definitions():
    html = render("Term\n: One\n: *Two*\n\nOther\n: Three")

    assert html == (
        "<dl>\n<dt>Term</dt>\n<dd>One</dd>\n<dd><em>Two</em></dd>\n"
        "<dt>Other</dt>\n<dd>Three</dd>\n</dl>\n"
    )


def test_plain_text_has_no_footnotes():
    assert plain_text("A[^1] b\n\nTerm\n: One\n\n[^1]: Note") == "A b Term One"


def test_headings_of_a_text_that_has_its_page_to_itself_can_be_linked_to():
    html = render("# Getting *there*\n\n# Getting there\n\n# Main\n\n# $x$!", has_anchors=True)

    assert _ids(html) == ["getting-there", "getting-there-2", "main-2", "x"]
    assert not _ids(render("# Getting there"))
