"""Compiles the hot rooms with mypyc when a wheel is built with `HTTPRESP_TUI_COMPILE=1`; else they stay Python.

The source is the same: what is compiled is what is read, tested and type-checked. It takes a C compiler and a minute
or more, so it is asked for; whoever asks for it and cannot have it is told why, and gets no wheel that only looks like
one. `httpresp-tui --doctor` says which one runs.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path(__file__).parent
ASKED = "HTTPRESP_TUI_COMPILE"
"""Set in the environment of whoever builds."""
QUICKLY = "quickly"
"""Its value for rooms that the C compiler does not optimise: for the tests, in two thirds of the time."""
ROOMS = (
    "detect/carried",
    "detect/detector",
    "detect/http2_frames",
    "detect/preamble",
    "detect/protocol",
    "detect/proxy_protocol",
    "detect/recognise",
    "detect/socks",
    "detect/undetected",
    "http/candidates",
    "http/framing",
    "http/heads",
    "http/pairing",
    "http/parts",
    "http/rows",
    "http1/chunks",
    "http1/conversation",
    "http1/exchanges",
    "http1/first_lines",
    "http1/head_collector",
    "http1/headless",
    "http1/message",
    "http1/parser",
    "http1/request_reader",
    "http1/response_reader",
    "http1/response_rows",
    "http1/resync",
    "http2/conversation",
    "http2/ended",
    "http2/endpoint",
    "http2/exchanges",
    "http2/field",
    "http2/frames",
    "http2/hpack",
    "http2/huffman",
    "http2/names",
    "http2/open_streams",
    "http2/overlaps",
    "http2/sections",
    "http2/stream",
    "http2/whole",
    "net/ip",
    "net/packet_path",
    "net/transport",
    "pipeline",
    "process/event_codec",
    "records/counters",
    "records/events",
    "records/evidence",
    "records/exchange",
    "records/flow",
    "records/headers",
    "records/outcome",
    "records/problems",
    "records/targets",
    "records/tls",
    "sink",
    "sources/file/pcap",
    "sources/file/pcapng",
    "sources/file/reader",
    "sources/file/tracee",
    "sources/live/linux",
    "sources/live/packet_tap",
    "sources/live/ring",
    "streams/byte_streams",
    "streams/position",
    "streams/receiver",
    "tcp/assembler",
    "tcp/connection",
    "tcp/flags",
    "tcp/flows",
    "tcp/former",
    "tcp/holding",
    "tcp/networks",
    "tcp/overlap",
    "tcp/packet",
    "tcp/reopening",
    "tcp/resets",
    "tcp/segments",
    "quic/connection",
    "quic/connections",
    "quic/initial",
    "tls/conversation",
    "tls/early",
    "tls/encrypted_row",
    "tls/handshake",
    "tls/hello",
    "tls/inside",
    "tls/joined",
    "tls/joining",
    "tls/losses",
    "tls/opening",
    "tls/protected",
    "tls/protection",
    "tls/records",
    "tls/roles",
    "tls/schedule",
    "tls/session",
    "tls/side",
    "tls/suites",
    "tls/traffic",
    "tls/waiting",
    "tracee/golang",
    "tracee/head_shapes",
    "tracee/jsontext",
    "tracee/pieces",
    "tracee/writer",
)
"""What a packet, a message or an event passes through."""
OPTIONS = ("--ignore-missing-imports", "--follow-imports=silent", "--config-file=")
"""How mypy reads the rooms: out of the way of mypy.ini files of whoever builds."""
_COMPILE = """
import sys
from mypyc.build import mypycify
from setuptools import setup
setup(
    name="httpresp_capture",
    packages=[],
    ext_modules=mypycify(sys.argv[3:], opt_level=sys.argv[2], debug_level="0", group_name="httpresp_capture"),
    script_args=["--quiet", "build_ext", "--build-lib", sys.argv[1], "--build-temp", sys.argv[1] + ".objects"],
)
"""


def has_compiler() -> bool:
    """True when C can be compiled against this Python."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    header = Path(sysconfig.get_path("include")) / "Python.h"
    return sys.implementation.name == "cpython" and shutil.which(compiler) is not None and header.is_file()


def wanted() -> bool:
    """True when the rooms should be compiled."""
    return os.environ.get(ASKED, "") not in ("", "0")


def refused(why: str) -> SystemExit:
    """What ends the build: nobody who asked for the compiled rooms gets the others without noticing."""
    return SystemExit(f"{ASKED} is set, but {why}; unset it for plain Python")


class CompilingHook(BuildHookInterface[Any]):
    """For wheels; an editable installation reads the source."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What compiling needs, where it will be done."""
        return ["mypy>=1.19", "setuptools>=77"] if wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the compiled modules to the wheel, beside their source."""
        if version != "standard" or not wanted():
            return
        if not has_compiler():
            raise refused("there is no C compiler, or no header files of Python (python3-dev) for it")
        self._folder = tempfile.mkdtemp(prefix="httpresp-tui-")
        built = Path(self._folder, "built")
        rooms = [f"httpresp_capture/{room}.py" for room in ROOMS]
        # With a cache of its own.
        environment = {**os.environ, "MYPY_CACHE_DIR": str(Path(self._folder, "cache"))}
        with tempfile.TemporaryDirectory() as scratch:
            shutil.copytree(SOURCE / "httpresp_capture", Path(scratch, "httpresp_capture"))
            done = subprocess.run(
                [
                    sys.executable,
                    "-c",
                    _COMPILE,
                    str(built),
                    "0" if os.environ[ASKED] == QUICKLY else "3",
                    *OPTIONS,
                    *rooms,
                ],
                cwd=scratch,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            told = (done.stdout + done.stderr).strip().splitlines()
            raise refused("\n".join(["compiling failed:", *told[-20:], "so there is no wheel"]))
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for module in built.rglob("*.so"):
            build_data["force_include"][str(module)] = module.relative_to(built).as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Throw the workshop away."""
        if hasattr(self, "_folder"):
            shutil.rmtree(self._folder, ignore_errors=True)
