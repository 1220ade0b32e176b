"""Signals of the life of an expression of interest."""

from django.dispatch import Signal

# Sent by `services.move` inside its transaction, with the row locked and the action allowed, before
# anything is written. Arguments: expression (Expression in its old state), action (Action) and
# by (User or None). A receiver that raises stops the move.
pre_move = Signal()
