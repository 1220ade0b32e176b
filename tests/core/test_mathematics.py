import time

import pytest

from apps.core.inline_markup import (
    MAX_FORMULAS,
    from_simple_html,
    plain_title,
    render_title,
)
from apps.core.markdown import from_plain, plain_text, render
from apps.core.mathematics import FORMULA, MAX_LENGTH, formula_html, formula_text


@pytest.mark.parametrize(
    ("latex", "mathml"),
    [
        ("x^2", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"\mathbf{x} < \mathbb{R}", "<mi>𝐱</mi><mo>&lt;</mo><mi>ℝ</mi>"),
        (r"\boldsymbol{\theta}", "<mi>𝜽</mi>"),
        (r"X \sim Y", "<mi>X</mi><mo>∼</mo><mi>Y</mi>"),
        (r"\text{R\&D<b>}", "<mtext>R&amp;D&lt;b&gt;</mtext>"),
        (
            r"n \log n",
            '<mi>n</mi><mo lspace="0.167em" rspace="0.167em">log</mo><mi>n</mi>',
        ),
        ("a &lt; b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        ("50%", "<mn>50</mn><mi>%</mi>"),
    ],
)
def test_a_formula_becomes_mathml(latex, mathml):
    assert formula_html(latex, is_block=False) == f"<math>{mathml}</math>"


def test_aligned_equations_are_a_table_without_numbers():
    html = formula_html(r"\begin{align} a &= b \\ c &= d \end{align}", is_block=True)

    assert html
    assert html.startswith('<math display="block" tabindex="0"><mtable><mtr><mtd columnalign=')
    assert html.count("<mtr>") == 2
    assert "(1)" not in html


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        ("x^2", "x²"),
        (r"\mathcal{O}(n \log n)", "O(n log n)"),
        (r"\log_2 n + \sin(x)", "log₂ n+sin(x)"),
        (r"\ell_1", "ℓ₁"),
        ("10^{-3}", "10⁻³"),
        ("e^{x+y}", "e^(x+y)"),
        (r"f_\theta", "f_θ"),
        (r"\frac{a+b}{2}", "(a+b)/2"),
        (r"\sqrt{T}", "√T"),
        (r"\hat{x} \in \mathbb{R}^n", "x̂ ∈ ℝⁿ"),
        (r"p<0.05", "p < 0.05"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "(a b; c d)"),
        ("f'(x)", "f′(x)"),
    ],
)
def test_a_formula_has_a_plain_text(latex, text):
    assert formula_text(latex) == text


@pytest.mark.parametrize(
    "latex",
    [
        *(r"\foo", r"\cite{x}", r"\frac", "}{", "x^", r"\begin{x}", r"\limits", r"\left(", "a & b"),
        *(r"\newcommand{\a}{\a\a}\a", r"\def\a{\a}\a", "x" * (MAX_LENGTH + 1), "{" * MAX_LENGTH),
        *(r"\cancel{x}", r"\not\!x"),
    ],
)
def test_a_formula_that_cannot_be_read_stays_as_it_was_written(latex):
    assert formula_html(latex, is_block=False) is None
    assert formula_text(latex) is None
    assert f"${latex.replace('&', '&amp;')}$" in render(f"A ${latex}$ formula")
    assert f"${latex.replace('&', '&amp;')}$" in render_title(f"A ${latex}$ formula")


@pytest.mark.parametrize(
    "latex",
    [
        *(r"\href{javascript:alert(1)}{x}", r"\style{position:fixed}{x}", r"\class{nav}{x}"),
        *(r"\color{red}{x}", r"\hspace{999em}", r"\rule{999em}{999em}", r"\bigl( x"),
        *(
            r"\text{<script>alert(1)</script>}",
            r"\unicode{x3c}script\unicode{x3e}",
            r"\verb|<img>|",
        ),
    ],
)
def test_a_formula_holds_no_link_style_or_element_of_html(latex):
    for html in (render(f"${latex}$"), render_title(f"${latex}$")):
        assert "<math>" in html
        for word in ("<script", "<img", "<a ", "href", "style=", "class=", "color", "999"):
            assert word not in html


@pytest.mark.parametrize(
    "text",
    [
        *("$5 and $10", "US$5 or A$8 and US$9", "from $5,$6 on", "5$ and 6$", "$ x $", "a $x $ b"),
        *(r"\$x\$", "costs $5", "$$ and", "`$x$`", "($5/$6)"),
    ],
)
def test_money_and_code_are_no_formulas(text):
    assert "<math" not in render(text)


@pytest.mark.parametrize(
    "text",
    [
        *("$x$", "($x$)", "$x$-means", "the $n$th", "non-$k$", "$x$ and $5", "$5, $x$."),
        *(r"\(x\)", r"\[x\]", "$$x$$", "$$\nx\n= y\n- z\n$$", "text\n$$\n- y\n$$\nmore"),
        *("- a\n  $$\n  - y\n  $$", "> $$\n> - y\n> $$", "**$x$**", "# $x$", "a\n\n\\[\nx\n\\]"),
    ],
)
def test_dollars_and_brackets_enclose_a_formula(text):
    html = render(text)

    assert html.count("<math") == 1
    assert "<ul>\n<li>y" not in html


