"""Small decks of slides as PDF, whole and broken."""

from __future__ import annotations

from io import BytesIO

import pikepdf
from django.core.files.base import ContentFile
from pikepdf import Array, Dictionary, Name

from apps.programme.models import Contribution


def deck(*words: str, size: tuple[float, float] = (720, 540), rotate: int = 0) -> pikepdf.Pdf:
    """A deck with a page for each of `words`."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )
    for word in words:
        page = pdf.add_blank_page(page_size=size)
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        page.obj.Contents = pdf.make_stream(f"BT /F1 40 Tf 50 50 Td ({word}) Tj ET".encode())
        page.obj.Rotate = rotate
    return pdf


def bytes_of(pdf: pikepdf.Pdf, **options) -> bytes:
    stream = BytesIO()
    pdf.save(stream, **options)
    return stream.getvalue()


def encrypted() -> bytes:
    return bytes_of(deck("Locked"), encryption=pikepdf.Encryption(owner="a", user="b"))


def hostile() -> bytes:
    """A deck with scripts, actions, a link and an embedded program."""
    pdf = deck("Harmless")
    script = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
    pdf.Root.OpenAction = script
    pdf.attachments["virus.exe"] = b"MZ"
    page = pdf.pages[0].obj
    launch = Dictionary(S=Name.Launch, F="calc.exe")
    page.AA = Dictionary(O=launch)
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 720, 540]), A=launch)
    page.Annots = Array([pdf.make_indirect(link)])
    font = page.Resources.Font.F1
    font.AA, font.JS = script, "app.alert(2)"
    return bytes_of(pdf)


def give_slides(contribution: Contribution, content: bytes | pikepdf.Pdf) -> None:
    data = content if isinstance(content, bytes) else bytes_of(content)
    contribution.slides.save("slides.pdf", ContentFile(data))
