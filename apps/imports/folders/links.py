"""Dead links in a content folder: those that lead neither to its own rows nor to stored ones."""

from collections.abc import Iterator

from apps.editions.models import Edition
from apps.imports.folders.linked_files import markdown_texts
from apps.imports.folders.reader import EditionFolder
from apps.imports.folders.schema import SectionLinkEntry
from apps.imports.folders.yaml_text import Fault
from apps.pages.dead_links import (
    LINKED_MODELS,
    Addresses,
    find_dead_links,
    find_problem,
    is_alone,
)
from apps.pages.models import Page, Section


def find_dead_links_of(folder: EditionFolder, edition: Edition) -> Iterator[tuple[Fault, bool]]:
    """Yield the dead links, each with whether it is certain. `edition` may be without a row."""
    if not folder.edition:
        return
    addresses = Addresses.of(edition) if edition.pk else Addresses(folder.edition["slug"])
    _add_folder(addresses, folder)
    entries = [entry for rows in folder.rows.values() for entry in rows.values()]
    for text in markdown_texts(entries):
        model = text.entry.model
        for problem in find_dead_links(
            text.text,
            addresses,
            is_on_home=model is Section,
            has_anchors=is_alone(model, text.field),
        ):
            yield text.place(problem.line).fault(problem.message), problem.is_error
    for entry in entries:
        if isinstance(entry, SectionLinkEntry) and (dead := find_problem(entry["url"], addresses)):
            yield entry.fault(f"url: {entry['url']}: {dead.message}", "url"), dead.is_error


def _add_folder(addresses: Addresses, folder: EditionFolder) -> None:
    """Add the addresses of the folder; of what it has in unreadable files, any may exist."""
    for model in LINKED_MODELS:
        slugs = {entry.slug for entry in folder.rows[model].values()}
        slugs |= {slug for other, slug in folder.incomplete if other is model and slug}
        addresses.slugs[model] = addresses.slugs.get(model, set()) | slugs
        if (model, "") in folder.incomplete:
            del addresses.slugs[model]
    for page in folder.rows[Page].values():
        addresses.texts[page.slug] = page["body"]
