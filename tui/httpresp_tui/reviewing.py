"""What the screen's checks are told: behind TLS or not, and which findings are accepted, from which file."""

import os
from datetime import date
from pathlib import Path

from httpresp_capture.checks import Options
from httpresp_capture.errors import CaptureError
from httpresp_capture.review import Review
from httpresp_tui.check import read_baseline
from httpresp_tui.settings import SettingsError


def baseline_file(given: str | None, chosen: str) -> Path | None:
    """Where acceptances are kept: as the command line says, else as the config file does."""
    path = given or chosen
    return Path(path).expanduser() if path else None


def new_review(behind_tls: bool, file: Path | None, today: date) -> Review:
    """A review with what is accepted; a file that is not there yet holds nothing, and the screen will make it."""
    try:
        known = read_baseline(str(file) if file is not None and file.exists() else None)
    except CaptureError as error:
        raise SettingsError(str(error)) from error
    return Review(Options(behind_tls, salt=os.urandom(16)), known, today)
