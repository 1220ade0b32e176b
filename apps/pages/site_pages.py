"""Pages that every site has, and their first texts in `texts/`, in English, German and French.

The English text is stored, so that organisers can edit it. As long as they have not, visitors read
it in the language of the page.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.utils.translation import get_language, gettext

SITE_PAGES = {"privacy": "Privacy", "accessibility": "Accessibility"}

_TEXTS = Path(__file__).parent / "texts"
# SHA-256 of first texts of earlier versions, by slug. When you change a first text, add the hash of
# the former one here: where it was never edited, an upgrade replaces it.
_EARLIER = {
    "privacy": {
        "5515929f7988ec1b4a7f7743b7a3b8b6a850b4d9ce3d7a8a3cacc41622fe99bc",
        "9e4b4bfc2c49c78ef0bb5c9b2a4d47bacf284f32846fa16f927c84c4d68bc521",
        "52649869ecd0b84f6caf91c38fa1acfff31c074e7aaecb5c6d006c48e8fd5378",
        "9b223758f86d130065cfd717f01e9119262819d2d9d4478e91feccec77e9c9f4",
        "b31ceb5556527c2c766963a34e8e53e9a09fe278ea469f13153c4ce76bc8a82c",
    },
    "accessibility": {"1cafbbbe2a12e7cef7673f227a1e846ca291ab7d0beb1ed944e18c4a2526d69b"},
}

_placeholders: dict[str, Callable[[], str]] = {}


def register_placeholder(placeholder: str, describe: Callable[[], str]) -> None:
    """Show the Markdown of `describe` where a site page says `placeholder`, alone in its paragraph."""
    _placeholders[placeholder] = describe


def first_text(slug: str, language: str = "en") -> str:
    """The first text of a site page in a language, or else in English."""
    path = _TEXTS / f"{slug}.{language}.md"
    return (path if path.exists() else _TEXTS / f"{slug}.md").read_text(encoding="utf-8")


def is_first_text(slug: str, body: str) -> bool:
    return slug in SITE_PAGES and _normalise(body) == _normalise(first_text(slug))


def is_earlier_text(slug: str, body: str) -> bool:
    """Whether a text is the unedited first text of an earlier version."""
    digest = hashlib.sha256(_normalise(body).encode()).hexdigest()
    return digest in _EARLIER.get(slug, ())


def translate_page(slug: str, title: str, body: str) -> tuple[str, str]:
    """Title and text as visitors read them: in their language where organisers edited neither."""
    if title == SITE_PAGES[slug]:
        title = gettext(title)
    if is_first_text(slug, body):
        body = first_text(slug, (get_language() or "en").partition("-")[0])
    for placeholder, describe in _placeholders.items():
        if placeholder in body:
            body = body.replace(placeholder, describe())
    return title, body


def _normalise(text: str) -> str:
    """Without the line ends that a browser's form adds."""
    return "\n".join(text.strip().splitlines())
