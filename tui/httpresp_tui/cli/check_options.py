"""The options of the security checks, the same wherever they run: the screen, `--json --findings`, `check`, `diff`."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable

from httpresp_tui.cli.arguments import ChecksAsked
from httpresp_tui.cli.help_text import PROGRAM

ALL = "all"


def add_checks(parser: ArgumentParser, baseline: str) -> None:
    """What the checks are told; `baseline` explains what its file is for."""
    add = parser.add_argument_group("the checks").add_argument
    add("--behind-tls", action="store_true", help="users reach all of it by TLS, which ended before this wire")
    add("--baseline", metavar="FILE", help=baseline)
    add("--enable", metavar="CHECK", action="append", default=[], help="run a noisy check, too; repeatable; 'all'")
    add("--disable", metavar="CHECK", action="append", default=[], help="leave a check out; repeatable; 'all'")


def checks_of(parser: ArgumentParser, given: Namespace) -> ChecksAsked:
    """The values of these options; leaves with 2 for a check that there is not, and for one that changes nothing."""
    enable, disable = (_named(parser, option, getattr(given, option)) for option in ("enable", "disable"))
    if _is_all(given.enable):
        if _is_all(given.disable):
            parser.error("--enable all and --disable all: choose one.")
        # All but these.
        enable -= disable
    elif enable:
        from httpresp_capture.checks import CHECKS_BY_ID

        for name in sorted(enable):
            if name in disable and not _is_all(given.disable):
                parser.error(f"--enable {name} and --disable {name}: choose one.")
            # Of one that another package brings nothing is known before root was given up.
            known = CHECKS_BY_ID.get(name)
            if known is not None and not known.opt_in and name not in disable:
                parser.error(
                    f"--enable {name} changes nothing: it runs anyway. {PROGRAM} check --list names the others."
                )
    return ChecksAsked(given.behind_tls, given.baseline, enable, disable - enable)


def _is_all(texts: Iterable[str]) -> bool:
    return [text.lower() for text in texts] == [ALL]


def _named(parser: ArgumentParser, option: str, texts: list[str]) -> frozenset[str]:
    """Ids of checks, in any case, several with commas; `all` is every one."""
    names = [name for text in texts for name in text.upper().split(",") if name]
    if not names:
        return frozenset()
    from httpresp_capture import plugins

    known = plugins.names(plugins.CHECKS)
    if _is_all(texts):
        return frozenset(known)
    for name in names:
        if name not in known:
            from difflib import get_close_matches  # Loaded where something is wrong.

            close = get_close_matches(name, known, 1, 0.6)
            way = f"did you mean {close[0]}?" if close else f"{PROGRAM} check --list names them."
            parser.error(f"--{option}: no check is called {name}: {way}")
    return frozenset(names)
