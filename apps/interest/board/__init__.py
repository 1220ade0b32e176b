"""The triage board: an edition's expressions in columns by what is decided of them, a page of each."""

from apps.interest.board.asked import Asked, Pending, Sort
from apps.interest.board.cards import PAGE, Board, Card, Stack
from apps.interest.board.columns import Column
from apps.interest.board.reading import board_of, card_of, found, heads_of, rows_of, topics_of

__all__ = [
    "PAGE",
    "Asked",
    "Board",
    "Card",
    "Column",
    "Pending",
    "Sort",
    "Stack",
    "board_of",
    "card_of",
    "found",
    "heads_of",
    "rows_of",
    "topics_of",
]
