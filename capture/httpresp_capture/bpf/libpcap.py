"""Free text through libpcap's compiler: `-f`, the language of tcpdump.

Called by ctypes: the library is there wherever tcpdump or Wireshark is, and nothing else of it is used. The text is
compiled for raw IP, since packets of a cooked socket begin there; so what asks for a link header is refused, in
libpcap's words.
"""

import ctypes
import ctypes.util
import sys
from functools import cache

from httpresp_capture.bpf.assembler import Instruction
from httpresp_capture.records.errors import CaptureError

__all__ = ["compile_text", "library"]

RAW_IP = 12
"""DLT_RAW."""
_NAMES = {"darwin": ("libpcap.A.dylib",)}.get(sys.platform, ("libpcap.so.1", "libpcap.so.0.8", "libpcap.so"))


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("yes", ctypes.c_ubyte),
        ("no", ctypes.c_ubyte),
        ("number", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint), ("instructions", ctypes.POINTER(_Instruction)))


@cache
def library() -> ctypes.CDLL | None:
    """libpcap, or None where it is not installed."""
    for name in (*_NAMES, ctypes.util.find_library("pcap")):
        if name is None:
            continue
        try:
            pcap = ctypes.CDLL(name)
        except OSError:
            continue
        pcap.pcap_open_dead.restype = ctypes.c_void_p
        pcap.pcap_open_dead.argtypes = [ctypes.c_int, ctypes.c_int]
        pcap.pcap_compile.argtypes = [
            ctypes.c_void_p,
            ctypes.POINTER(_Program),
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_uint32,
        ]
        pcap.pcap_geterr.restype = ctypes.c_char_p
        pcap.pcap_geterr.argtypes = [ctypes.c_void_p]
        pcap.pcap_freecode.argtypes = [ctypes.POINTER(_Program)]
        pcap.pcap_freecode.restype = None
        pcap.pcap_close.argtypes = [ctypes.c_void_p]
        pcap.pcap_close.restype = None
        return pcap
    return None


def compile_text(text: str, snap_length: int) -> tuple[Instruction, ...]:
    """The program for packets that begin at the IP header."""
    pcap = library()
    if pcap is None:
        raise CaptureError(
            "-f needs libpcap, and it is not installed.\n\n"
            "  Debian, Ubuntu:   apt install libpcap0.8\n"
            "  Fedora, RHEL:     dnf install libpcap\n"
            "  Arch:             pacman -S libpcap\n"
            "  Alpine:           apk add libpcap\n\n"
            "  Without it: -p PORT and --host ADDRESS are filtered in the kernel too."
        )
    handle = pcap.pcap_open_dead(RAW_IP, snap_length)
    program = _Program()
    try:
        anything = 0xFFFFFFFF  # PCAP_NETMASK_UNKNOWN
        if pcap.pcap_compile(handle, ctypes.byref(program), text.encode("utf-8", "surrogateescape"), 1, anything):
            words = pcap.pcap_geterr(handle).decode("utf-8", "replace")
            raise CaptureError(
                f"-f '{text}': {words}.\n\n"
                "  It takes tcpdump's syntax, over packets that begin at the IP header: "
                "'tcp port 80 and host 10.0.0.5'.\n"
                "  The filter of the list is -Y."
            )
        found = [program.instructions[index] for index in range(program.length)]
        result = tuple(Instruction(one.code, one.yes, one.no, one.number) for one in found)
        pcap.pcap_freecode(ctypes.byref(program))
        return result
    finally:
        pcap.pcap_close(handle)
