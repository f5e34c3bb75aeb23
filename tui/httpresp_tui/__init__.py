"""The screen and the command line of httpresp-tui."""

__version__ = "0.1.0"
