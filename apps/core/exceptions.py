"""The two exceptions that services of all apps raise for people to read."""


class NotAllowed(Exception):
    """The action is not possible now; the message is a sentence for the person who asked."""


class ChangedMeanwhile(Exception):
    """The object changed after the person loaded it, so nothing was written.

    The message, if there is one, is a sentence for that person.
    """
