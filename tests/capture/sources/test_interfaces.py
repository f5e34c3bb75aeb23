"""What `-D` and the picker know of this machine."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from httpresp_capture.records.escaping import escaped
from httpresp_capture.sources.live import interfaces
from httpresp_capture.sources.live.interfaces import (
    InterfaceInfo,
    State,
    default_routes,
    describe_lines,
    list_interfaces,
    packet_counts,
    rank,
)

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")


@on_linux
def test_loopback_is_there_with_its_address_and_the_kernels_index() -> None:
    [loopback] = [interface for interface in list_interfaces() if interface.loopback]
    assert (loopback.name, loopback.index) == ("lo", socket.if_nametoindex("lo"))
    assert loopback.remark == "loopback"
    if loopback.state is State.UP:
        assert "127.0.0.1" in loopback.addresses


@on_linux
def test_every_interface_is_listed_once_and_any_as_well() -> None:
    names = [interface.name for interface in list_interfaces()]
    assert sorted(names) == sorted([*(name for _, name in socket.if_nameindex()), "any"])


@on_linux
def test_packets_are_counted_as_they_pass() -> None:
    before = packet_counts()["lo"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", 9))
    assert packet_counts()["lo"] >= before + 2


def a_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> None:
    """Stands in for /proc/net."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(interfaces, "PROC", tmp_path)


ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t100\t000000FF\t0\t0\t0
"""
ZERO = "0" * 32
ROUTES_6 = f"""{ZERO} 00 {ZERO} 00 fe800000000000000000000000000001 00000064 00000001 00000000 00000003     wg0
{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200       lo
"""


def test_the_route_with_the_lowest_metric_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_proc(tmp_path, monkeypatch, {"route": ROUTES, "ipv6_route": ROUTES_6})
    assert default_routes() == ["eth0", "wg0", "wlan0"]


def test_without_a_route_or_a_proc_nothing_is_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interfaces, "PROC", tmp_path / "missing")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path / "missing"))
    assert default_routes() == []
    assert packet_counts() == {}


def test_packets_received_and_sent_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    def counters(**_: bool) -> dict[str, SimpleNamespace]:
        return {
            "lo": SimpleNamespace(packets_sent=10, packets_recv=10),
            "eth0": SimpleNamespace(packets_sent=7, packets_recv=8),
        }

    monkeypatch.setattr(psutil, "net_io_counters", counters)
    assert packet_counts() == {"lo": 20, "eth0": 15}


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ("up,broadcast,running", State.UP),
        ("up,broadcast", State.NO_LINK),
        ("broadcast,noarp", State.DOWN),
        ("", State.DOWN),
    ],
)
def test_the_state_is_what_the_flags_say(flags: str, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"lo": SimpleNamespace(flags=flags)})
    assert next(each.state for each in list_interfaces() if each.name == "lo") is state


@pytest.fixture
def namespace() -> Iterator[str]:
    """A network namespace of this test."""
    name = f"hi{os.getpid() % 100_000}"
    try:
        subprocess.run(["ip", "netns", "add", name], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespaces here: {error}")
    yield name
    subprocess.run(["ip", "netns", "del", name], check=True)


@on_linux
def test_a_name_that_is_no_text_hides_no_interface(namespace: str) -> None:
    """Whoever may make an interface chooses its name; psutil raises on this one."""
    name = b"a\xff\x1bb"
    subprocess.run([b"ip", b"-n", namespace.encode(), b"link", b"add", name, b"type", b"veth"], check=True)
    code = "from httpresp_capture.sources.live.interfaces import *; print('\\n'.join(describe_lines()))"
    done = subprocess.run(
        ["ip", "netns", "exec", namespace, sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert re.search(r"^a\\udcff\\x1bb +state not told +0 packets$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^lo +state not told", done.stdout, re.MULTILINE), done.stdout


def test_the_default_route_comes_first_and_what_is_down_last() -> None:
    known = [
        InterfaceInfo("any", 0, (), State.UP, note="all interfaces at once"),
        InterfaceInfo("lo", 1, ("127.0.0.1",), State.UP, loopback=True),
        InterfaceInfo("eth0", 2, (), State.DOWN),
        InterfaceInfo("eth1", 3, (), State.NO_LINK),
        InterfaceInfo("eth2", 4, (), State.UP),
        InterfaceInfo("eth3", 5, (), State.UP, default_route=True),
    ]
    assert [each.name for each in sorted(known, key=rank)] == ["eth3", "eth2", "lo", "any", "eth0", "eth1"]


def test_lines_stand_in_columns_and_hold_no_control_byte() -> None:
    known = [
        InterfaceInfo("eth0", 2, ("10.0.0.5", "fe80::1"), State.UP, default_route=True, packets=1_234_567),
        InterfaceInfo("\x1b]0;x\x07", 9, (), State.NO_LINK),
    ]
    assert describe_lines(known) == [
        "eth0          up           1,234,567 packets  default route  10.0.0.5, fe80::1",
        "\\x1b]0;x\\x07  no link              0 packets",
    ]
    assert describe_lines([]) == []


@pytest.mark.parametrize(("name", "seen"), [("wlan0", "wlan0"), ("a\u202eb", "a\\u202eb"), ("\udcff", "\\udcff")])
def test_a_name_is_shown_without_what_a_terminal_would_act_on(name: str, seen: str) -> None:
    assert escaped(name) == seen


def test_scapy_is_not_imported_for_the_list() -> None:
    code = (
        "import sys; from httpresp_capture.sources.live import interfaces, source;"
        "interfaces.list_interfaces(); print('scapy' in sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == ("False\n" if sys.platform == "linux" else "True\n")


@on_linux
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_scapy_tells_the_default_route_where_there_is_no_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    in_proc = default_routes()
    monkeypatch.setattr(interfaces, "ON_LINUX", False)
    assert default_routes() == in_proc[:1]
    assert [interface.name for interface in list_interfaces() if interface.default_route] == in_proc[:1]
