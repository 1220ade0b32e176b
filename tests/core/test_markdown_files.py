"""Pictures and downloads in Markdown: their HTML, and what of a text cannot bring any."""

import time

import pytest

from apps.core.markdown import plain_text, references, render
from apps.core.markdown_files import LinkedFile, without_pictures

HOSTILE = "\"><script>alert(1)</script><img src='x' onerror=alert(1)>"
PICTURE = LinkedFile(
    path="pictures/a.jpg",
    url="/media/a.webp",
    sources=(("image/avif", "/media/a.avif 480w"),),
    fallback="/media/a.jpg",
    width=480,
    height=320,
    alt="Stored",
)
FLYER = LinkedFile(path="files/a.pdf", url="/2031/files/a.pdf")


@pytest.mark.parametrize("path", ["pictures/a.jpg", "./pictures/a.jpg", "../pictures/a.jpg"])
def test_a_picture_in_a_paragraph_of_its_own_is_a_figure(path):
    html = render(f"![Words]({path})", 3, (PICTURE,))

    assert html.startswith("<figure><picture>")
    assert 'src="/media/a.jpg" width="480" height="320" alt="Words"' in html


def test_a_picture_among_words_stays_among_them():
    html = render("See ![](pictures/a.jpg) there", 3, (PICTURE,))

    assert html.startswith("<p>See <picture>")
    assert 'alt="Stored"' in html


def test_hostile_words_of_a_picture_stay_words():
    picture = PICTURE._replace(alt=HOSTILE, caption=HOSTILE, credit=HOSTILE)

    html = render("![](pictures/a.jpg)", 3, (picture,))

    assert "<script" not in html
    assert html.count("<img") == 1
    assert html.count("&lt;script&gt;") >= 2


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x>",
        "![x](javascript:alert(1))",
        "![x](data:image/png;base64,AAAA)",
        "![x](https://example.org/a.png)",
        "![x](//example.org/a.png)",
        "![x](/media/a.jpg)",
        "![x](pictures/../a.jpg)",
        "![x](pictures/b.jpg)",
        "![x](files/a.pdf)",
    ],
)
def test_no_other_picture_is_loaded(text):
    assert "<img" not in render(text, 3, (PICTURE, FLYER))


def test_a_file_that_is_missing_leaves_its_words():
    assert render("[x](files/b.pdf) ![y](pictures/b.jpg)", 3, (FLYER,)) == "<p>x y</p>\n"


def test_pictures_are_left_out_of_plain_text():
    assert plain_text("![A map](pictures/a.jpg)\n\nWords ![x](pictures/a.jpg) here") == "Words here"


def test_other_programs_get_the_words_of_pictures():
    text = 'See ![a map](pictures/a.jpg "Way") and [![b](c)](https://example.org/)'

    assert without_pictures(text) == "See a map and [b](https://example.org/)"


def test_references_have_the_lines_of_their_text():
    text = "# A\n\n[a](b)\nand\n![c](d)\n\n- x\n- [![](e)](f)\n\n| a |\n|---|\n| ![](g) |"

    found = [(each.line, each.target, each.is_picture) for each in references(text)]

    assert found == [
        (3, "b", False),
        (5, "d", True),
        (8, "f", False),
        (8, "e", True),
        (12, "g", True),
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        "![](pictures/a.jpg)",
        "![](pictures/a.jpg)\n\n",
        "[![](pictures/a.jpg)](files/a.pdf) ",
        "![a",
    ],
)
def test_many_pictures_are_no_attack(pattern):
    text = (pattern * 50_000)[:50_000]
    started = time.process_time()

    render(text, 3, (PICTURE, FLYER))

    assert time.process_time() - started < 3
