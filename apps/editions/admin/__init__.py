"""Admin of editions: details and tabs, deadlines, call, files of texts, and base classes for parts."""

from apps.editions.admin import call, deadlines, files
from apps.editions.admin.editions import EditionAdmin, Tab
from apps.editions.admin.parts import EditionPartAdmin, EditionPartForm

__all__ = [
    "EditionAdmin",
    "EditionPartAdmin",
    "EditionPartForm",
    "Tab",
    "call",
    "deadlines",
    "files",
]
