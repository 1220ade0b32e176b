import pytest

from apps.core.markdown import plain_text, render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** *it*", "<p><strong>bold</strong> <em>it</em></p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![x](https://example.org/a.png)", "<p></p>\n"),
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


def test_headings_leave_no_gap_in_the_outline():
    html = render("### a\n\n##### b\n\n### c\n\n# d")

    assert html == "<h3>a</h3>\n<h4>b</h4>\n<h3>c</h3>\n<h3>d</h3>\n"


def test_headings_go_down_to_the_last_level():
    assert render("# a\n\n## b\n\n### c", 5) == "<h5>a</h5>\n<h6>b</h6>\n<h6>c</h6>\n"


def test_ten_thousand_characters_and_deep_nesting_are_harmless():
    assert "x" * 10_000 in render("x" * 10_000)
    assert render(">" * 5_000 + " x")
    assert render("[" * 5_000)


def test_plain_text_is_one_line_cut_after_a_word():
    assert plain_text("# A **title**\n\nand [words](https://example.org) &amp; more") == (
        "A title and words & more"
    )
    assert plain_text("one two three four", 12) == "one two…"


def test_wide_things_can_be_scrolled_by_keyboard():
    html = render("```py\ncode\n```\n\n| a |\n|--:|\n| 1 |")

    assert '<pre tabindex="0"><code>code\n</code></pre>' in html
    assert '<table tabindex="0">' in html
    assert '<th scope="col">a</th>' in html
    assert "style" not in html