def test_a_formula_of_its_own_is_a_block_that_can_be_reached_by_keyboard():
    html = render("Text\n$$\nx\n$$\nmore")

    block = '<p><math display="block" tabindex="0"><mi>x</mi></math></p>'
    assert html.replace("\n", "") == f"<p>Text</p>{block}<p>more</p>"


@pytest.mark.parametrize("render_text", [render, render_title])
def test_a_long_formula_in_a_line_can_break_before_operators(render_text):
    html = render_text(r"$f(x_1, x_2) = a_1 x_1 + a_2 x_2 + a_3 x_3 - \epsilon$")

    assert html.count("<math>") == 1 + html.count("<wbr>") == 3
    assert '<wbr><math><mo form="infix">=</mo>' in html


def test_markup_within_a_formula_is_none():
    html = render("$a_1 * b_2 * c$")

    assert "<em>" not in html
    assert html.count("<msub>") == 2


def test_a_formula_in_a_table_cell():
    html = render("| a |\n|---|\n| $x$ |")

    assert "<td><math><mi>x</mi></math></td>" in html


def test_plain_texts_hold_formulas_that_can_be_read():
    assert plain_text("The $x^2$ norm of **H<sub>2</sub>O**") == "The x² norm of H₂O"


@pytest.mark.parametrize(
    ("title", "html", "text"),
    [
        ("A $K$ & *K*", "A <math><mi>K</mi></math> &amp; <em>K</em>", "A K & K"),
        ("H<sub>2</sub>O", "H<sub>2</sub>O", "H₂O"),
        ("10<sup>-3</sup> m", "10<sup>-3</sup> m", "10⁻³ m"),
        (
            "<i>In situ</i> and <B>more</B>",
            "<em>In situ</em> and <strong>more</strong>",
            "In situ and more",
        ),
        ("AT&amp;T &lt;b&gt;", "AT&amp;T &lt;b&gt;", "AT&T <b>"),
        ("One<br>two <p>three</p>", "One two  three", "One two three"),
        ("A* and B* search", "A* and B* search", "A* and B* search"),
        ("snake_case_names", "snake_case_names", "snake_case_names"),
        ("[a](https://example.org)", "[a](https://example.org)", "[a](https://example.org)"),
        (
            "<script>alert(1)</script>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "<script>alert(1)</script>",
        ),
        ("<b onclick=x>a</b>", "&lt;b onclick=x&gt;a&lt;/b&gt;", "<b onclick=x>a</b>"),
        ("If <i> then", "If &lt;i&gt; then", "If <i> then"),
        ("“5 < 6”", "“5 &lt; 6”", "“5 < 6”"),
    ],
)
def test_titles_have_light_markup_only(title, html, text):
    assert render_title(title) == html
    assert plain_title(title) == text


def test_simple_tags_are_read_in_markdown():
    html = render("<p>One <i>a</i> H<sub>2</sub>O</p>\n<p>Two<br>three</p>")

    assert html.replace("\n", "") == ("<p>One <em>a</em> H<sub>2</sub>O</p><p>Two<br>three</p>")


def test_tags_in_code_are_shown():
    assert render("`<i>a</i>`") == "<p><code>&lt;i&gt;a&lt;/i&gt;</code></p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "We use $x_1$ and \\(y\\) for $5.",
        "First line\n$$x$$",
        "*$x$*",
        "- $x$",
        r"\$x$ [$y$](https://example.org)",
    ],
)
def test_formulas_of_a_plain_text_are_mathematics_and_nothing_else(text):
    html = render(from_plain(text))

    assert html.count("<math") == len(FORMULA.findall(text)) > 0
    for tag in ("<em>", "<a ", "<li>"):
        assert tag not in html


@pytest.mark.parametrize(
    "piece",
    [
        *("$", "$$", r"\(", r"\[", "$a ", "$$a ", "$$\n", "\\[\n", "<i>", "<i></b>", "<p>", "<br>"),
        *("$x$ ", r"\(x^y\)", "$$x^{y}$$\n\n", "$x^{y^{z}}$ ", r"$\foo$ ", "<b>a</b>"),
        *(f"${'x^{' * 240}$ ", f"${chr(39) * 900}$ ", f"${'{' * 900}$ ", rf"${'a&' * 450}$ "),
    ],
)
def test_hostile_formulas_are_rendered_in_time(piece):
    text = (piece * 50_000)[:50_000]
    before = time.process_time()

    render(text)

    assert time.process_time() - before < 1


def test_only_so_many_formulas_of_a_text_are_read():
    number = MAX_FORMULAS // 11

    html = render("$x$ " * (number + 10))

    assert html.count("<math>") == number
    assert html.count("$x$") == 10


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<p>One &amp; <i>two</i></p><p>Three<br>four</p>", "One & two\n\nThree\nfour"),
        ("H<sub>2</sub>O, 10<SUP>-3</SUP>, <b><i>x</i></b>", "H₂O, 10⁻³, x"),
        ("If <i> and a < b & c; $x^2$", "If <i> and a < b & c; $x^2$"),
        ("&lt;b&gt;", "<b>"),
    ],
)
def test_tags_and_entities_of_other_programs_are_read(text, plain):
    assert from_simple_html(text).strip() == plain
