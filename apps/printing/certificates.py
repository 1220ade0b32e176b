"""Certificates of attendance, of presenting and of reviewing, with a code to verify.

The code is the kind, a primary key and a keyed hash of both (HMAC), so nothing is stored: a code
is known as long as the row is. It cannot be guessed, and whoever has it may read the certificate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import TextChoices
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext, gettext_lazy

from apps.core.qr import qr_svg
from apps.core.search import fold
from apps.editions.models import Edition
from apps.interest.models import REFERENCE_ALPHABET, Expression
from apps.printing.attendees import PERMISSION, svg_file
from apps.printing.content import title_nodes
from apps.printing.documents import PROGRAMME_PERMISSION, Kind, register_kind
from apps.printing.programme import edition_facts, printed_name
from apps.printing.typesetting import typeset
from apps.programme.models import Contribution, Contributor
from apps.registration.models import Registration
from apps.review.models import Review, Reviewer

_HASH_LENGTH = 18  # of 21 letters: 79 bits
_HEAD = re.compile(r"[APR][0-9]{1,12}")


class CertificateKind(TextChoices):
    """What a certificate is about: the first letter of its code, and its title."""

    ATTENDANCE = "A", gettext_lazy("Certificate of attendance")
    PRESENTING = "P", gettext_lazy("Certificate of presentation")
    REVIEWING = "R", gettext_lazy("Certificate of reviewing")


@dataclass(frozen=True)
class Certificate:
    """A certificate for one person."""

    kind: CertificateKind
    pk: int  # of the registration, of the first credit, or of the reviewer
    edition: Edition
    name: str
    titles: list[str] = field(default_factory=list)  # of what the person presented
    identity: tuple[str, ...] = ()  # of a presenter, as `Credit.identity`

    @property
    def code(self) -> str:
        """In groups of six letters: "P12-23456C-FGHJKM-PQRVWX"."""
        digest = _digest(self.kind, self.pk)
        groups = [digest[start : start + 6] for start in range(0, _HASH_LENGTH, 6)]
        return "-".join([f"{self.kind.value}{self.pk}", *groups])

    @property
    def verify_url(self) -> str:
        """The public address that says whether it is genuine."""
        return settings.SITE_URL + reverse("printing:verify", args=[self.code])

    @property
    def pdf_path(self) -> str:
        """The path of the certificate itself."""
        return reverse("printing:certificate", args=[self.code])

    @property
    def statement(self) -> str:
        """What the person did, as the end of a sentence that begins with the name."""
        return {
            CertificateKind.ATTENDANCE: gettext("took part in"),
            CertificateKind.PRESENTING: gettext("presented at"),
            CertificateKind.REVIEWING: gettext("reviewed submissions for"),
        }[self.kind]


def _digest(kind: str, pk: int) -> str:
    number = int.from_bytes(
        salted_hmac("printing.certificates", f"{kind}:{pk}", algorithm="sha256").digest(), "big"
    )
    letters = []
    for _ in range(_HASH_LENGTH):
        number, index = divmod(number, len(REFERENCE_ALPHABET))
        letters.append(REFERENCE_ALPHABET[index])
    return "".join(letters)


def find_certificate(code: str) -> Certificate | None:
    """The certificate with this code, in small letters too; None if it is not known (any more).

    Before the edition begins nobody took part in it or presented at it.
    """
    head, _, digest = "".join(code[:80].upper().split()).partition("-")
    if not _HEAD.fullmatch(head):
        return None
    kind, pk = CertificateKind(head[0]), int(head[1:])
    if not constant_time_compare(_digest(kind, pk), digest.replace("-", "")):
        return None
    found = next(_rows(kind, pk), None)
    if found is None or found.edition.is_draft or found.edition.is_cancelled:
        return None
    is_early = kind != CertificateKind.REVIEWING and not found.edition.has_begun
    return None if is_early else found


def _rows(kind: CertificateKind, pk: int) -> Iterator[Certificate]:
    if kind == CertificateKind.ATTENDANCE:
        rows = Registration.objects.filter(pk=pk).select_related("edition")
        yield from (row for each in rows for row in _of_attendance(each.edition, [each]))
    elif kind == CertificateKind.PRESENTING:
        for credit in Contributor.objects.filter(pk=pk).select_related("contribution__edition"):
            found = presented_in(credit.contribution.edition)
            yield from (one for one in found if one.pk == pk)
    else:
        for reviewer in Reviewer.objects.filter(pk=pk).select_related("edition"):
            yield from (one for one in _of_reviewing(reviewer.edition) if one.pk == pk)


# Who has one


def attended(edition: Edition) -> list[Certificate]:
    """Those with a place, by name; once people checked in, only those who did."""
    rows = Registration.objects.for_edition(edition).attending().in_name_order()
    return _of_attendance(edition, rows)


def _of_attendance(edition: Edition, rows: Iterable[Registration]) -> list[Certificate]:
    checks_in = Registration.objects.for_edition(edition).checked_in().exists()
    return [
        Certificate(CertificateKind.ATTENDANCE, row.pk, edition, row.name)
        for row in rows
        if row.is_attending and (row.checked_in_at or not checks_in)
    ]


def presented_in(edition: Edition) -> list[Certificate]:
    """Each presenter of published contributions with a place in the programme, by name."""
    rows = Contribution.objects.for_edition(edition).published().filter(slots__isnull=False)
    people: dict[tuple[str, ...], tuple[Contributor, list[str]]] = {}
    for row in rows.distinct().order_by("pk").with_contributors():
        row.edition = edition
        for credit in row.presenters:
            people.setdefault(credit.identity, (credit, []))[1].append(row.shown_title)
    found = [
        Certificate(
            CertificateKind.PRESENTING, credit.pk, edition, credit.shown_name, titles, identity
        )
        for identity, (credit, titles) in people.items()
    ]
    return sorted(found, key=lambda one: fold(one.name))


def _of_reviewing(edition: Edition) -> list[Certificate]:
    """Reviewers with a name who wrote a review, by name."""
    reviews = Review.objects.filter(expression__edition=edition, has_conflict=False)
    rows = Reviewer.objects.filter(edition=edition, user__in=reviews.values("reviewer"))
    found = [
        Certificate(CertificateKind.REVIEWING, row.pk, edition, row.user.name)
        for row in rows.select_related("user").exclude(user__name="")
    ]
    return sorted(found, key=lambda one: fold(one.name))


def certificates_for(
    edition: Edition,
    *,
    registration: Registration | None = None,
    expression: Expression | None = None,
    person_pk: int | None = None,
) -> list[Certificate]:
    """Those of one person after the last day: of attendance, and of presenting."""
    if not edition.is_past or edition.is_cancelled:
        return []
    identities = _identities(expression, person_pk)
    presented = [one for one in presented_in(edition) if one.identity in identities]
    return (_of_attendance(edition, [registration]) if registration else []) + presented


def presented_by(
    edition: Edition, *, expression: Expression | None, person_pk: int | None
) -> list[str]:
    """The titles of what a person presents."""
    identities = _identities(expression, person_pk)
    found = [one for one in presented_in(edition) if one.identity in identities]
    return [title for one in found for title in one.titles]


def _identities(expression: Expression | None, person_pk: int | None) -> set[tuple[str, ...]]:
    """How credits name a person: by the person, or as the presenter of an entry."""
    identities: set[tuple[str, ...]] = {("person", str(person_pk))} if person_pk else set()
    if expression:
        rows = Contribution.objects.filter(origin__expression=expression).with_contributors()
        # The student comes first among those who present.
        identities |= {credit.identity for row in rows for credit in row.presenters[:1]}
    return identities


# Documents


def register() -> None:
    """Add a kind of document for each kind of certificate."""
    for name, title, description, find, permission in _KINDS:
        register_kind(
            Kind(
                name=f"certificates-{name}",
                template="certificates",
                title=title,
                description=description,
                collect=partial(_collect, find),
                rows=("certificates",),
                previewed_rows=1,
                permission=permission,
            )
        )


def _collect(
    find: Callable[[Edition], list[Certificate]], edition: Edition, layout: str
) -> dict[str, Any]:
    return certificate_data(edition, find(edition))


_KINDS = (
    (
        "attended",
        "Certificates of attendance",
        "A4, one for each person with a place; once people checked in, for those who did. After "
        "the last day people find theirs on their own page.",
        attended,
        PERMISSION,
    ),
    (
        "presented",
        "Certificates of presentation",
        "A4, one for each presenter of published contributions in the programme.",
        presented_in,
        PROGRAMME_PERMISSION,
    ),
    (
        "reviewed",
        "Certificates of reviewing",
        "A4, one for each reviewer who wrote a review.",
        _of_reviewing,
        "review.view_reviewer",
    ),
)


def certificate_data(edition: Edition, certificates: list[Certificate]) -> dict[str, Any]:
    """The data of `certificates.typ`."""
    title = str(certificates[0].kind.label) if len(certificates) == 1 else gettext("Certificates")
    return {
        "title": f"{edition.title_with_year}: {title}",
        "edition": edition_facts(edition),
        "words": {
            "this": gettext("This is to certify that"),
            "organisers": gettext("For the organisers"),
            "verify": gettext("Verify this certificate at"),
            "code": gettext("Code"),
        },
        "certificates": [
            {
                "heading": str(one.kind.label),
                "name": printed_name(one.name),
                "statement": one.statement,
                "titles": [title_nodes(title) for title in one.titles],
                "code": one.code,
                "url": one.verify_url,
                "qr": svg_file(qr_svg(one.verify_url, title="")),
            }
            for one in certificates
        ],
    }


def make_certificate(certificate: Certificate) -> bytes:
    """The PDF of one certificate."""
    return typeset("certificates", certificate_data(certificate.edition, [certificate]))
