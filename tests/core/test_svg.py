"""SVG drawings: what is drawn and what is refused."""

import base64
import time
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from apps.core.images import clean_logo, clean_photo
from tests.people.files import encoded, upload

START = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
RECTANGLE = "<rect width='100%' height='100%' fill='#008000'/>"


def svg(
    content: str = RECTANGLE, *, attributes: str = "viewBox='0 0 300 100'", before: str = ""
) -> bytes:
    return f"{before}{START} {attributes}>{content}</svg>".encode()


def logo(content: bytes) -> Image.Image:
    return Image.open(BytesIO(clean_logo(upload(content)).read())).convert("RGBA")


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ("viewBox='0 0 300 100'", (640, 214)),
        ("width='40mm' height='20mm'", (640, 320)),
        ("width='1e9' height='1e9'", (320, 320)),
        ("viewBox='0 0 100 100' width='1000000000' height='1'", (320, 320)),
        ("viewBox='0,0 1e2,50.' width='100%'", (640, 320)),
    ],
)
def test_a_drawing_of_any_size_fills_the_box_of_a_logo(attributes, size):
    drawn = logo(svg(attributes=attributes))

    assert drawn.size == size
    assert drawn.getpixel((size[0] // 2, size[1] // 2)) == (0, 128, 0, 255)


def test_the_background_of_a_drawing_stays_transparent():
    drawn = logo(svg("<circle cx='150' cy='50' r='50'/>"))

    assert drawn.size == (320, 320)
    assert drawn.getchannel("A").getpixel((1, 1)) == 0


@pytest.mark.parametrize(
    "before",
    [
        "\ufeff",
        "<?xml version='1.0' encoding='UTF-8'?>\n<!-- made by hand -->\n",
        "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd'>",
        "<!DOCTYPE svg [<!ENTITY ns_svg 'http://www.w3.org/2000/svg'>]>",
    ],
)
def test_what_drawing_programs_write_before_the_drawing_is_accepted(before):
    assert logo(svg(before=before)).size == (640, 214)


def test_scripts_links_and_metadata_are_left_out():
    content = (
        "<script>alert(1)</script><metadata>words</metadata>"
        f"<a xlink:href='https://example.org/'>{RECTANGLE}</a>"
    )

    assert logo(svg(content)).getpixel((5, 5)) == (0, 128, 0, 255)


def test_embedded_pictures_are_drawn():
    picture = base64.b64encode(encoded(Image.new("RGB", (9, 3), (0, 128, 0)), "PNG")).decode()
    image = f"<image width='300' height='100' href='data:image/png;base64,{picture}'/>"

    assert logo(svg(image)).getpixel((300, 100)) == (0, 128, 0, 255)


def test_a_file_of_the_server_is_not_drawn(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(encoded(Image.new("RGB", (300, 100), "red"), "PNG"))

    with pytest.raises(ValidationError, match="refers to another file"):
        logo(svg(f"<image width='300' height='100' xlink:href='{secret}'/>"))


ENTITIES = "".join(f"<!ENTITY e{number} '{f'&e{number - 1};' * 10}'>" for number in range(1, 12))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (svg("<image href='https://example.org/a.png'/>"), "refers to another file"),
        (svg("<image href='file:///etc/hostname'/>"), "refers to another file"),
        (svg("<use href='other.svg#part'/>"), "refers to another file"),
        (svg("<image href='data:image/svg+xml,%3Csvg/%3E'/>"), "refers to another file"),
        (
            svg("<text x='1' y='9'>Example <tspan>Ltd</tspan></text>"),
            "Convert the text to outlines",
        ),
        (svg(attributes=""), "does not say how large it is"),
        (svg(attributes="width='100%' height='50%'"), "does not say how large it is"),
        (svg(attributes="viewBox='0 0 0 0'"), "does not say how large it is"),
        (svg("<g>"), "damaged"),
        (b"<?xml version='1.0'?><html/>", "no SVG drawing"),
        (svg(""), "transparent all over"),
        (svg("<path d='" + "M0 0L9 9" * 300_000 + "'/>"), "more than 2 MB"),
        (
            svg("<g>" * 200_000 + "</g>" * 200_000),
            "damaged or too complex|more than 2 MB|takes too long",
        ),
        (
            svg(
                "<path d='&e11;'/>",
                before=f"<!DOCTYPE svg [<!ENTITY e0 'M0 0L9 9'>{ENTITIES}]>",
            ),
            "damaged",
        ),
        (
            svg(
                "<path d='&secret;'/>",
                before="<!DOCTYPE svg [<!ENTITY secret SYSTEM '/etc/hostname'>]>",
            ),
            "damaged",
        ),
    ],
)
def test_hostile_or_useless_drawings_are_refused_with_a_reason(content, message):
    with pytest.raises(ValidationError, match=message):
        logo(content)


def test_a_drawing_that_takes_too_long_is_given_up():
    nested = RECTANGLE
    for number in range(9):
        nested = f"<g id='g{number}'>{nested}</g>" + f"<use href='#g{number}'/>" * 12
    started = time.monotonic()

    with pytest.raises(ValidationError, match=r"too long|too complex"):
        logo(svg(nested))

    assert time.monotonic() - started < 45


def test_photos_are_never_drawings():
    with pytest.raises(ValidationError, match="not a photo"):
        clean_photo(upload(svg()))
