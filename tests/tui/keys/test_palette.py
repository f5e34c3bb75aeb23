"""The palette finds a command by the word that one has for it."""

from textual.fuzzy import Matcher

from httpresp_tui.keys.bindings import APP_BINDINGS, unrolled


def test_the_first_command_for_quit_quits() -> None:
    matcher = Matcher("quit")
    scores = {binding.id: matcher.match(binding.tooltip) for binding in unrolled(APP_BINDINGS)}
    assert max(scores, key=lambda each: scores[each]) == "app.leave"
