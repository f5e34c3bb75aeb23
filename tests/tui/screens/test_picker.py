"""The list of interfaces that is asked when none was named."""

import pytest
from textual.widgets import OptionList, Static

from httpresp_capture.sources.live.interfaces import InterfaceInfo, State
from httpresp_tui.screens.picker import Picker, rows

KNOWN = (
    InterfaceInfo("eth0", 2, ("192.0.2.2", "2001:db8::2"), State.UP, default_route=True, packets=5_903),
    InterfaceInfo("lo", 1, ("127.0.0.1", "::1"), State.UP, loopback=True, packets=12),
    InterfaceInfo("wlan0", 3, (), State.DOWN),
)


def test_a_row_says_state_packets_and_addresses() -> None:
    first, second, third = (row.plain for row in rows(KNOWN, {"eth0": 5_900}, {"eth0": 5_912}))
    assert first == " eth0   up            5,912 packets    +12/s  default route  192.0.2.2, 2001:db8::2"
    assert "12 packets" in second
    assert "/s" not in second
    assert "down" in third


async def test_enter_takes_the_default_route_and_j_moves() -> None:
    picker = Picker(KNOWN, dict[str, int])
    async with picker.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
    assert picker.return_value == "eth0"
    picker = Picker(KNOWN, dict[str, int])
    async with picker.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "enter")
    assert picker.return_value == "lo"


async def test_leaving_takes_nothing() -> None:
    for key in ("escape", "q", "ctrl+c"):
        picker = Picker(KNOWN, dict[str, int])
        async with picker.run_test(size=(80, 24)) as pilot:
            await pilot.press(key)
        assert picker.return_value is None


@pytest.mark.slow
async def test_the_counts_are_live() -> None:
    counts = {"lo": 12}
    picker = Picker(KNOWN, lambda: dict(counts))
    async with picker.run_test(size=(80, 24)) as pilot:
        counts["lo"] = 15
        for _ in range(200):
            if "+3/s" in str(picker.query_one(OptionList).get_option_at_index(1).prompt):
                break
            await pilot.pause(0.05)
        else:
            raise AssertionError("the count never moved")


async def test_a_machine_without_interfaces_is_no_crash() -> None:
    picker = Picker((), dict[str, int])
    async with picker.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "escape")
    assert picker.return_value is None


async def test_without_permission_it_says_so_before_one_chooses() -> None:
    for allowed in (True, False):
        picker = Picker(KNOWN, dict[str, int], allowed=allowed)
        async with picker.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            text = "\n".join(str(each.render()) for each in picker.query(Static))
            assert ("This process may not capture (CAP_NET_RAW is needed)" in text) is not allowed
