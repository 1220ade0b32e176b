"""Made-up exports of Microsoft Forms and Google Forms, and the steps of their import."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from apps.editions.models import Edition
from apps.imports.models import Sheet

SHEETS = "/admin/imports/sheet/"
MICROSOFT = [
    *("ID", "Start time", "Completion time", "Email", "Name", "Last modified time"),
    *("Full name", "Your email address", "University", "What would you like to show?"),
    *("Title of your work", "Abstract", "Topics", "Co-authors (names and affiliations)"),
]
GOOGLE = [
    *("Timestamp", "Email Address", "First name", "Last name", "University"),
    *("Lightning talk or poster?", "Title", "Abstract", "Topics"),
]


def microsoft_row(number: int = 1, **changes: Any) -> list[Any]:
    """An answer to a form that did not ask to sign in."""
    sent = datetime(2026, 3, 1, 10, 2, 3) + timedelta(minutes=number)
    values = {
        "sent": sent,
        "name": f"Sam Student {number}",
        "email": f"student{number}@example.net",
        "university": "University of Examples",
        "formats": "Lightning talk;Poster;",
        "title": f"Work number {number}",
        "abstract": "We make it small.",
        "topics": "Small models;",
        "coauthors": "Bo Helper (Institute of Help); Cy Other",
    } | changes
    account = [number, sent - timedelta(minutes=5), values.pop("sent"), "anonymous", "", None]
    return [*account, *values.values()]


def google_row(number: int = 1, **changes: Any) -> list[str]:
    values = {
        "sent": "2026/03/01 10:02:03 am GMT+1",
        "email": f"student{number}@example.net",
        "first": "Sam",
        "last": f"Student {number}",
        "university": "University of Examples",
        "formats": "Lightning talk, Poster",
        "title": f"Work number {number}",
        "abstract": "We make it small.",
        "topics": "Small models, Pruning, quantisation and distillation",
    } | changes
    return list(values.values())


def xlsx(*rows: Sequence[Any], name: str = "Form1", others: Sequence[str] = ()) -> bytes:
    """A workbook with `rows` on its first sheet, and the sheets `others`."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    for other in others:
        book.create_sheet(other).append(["Not this one"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csv_bytes(*rows: Sequence[Any], separator: str = ",", encoding: str = "utf-8") -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode(encoding)


def microsoft_file(*rows: Sequence[Any]) -> bytes:
    return xlsx(MICROSOFT, *(rows or [microsoft_row()]))


def google_file(*rows: Sequence[Any]) -> bytes:
    return csv_bytes(GOOGLE, *(rows or [google_row()]))


def address(sheet: Sheet, page: str = "change") -> str:
    return f"{SHEETS}{sheet.pk}/{page}/"


def preview(client: Client, sheet: Sheet, show: str = ""):
    """The page that shows what an import would do."""
    return client.get(address(sheet), {"show": show})


def upload(client: Client, edition: Edition, data: bytes, name: str = "answers.xlsx"):
    file = SimpleUploadedFile(name, data)
    return client.post(f"{SHEETS}add/", {"edition": edition.pk, "file": file})


def bring_in(
    client: Client, edition: Edition, data: bytes, name: str = "answers.xlsx", **changes: Any
) -> Sheet:
    """Upload, and accept what is guessed of the columns, but for `changes`."""
    assert upload(client, edition, data, name).status_code == 302
    sheet = Sheet.objects.latest("pk")
    choose_columns(client, sheet, **changes)
    return sheet


def choose_columns(client: Client, sheet: Sheet, **changes: Any):
    """Send the page of the columns as it is, but for `changes`."""
    return _send(client, address(sheet, "columns"), changes)


def choose_answers(client: Client, sheet: Sheet, **changes: Any):
    """Send the page of the answers as it is, but for `changes`."""
    return _send(client, address(sheet, "answers"), changes)


def _send(client: Client, path: str, changes: dict[str, Any]):
    form = client.get(path).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    return client.post(path, data | changes)


def confirm(client: Client, sheet: Sheet, *, follow: bool = False):
    """Press "Import" on the preview."""
    token = preview(client, sheet).context["token"]
    return client.post(address(sheet, "import"), {"token": token}, follow=follow)
