"""The one exception that is meant for people."""


class CaptureError(Exception):
    """A capture that cannot begin: its text names the thing, the place and the way on, and stands alone on a terminal.

    May have several lines; the first is a sentence.
    """

    status = 1
    """The exit status of a program that ends for it."""
