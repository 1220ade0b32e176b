"""The desk's own lists."""

from apps.imports.sheets.admin import SheetAdmin

__all__ = ["SheetAdmin"]
