"""An invented workshop, for `make demo`: to be shown to somebody in two minutes."""
