"""What is said when a live capture cannot begin: the thing, the place, the way on."""

import difflib
import os
import shlex
import shutil
import sys
from collections.abc import Iterable

from httpresp_capture.records.errors import CaptureError
from httpresp_capture.records.escaping import escaped
from httpresp_capture.sources.live.interfaces import InterfaceInfo, describe_lines

__all__ = ["called_again", "is_down", "no_permission", "no_such_interface", "program_path"]


def program_path() -> str:
    """How to call this program by its absolute path, as a shell takes it: sudo looks in few places of its own."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None and spec.name.endswith(".__main__"):
        return f"{shlex.quote(sys.executable)} -m {spec.name.removesuffix('.__main__')}"
    called = sys.argv[0]
    found = called if os.path.dirname(called) else shutil.which(called)
    return shlex.quote(os.path.abspath(found or called))


def called_again(interfaces: Iterable[str]) -> str:
    """The whole command line as it was typed, by the absolute path, for a shell; with the interfaces that were chosen
    later."""
    words = sys.argv[1:]
    # What stands behind the dashes is a command's, which has -i's of its own and is captured wherever it speaks.
    named = "--" in words or any(word.startswith("-i") for word in words)
    flags = [word for name in interfaces for word in ("-i", escaped(name))]
    return " ".join([program_path(), *map(shlex.quote, words if named else [*words, *flags])])


def no_permission(interfaces: Iterable[str], filter_words: str) -> CaptureError:
    """The kernel wants CAP_NET_RAW; the ways with it and without."""
    names = [escaped(name) for name in interfaces]
    flags = " ".join(f"-i {shlex.quote(name)}" for name in names)
    words = filter_words.partition(", ")[0]
    if words == "tcp":
        words = "tcp port 80"  # An example; there is no need for all of TCP.
    ways = (
        ("httpresp-tui --demo", "sample traffic"),
        ("httpresp-tui -r capture.pcap", "a file"),
        (f"dumpcap {flags} -f {_quoted(words)} -w - | httpresp-tui -r -", 'in the group "wireshark"'),
        (f"ssh server sudo tcpdump -U -w - {shlex.quote(words) if _risky(words) else words} | httpresp-tui -r -", ""),
    )
    width = max(len(way) for way, note in ways if note)
    lines = (f"      {way:<{width}}    {note}".rstrip() for way, note in ways)
    return CaptureError(
        f"no permission to capture on {', '.join(names)} (CAP_NET_RAW is needed).\n\n"
        "  Once, as root; it gives root up as soon as the socket is open:\n"
        f"      sudo {called_again(names)}\n"
        "  Without root:\n" + "\n".join(lines)
    )


def no_such_interface(name: str, known: list[InterfaceInfo]) -> CaptureError:
    """A name that is not there, with what is."""
    near = difflib.get_close_matches(name, [interface.name for interface in known], n=1, cutoff=0.6)
    question = f" Did you mean {escaped(near[0])}?" if near else ""
    listed = "\n".join(f"      {line}" for line in describe_lines(known))
    return CaptureError(f"no interface '{escaped(name)}'.{question}\n\n  The interfaces here:\n{listed}")


def is_down(name: str) -> CaptureError:
    """An interface on which nothing can come."""
    return CaptureError(
        f"the interface {escaped(name)} is down.\n\n"
        f"  To bring it up:\n      sudo ip link set {shlex.quote(escaped(name))} up"
    )


def _risky(words: str) -> bool:
    return any(c in words for c in "()[]&|<>!*?$\"'\\;")


def _quoted(words: str) -> str:
    return shlex.quote(words) if "'" in words or "$" in words or '"' in words or "\\" in words else f'"{words}"'
