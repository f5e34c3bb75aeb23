"""Mistakes in the person's own files, which end the program like a mistake on the command line, with status 2."""


class SettingsError(Exception):
    """A mistake in the config file, in a baseline: its text names the place and the way on."""
