import time

import pytest

from apps.core.markdown_checks import find_problems


@pytest.mark.parametrize(
    ("text", "line", "part", "is_error"),
    [
        ("a\n<div class='x'>\nb\n</div>", 2, "<div>", True),
        ("| a |\n|---|\n| b<span>c</span> |", 3, "<span>", True),
        ('Term\n: <a href="/x">y</a>', 2, "[text](address)", True),
        ("a <b>never closed", 1, "<b>", True),
        ("a <!-- b -->", 1, "comment", True),
        ("a\n{: .note}", 2, "{: .note}", True),
        ("# Title {#here}", 1, "{#here}", True),
        ("a\n\n{% include map.html %}", 3, "{% include map.html %}", True),
        ("[a]({{site.url}}/b)", 1, "{{site.url}}", True),
        ("[a](b c.pdf)", 1, "no spaces", True),
        ("[a](javascript:alert(1))", 1, "begins with", True),
        ("[a](ftp://example.org/)", 1, "ftp://example.org/", True),
        ("---\nlayout: page\n---\n\na", 1, "fields", True),
        ("a[^1]", 1, "[^1]", True),
        ("a\n\n[^1]: b", 3, "left out", True),
        ("a\n| b | c |\n| d | e |", 2, "no table", True),
        ("::: warning\na\n:::", 1, "::: warning", True),
        ("[[page]]", 1, "[[page]]", True),
        ("*a* " * 12_000, 1, "too complex", True),
        ("a\n$\\unknown$", 2, "$\\unknown$", False),
        ("a \\cite{b}", 1, "\\cite", False),
        ("a [b][c]", 1, "[b][c]", False),
        ("a ^[b]", 1, "^[b]", False),
        ("a :smile:", 1, ":smile:", False),
    ],
)
def test_markup_that_is_shown_as_text_is_found_with_its_line(text, line, part, is_error):
    problems = find_problems(text)

    assert [(one.line, one.is_error) for one in problems][:1] == [(line, is_error)]
    assert any(part in one.message for one in problems)


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\n*b* **c** `<div>` $x^2$ H<sub>2</sub>O<br>d &amp; <p>e</p>",
        "```\n<div> {% x %} {: .y}\n```\n\n    <div>",
        "A std::vector<int> of a < b, a<b>2</b> and \\<div> \\{: .x}",
        "A[^1]\n\n[^1]: B\n\nTerm\n: C\n\n| a |\n|---|\n| b |",
        "[a](https://example.org) <https://example.org> [b](/2031/) [c](#d) [e][f]\n\n[f]: /2031/",
        "At 12:30:45 a:b:c, {x} and {0, 1}, f(x)[1], R&D, http://example.org/a_b",
    ],
)
def test_markup_that_is_read_and_plain_text_are_no_problems(text):
    assert find_problems(text) == []


@pytest.mark.parametrize(
    "piece", ["<div ", "{: ", "{{", "[a][", "[^a]", "](", "\\a{", ":a", "|a|\n"]
)
def test_a_hostile_text_is_checked_in_time(piece):
    before = time.process_time()

    find_problems((piece * 50_000)[:50_000])

    assert time.process_time() - before < 1
