"""The part of the app that hands text over: `y`, the `Y` menu, and ctrl+c; files leave by `exporting`, below it."""

from functools import cached_property

from textual.widgets import Input

from httpresp_tui.actions.exporting import Exporting
from httpresp_tui.screens.copy_menu import CopyMenu
from httpresp_tui.terminal.textual_private import driver_of
from httpresp_tui.text.clipboard import Surroundings, copy
from httpresp_tui.text.excerpts import Excerpt, json_excerpt

SECOND_PRESS = 2.0
"""Seconds in which a second ctrl+c quits."""


class Copying(Exporting):
    """Copies the response in hand."""

    _interrupted = False

    @cached_property
    def surroundings(self) -> Surroundings:
        """Where a copy can go."""
        return Surroundings.here(self.settings.copy_command, self._write_out)

    def action_copy_json(self) -> None:
        """The response as its event."""
        if (response := self.chosen_response()) is not None:
            self.hand_over(json_excerpt(response, self.redactor, self.described_run))

    def action_copy_menu(self) -> None:
        """Ask what of it."""
        if (response := self.chosen_response()) is not None:
            self.push_screen(CopyMenu(response, self.redactor, self.described_run), self.hand_over)

    def action_interrupt(self) -> None:
        """Copy what is selected; without that, quit at the second press."""
        focused = self.focused
        selected = focused.selected_text if isinstance(focused, Input) else self.screen.get_selected_text()
        if selected:
            self.hand_over(Excerpt("the selected text", selected))
        elif self._interrupted:
            self.exit()
        else:
            self._interrupted = True
            self.set_timer(SECOND_PRESS, self._forget_interrupt)
            self.notify("Nothing is selected to copy. Press ctrl+c again to quit.", timeout=SECOND_PRESS, markup=False)

    def hand_over(self, excerpt: Excerpt | None) -> None:
        """To the clipboard, beside the loop; then say how it went."""
        if excerpt is not None:
            self.run_worker(self._hand_over(excerpt), group="copy")

    async def _hand_over(self, excerpt: Excerpt) -> None:
        outcome = await copy(excerpt, self.surroundings)
        self.notify(outcome.words, severity="information" if outcome.confirmed else "warning", markup=False)

    def _forget_interrupt(self) -> None:
        self._interrupted = False

    def _write_out(self, text: str) -> None:
        """To the terminal, between two frames."""
        driver = driver_of(self)
        if driver is not None:
            driver.write(text)
            driver.flush()
