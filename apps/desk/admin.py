"""The desk's own lists."""

from apps.desk.sheets.admin import SheetAdmin

__all__ = ["SheetAdmin"]
