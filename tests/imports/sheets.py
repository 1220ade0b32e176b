"""Files as Microsoft Forms and Google Forms export them, with made-up people in them."""

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

MICROSOFT = [
    *("ID", "Start time", "Completion time", "Email", "Name", "Last modified time"),
    *("Full name", "Your e-mail address", "University", "What would you like to show?"),
    *("Title of your work", "Abstract", "Topics", "Co-authors (names and affiliations)"),
]
GOOGLE = [
    *("Timestamp", "Email Address", "First name", "Last name", "University"),
    *("Lightning talk or poster?", "Title", "Abstract", "Topics"),
]


def microsoft_row(number: int = 1, **changes: Any) -> list[Any]:
    """An answer to a form that asked nobody to sign in."""
    sent = datetime(2026, 3, 1, 10, 2, 3) + timedelta(minutes=number)
    said = {
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
    began = sent - timedelta(minutes=5)
    account = [number, began, said.pop("sent"), "anonymous", "", None]
    return [*account, *said.values()]


def google_row(number: int = 1, **changes: Any) -> list[str]:
    """An answer in the file that Google Forms itself gives."""
    said = {
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
    return list(said.values())


def xlsx(*rows: Sequence[Any], name: str = "Form1", others: Sequence[str] = ()) -> bytes:
    """A workbook with `rows` on its first sheet, named `name`."""
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
    """The same as CSV."""
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode(encoding)


def microsoft_file(*rows: Sequence[Any]) -> bytes:
    return xlsx(MICROSOFT, *(rows or [microsoft_row()]))


def google_file(*rows: Sequence[Any]) -> bytes:
    return csv_bytes(GOOGLE, *(rows or [google_row()]))


def upload(client: Client, edition: Edition, data: bytes, name: str = "answers.xlsx"):
    """Sends the file as the page does, and returns the answer."""
    file = SimpleUploadedFile(name, data)
    return client.post("/admin/imports/sheet/add/", {"edition": edition.pk, "file": file})


def bring_in(
    client: Client, edition: Edition, data: bytes, name: str = "answers.xlsx", **said: Any
) -> Sheet:
    """Uploads, and takes what is guessed of the columns, apart from what is `said` of them."""
    assert upload(client, edition, data, name).status_code == 302
    sheet = Sheet.objects.latest("pk")
    say_columns(client, sheet, **said)
    return sheet


def say_columns(client: Client, sheet: Sheet, **said: Any):
    """Presses "Go on" on the page of the columns, changed by `said`."""
    path = f"/admin/imports/sheet/{sheet.pk}/columns/"
    form = client.get(path).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    return client.post(path, data | said)


def confirm(client: Client, sheet: Sheet):
    """Presses "Import" on the page that shows what will be imported."""
    token = client.get(f"/admin/imports/sheet/{sheet.pk}/change/").context["token"]
    return client.post(f"/admin/imports/sheet/{sheet.pk}/import/", {"token": token})


def say_answers(client: Client, sheet: Sheet, **said: Any):
    """Presses "Go on" on the page of the words, changed by `said`."""
    path = f"/admin/imports/sheet/{sheet.pk}/answers/"
    form = client.get(path).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    return client.post(path, data | said)
