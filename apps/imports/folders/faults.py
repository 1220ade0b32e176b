"""What is wrong with a content folder, said so that its author can mend it."""

from dataclasses import dataclass

_MOST_SHOWN = 50


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake: the file as the author knows it, the line (from 1; 0 if none), what to do."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.message}"


class FolderError(Exception):
    """A content folder that cannot be used, with all that is wrong in it.

    `faults` is never empty and stands in the order of files and lines.
    """

    def __init__(self, *faults: Fault) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __str__(self) -> str:
        shown = [str(fault) for fault in self.faults[:_MOST_SHOWN]]
        if rest := len(self.faults) - len(shown):
            shown.append(f"and {rest} more.")
        return "\n".join(shown)
