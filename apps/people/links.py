"""Further links of people: ORCID, Google Scholar, GitHub and the like, named by their sites."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

_MAX_LINKS = 10
_is_secure_address = URLValidator(schemes=["https"])
_SITES = {
    "orcid.org": "ORCID",
    "github.com": "GitHub",
    "gitlab.com": "GitLab",
    "linkedin.com": "LinkedIn",
    "bsky.app": "Bluesky",
    "x.com": "X",
    "twitter.com": "X",
    "dblp.org": "DBLP",
    "openreview.net": "OpenReview",
    "semanticscholar.org": "Semantic Scholar",
    "researchgate.net": "ResearchGate",
    "huggingface.co": "Hugging Face",
    "youtube.com": "YouTube",
}
_ORCID = re.compile(r"/(\d{4}-\d{4}-\d{4}-\d{3}[\dX])/?", re.ASCII)


class NamedLink(NamedTuple):
    name: str
    url: str


def named_links(text: str) -> list[NamedLink]:
    """The addresses in the lines of `text`, each with the name of its site."""
    return [NamedLink(_site_name(line), line) for line in text.split()]


def validate_links(text: str) -> None:
    """Raise ValidationError unless each line is a different https address; an ORCID iD is checked."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > _MAX_LINKS:
        raise ValidationError(f"Give at most {_MAX_LINKS} links.", code="too_many")
    for line in lines:
        try:
            _is_secure_address(line)
        except ValidationError:
            raise ValidationError(
                f"“{line[:80]}” is not a secure web address. Write it in full, such as "
                "https://orcid.org/0000-0002-1825-0097.",
                code="not_https",
            ) from None
        if _host(line) == "orcid.org" and not _is_orcid(urlsplit(line).path):
            raise ValidationError(
                f"“{line[:80]}” is not an ORCID iD: check its 16 digits.", code="orcid"
            )
    if len(set(lines)) < len(lines):
        raise ValidationError("The same link is there twice.", code="twice")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _site_name(url: str) -> str:
    host = _host(url)
    if host.startswith("scholar.google."):
        return "Google Scholar"
    if host not in _SITES and urlsplit(url).path.startswith("/@"):
        return "Mastodon"
    return _SITES.get(host, host)


def _is_orcid(path: str) -> bool:
    """Whether the path is an ORCID iD with the right check digit (ISO 7064, MOD 11-2)."""
    match = _ORCID.fullmatch(path)
    if not match:
        return False
    digits = match[1].replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == digits[-1]
