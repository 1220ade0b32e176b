"""PDFs read back."""

import io

from pypdf import PdfReader


def read_pdf(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text_of(content: bytes) -> str:
    """The text of all pages in one line, without hyphens of line ends."""
    pages = (page.extract_text() for page in read_pdf(content).pages)
    return " ".join(" ".join(pages).split())


def outline_of(reader: PdfReader) -> list[str]:
    """The titles of all bookmarks."""

    def titles(entries) -> list[str]:
        return [
            title
            for entry in entries
            for title in (titles(entry) if isinstance(entry, list) else [entry.title])
        ]

    return titles(reader.outline)
