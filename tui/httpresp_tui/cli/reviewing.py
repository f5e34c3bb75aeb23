"""What the checks are told, wherever they run: behind TLS or not, which of them, and which findings are accepted."""

import os
from datetime import date
from pathlib import Path
from typing import TextIO

from httpresp_capture.analysis import baseline
from httpresp_capture.analysis.baseline import Baseline
from httpresp_capture.analysis.review import Review
from httpresp_capture.checks import Options
from httpresp_capture.records.errors import CaptureError
from httpresp_capture.system.textfiles import text_of
from httpresp_tui.cli.arguments import ChecksAsked
from httpresp_tui.cli.output import say
from httpresp_tui.errors import SettingsError
from httpresp_tui.text.sanitising import printable_text


def options_of(asked: ChecksAsked, salt: bytes = b"") -> Options:
    """With a salt of its own where none is given: tags of secrets cannot be compared with those of another run."""
    return Options(
        behind_tls=asked.behind_tls,
        opt_in=asked.enable,
        off=asked.disable,
        salt=salt or os.urandom(16),
    )


def read_baseline(path: str | None) -> Baseline:
    """The baseline in a file; raises `SettingsError` when it cannot be read or understood."""
    if path is None:
        return Baseline()
    name = printable_text(path)
    try:
        return baseline.parse(text_of(Path(path).read_bytes(), f"the baseline {name}"), name)
    except OSError as error:
        raise SettingsError(f"the baseline {name} cannot be read: {error.strerror}.") from error
    except CaptureError as error:
        raise SettingsError(str(error)) from error
    except ValueError as error:
        raise SettingsError(f"the baseline {name} cannot be read: {error}.") from error


def tell_expired(known: Baseline, today: date, said: TextIO) -> None:
    """What holds no longer."""
    for acceptance in known.expired(today):
        say(f"the acceptance of {acceptance.check} at {acceptance.origin} ended on {acceptance.expires}.", said)


def baseline_file(given: str | None, chosen: str) -> Path | None:
    """Where the screen keeps acceptances: as the command line says, else as the config file does."""
    path = given or chosen
    return Path(path).expanduser() if path else None


def new_review(asked: ChecksAsked, file: Path | None, today: date) -> Review:
    """A review with what is accepted; a file that is not there yet holds nothing, and the screen will make it."""
    known = read_baseline(str(file) if file is not None and file.exists() else None)
    return Review(options_of(asked), known, today)
