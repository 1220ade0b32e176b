"""The Markdown texts of an edition: what is wrong with the files they name, and where one is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.apps import apps
from django.db.models import Model, Q

from apps.core.markdown import markdown_columns, references
from apps.core.markdown_files import DOWNLOADS, PICTURES, Reference
from apps.core.text import did_you_mean
from apps.editions.models import Download, Edition, Picture

# Columns with an address, and the lookup of their edition.
_ADDRESSES: list[tuple[type[Model], str, str]] = []


def register_addresses(model: type[Model], column: str, edition: str) -> None:
    """Tell that a column can have the address of a file of the edition at the lookup `edition`."""
    _ADDRESSES.append((model, column, edition))


class TextProblem(NamedTuple):
    """What an author should change in a text, with the line from 1.

    A severe one makes visitors miss something.
    """

    line: int
    message: str
    is_severe: bool


def problems_of_files(text: str, files: Mapping[str, str]) -> Iterator[TextProblem]:
    """Yield what is wrong with the pictures and downloads that a text names.

    `files` has the description of each picture by its path, such as pictures/venue.jpg, or "", and
    the paths of downloads.
    """
    for reference in references(text):
        if reference.path:
            yield from _problems_of_file(reference, files)
        elif reference.is_picture:
            yield _problem_of_other_picture(reference)


def check_files(row: Any, text: str) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with the pictures and downloads that a text of a stored row names."""
    edition = row if isinstance(row, Edition) else getattr(row, "edition", None)
    if edition is None:
        for reference in references(text):
            if reference.path or reference.is_picture:
                message = (
                    "this text belongs to no edition. Only an edition that has the file shows it"
                )
                yield reference.line, message
    elif any(reference.path or reference.is_picture for reference in references(text)):
        files = {picture.path: picture.alt for picture in edition.pictures.all()}
        files |= {download.path: "" for download in edition.downloads.all()}
        for problem in problems_of_files(text, files):
            yield problem.line, problem.message


def places_naming(file: Picture | Download) -> Iterator[str]:
    """Yield where texts and links of its edition name a picture or download: “page “Venue””."""
    for model in apps.get_models():
        columns = list(markdown_columns(model))
        fields = {field.name for field in model._meta.concrete_fields}
        if not columns or hasattr(model, "instance_type"):  # set by simple_history
            continue
        named = Q()
        for column in columns:
            named |= Q(**{f"{column}__contains": file.name})
        rows = model._default_manager.filter(named)
        # A person is shown in all editions.
        if model is Edition or "edition" in fields:
            rows = rows.filter(**{"pk" if model is Edition else "edition": file.edition_id})
        for row in rows:
            if any(_names(getattr(row, column), file) for column in columns):
                yield f"{row._meta.verbose_name} “{row}”"

    if isinstance(file, Download):
        for model, column, edition in _ADDRESSES:
            lookup = {edition: file.edition_id, f"{column}__endswith": file.file_address}
            for row in model._default_manager.filter(**lookup):
                yield f"{row._meta.verbose_name} “{row}”"


def _names(text: str, file: Picture | Download) -> bool:
    address = file.file_address if isinstance(file, Download) else None
    return any(
        reference.path == file.path or urlsplit(reference.target).path == address
        for reference in references(text)
    )


def _problems_of_file(reference: Reference, files: Mapping[str, str]) -> Iterator[TextProblem]:
    path, folder = reference.path, reference.path.partition("/")[0]
    if path not in files:
        known = [each for each in files if each.startswith(f"{folder}/")]
        message = f"there is no {path}. {did_you_mean(path, known, most=12)}"
        yield TextProblem(reference.line, message, is_severe=True)
    elif reference.is_picture and folder == DOWNLOADS:
        message = f"{path} is no picture; link to it with [words]({path})"
        yield TextProblem(reference.line, message, is_severe=True)
    elif reference.is_in_link and not (reference.words or files[path]):
        message = f"{path} is a link, so say where it leads for people who do not see it: ![words]({path})"
        yield TextProblem(reference.line, message, is_severe=True)


def _problem_of_other_picture(reference: Reference) -> TextProblem:
    name = reference.target.partition("?")[0].rpartition("/")[2] or "name.jpg"
    message = (
        f"the picture {reference.target[:100]} is none of this edition. {{}} Add it to the edition's "
        f"pictures and write ![words]({PICTURES}/{name[:60]})"
    )
    if "//" in reference.target:
        shown = "Visitors see a link to it instead."
        return TextProblem(reference.line, message.format(shown), is_severe=False)
    shown = "Visitors see its text instead."
    return TextProblem(reference.line, message.format(shown), is_severe=True)
