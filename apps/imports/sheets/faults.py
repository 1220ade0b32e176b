"""What is wrong with a spreadsheet, in words for people."""


class Unreadable(Exception):
    """A file cannot be read as rows of answers; its one sentence says why and what to do."""
