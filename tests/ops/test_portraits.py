"""Drawn portraits of the invented people of the demo."""

from io import BytesIO
from pathlib import Path

import pytest
import yaml
from PIL import Image, ImageChops

from apps.ops import portraits

_EDITION = Path(portraits.__file__).parent / "demo_data" / "edition"


def test_every_person_of_the_demo_has_a_portrait():
    people = yaml.safe_load((_EDITION / "people.yaml").read_text(encoding="utf-8"))

    assert {slug: fields.get("photo") for slug, fields in people.items()} == {
        slug: f"{slug}.png" for slug in portraits.LOOKS
    }


@pytest.mark.parametrize("slug", portraits.LOOKS)
def test_a_portrait_is_a_small_file_drawn_from_its_features(slug):
    stored = _EDITION / "photos" / f"{slug}.png"

    drawn = Image.open(BytesIO(portraits.portrait_png(portraits.LOOKS[slug]))).convert("RGB")

    difference = ImageChops.difference(drawn, Image.open(stored).convert("RGB"))
    assert max(difference.convert("L").tobytes()) < 16  # of 255; Pillow may choose other colours
    assert stored.stat().st_size < 10_000
