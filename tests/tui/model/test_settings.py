"""The config file, which may be wrong and says so, and the remembered state, which may be wrong and is forgotten."""

import stat
from pathlib import Path

import pytest

from httpresp_tui.errors import SettingsError
from httpresp_tui.keys.bindings import check_keys, in_force
from httpresp_tui.model.settings import Remembered, Settings, load_remembered, load_settings, save_remembered
from httpresp_tui.scopes import SCOPES


def config(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_no_file_is_an_empty_one(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "config.toml") == Settings()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = config(tmp_path, 'copy_command = "xsel -b -i"\ntheme = "nord"\n[keys]\n"view.pause" = "p,space"\n')
    assert load_settings(path) == Settings({"view.pause": "p,space"}, "xsel -b -i", "nord")


def test_a_command_may_be_a_list_of_words(tmp_path: Path) -> None:
    path = config(tmp_path, 'copy_command = ["my clip", "-b"]')
    assert load_settings(path).copy_command == "'my clip' -b"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("copycommand = 'x'", "unknown setting 'copycommand': did you mean 'copy_command'?"),
        (
            "shade = 'x'",
            "unknown setting 'shade': there are keys, copy_command, theme, reduced_motion, baseline, columns.",
        ),
        ("columns = 'time'", "columns must be a list of texts, such as"),
        ('columns = ["time", 3]', "columns must be a list of texts, such as"),
        (
            'columns = ["tiem"]',
            "columns must be a list of columns, and there is no column 'tiem': did you mean 'time'?",
        ),
        ('columns = ["header:"]', "there is no column 'header:'"),
        ("copy_command = 3", "copy_command must be a text, or a list of texts."),
        ("copy_command = []", "copy_command must be a text, or a list of texts."),
        ('copy_command = "xsel \'"', "copy_command must be words as in a shell (No closing quotation)."),
        ("keys = 3", "keys must be a table of texts"),
        ('keys = {"view.pause" = 1}', "keys must be a table of texts"),
        ("theme = true", "theme must be a text."),
        ("= 3", "is no TOML"),
    ],
)
def test_a_mistake_names_the_file_and_what_was_meant(tmp_path: Path, text: str, words: str) -> None:
    path = config(tmp_path, text)
    with pytest.raises(SettingsError) as error:
        load_settings(path)
    assert str(path) in str(error.value)
    assert words in str(error.value)


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Cannot read"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"view.puase": "p"}, "there is no command 'view.puase': did you mean 'view.pause'?"),
        ({"view.pause": "ctrl+spac"}, "there is no key 'ctrl+spac'"),
        ({"view.pause": "pagdown"}, "there is no key 'pagdown': did you mean 'pagedown'?"),
        ({"view.pause": "p,,q"}, "a key is missing; write a comma as 'comma'"),
        ({"view.pause": "t"}, "'t' would mean both view.pause and view.group in the program"),
        ({"view.pause": "j"}, "'j' would mean both view.pause and list.down in the list"),
        ({"list.down": "k"}, "'k' would mean both list.down and list.up in the list"),
        ({"list.follow": "y"}, "'y' would mean both copy.json and list.follow in the list"),
    ],
)
def test_a_key_that_cannot_be_is_an_error_with_a_suggestion(keys: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError) as error:
        check_keys(keys, SCOPES)
    assert words in str(error.value)


@pytest.mark.parametrize("keys", ["p", "f5", "ctrl+s", "comma", "#", "number_sign", "shift+tab", "é", "alt+x,P"])
def test_a_key_that_can_be_is_taken(keys: str) -> None:
    check_keys({"view.pause": keys}, SCOPES)


def test_two_commands_may_swap_their_keys() -> None:
    check_keys({"view.group": "T", "view.group-by": "t"}, SCOPES)


def test_our_own_keys_clash_nowhere() -> None:
    check_keys({}, SCOPES)


def test_every_key_of_ours_says_what_it_does() -> None:
    for scope in SCOPES.values():
        for binding in in_force(scope, {}):
            assert binding.tooltip
            assert binding.group
            assert "." in (binding.id or "")


def test_the_state_comes_back_as_it_was_left(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    state = Remembered("nord", "below", 30, "host", ("404", 'host:"ü"'))
    assert save_remembered(state, path) == ""
    assert load_remembered(path) == state
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"split": "wide", "filters": 3, "theme": null, "new": 1}'])
def test_a_state_that_is_broken_is_as_if_never_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    assert load_remembered(path) == Remembered()


def test_what_can_be_read_of_a_state_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"theme": "nord", "split": true, "filters": ["404", 3]}')
    assert load_remembered(path) == Remembered(theme="nord", filters=("404",))


def test_a_state_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    problem = save_remembered(Remembered(), tmp_path / "file" / "state.json")
    assert problem.startswith("Cannot remember the theme and the layout")


def test_a_filter_is_remembered_once_and_newest_last() -> None:
    assert Remembered(filters=("404", "5xx")).with_filter("404") == ("5xx", "404")
    assert Remembered(filters=("404",)).with_filter("") == ("404",)
    many = Remembered(filters=tuple(map(str, range(100))))
    assert many.with_filter("new")[-1] == "new"
    assert len(many.with_filter("new")) == 100


def test_columns_are_chosen_by_their_keys(tmp_path: Path) -> None:
    path = config(tmp_path, 'columns = ["time", "header:X-Cache", "duration", "marks"]')
    assert load_settings(path).columns == ("time", "header:X-Cache", "duration", "marks")
