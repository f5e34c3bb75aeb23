"""Every key has an id, words, a tooltip and a group; the help panel, the status bar and `[keys]` are made from them.

A binding's id is `<where>.<what>`. Widgets bring their own bindings; the app's are here. `check_keys` holds the config
file's `[keys]` against what there is, before the screen is taken.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from textual.binding import Binding, BindingType, InvalidBinding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from httpresp_tui.errors import SettingsError


class Groups:
    """The headings of the help panel, in their order."""

    MOVE = Binding.Group("Move")
    FILTER = Binding.Group("Filter")
    VIEW = Binding.Group("View")
    DETAIL = Binding.Group("Detail")
    FINDINGS = Binding.Group("Findings")
    MARKS = Binding.Group("Marks")
    OVERVIEW = Binding.Group("Overview")
    FOLLOW = Binding.Group("Follow")
    COPY = Binding.Group("Copy")
    FILE = Binding.Group("Files")
    APP = Binding.Group("Program")

    ORDER = (MOVE, FILTER, VIEW, DETAIL, FINDINGS, OVERVIEW, FOLLOW, MARKS, COPY, FILE, APP)


def bindings(where: str, group: Binding.Group, *keys: tuple[str, str, str, str, str, bool]) -> list[BindingType]:
    """The bindings of one place, each of what it is, its keys, action, words and tooltip, and whether the status bar
    shows it."""
    return [
        Binding(each, action, words, id=f"{where}.{what}", tooltip=tooltip, group=group, show=show)
        for what, each, action, words, tooltip, show in keys
    ]


def _key(
    id: str, keys: str, action: str, words: str, tooltip: str, group: Binding.Group, shown: bool = False, **more: bool
) -> Binding:
    return Binding(
        keys, action, words, id=id, tooltip=tooltip, group=group, show=shown, priority=more.get("priority", False)
    )


APP_BINDINGS: tuple[Binding, ...] = (
    _key(
        "filter.edit", "slash", "edit_filter", "Filter", "Write the display filter", Groups.FILTER, True, priority=True
    ),
    _key("filter.class-1", "1", "toggle_status(1)", "1xx", "Show these status classes only, 1xx to 5xx", Groups.FILTER),
    _key("filter.class-2", "2", "toggle_status(2)", "2xx", "Show these status classes only, 1xx to 5xx", Groups.FILTER),
    _key("filter.class-3", "3", "toggle_status(3)", "3xx", "Show these status classes only, 1xx to 5xx", Groups.FILTER),
    _key("filter.class-4", "4", "toggle_status(4)", "4xx", "Show these status classes only, 1xx to 5xx", Groups.FILTER),
    _key("filter.class-5", "5", "toggle_status(5)", "5xx", "Show these status classes only, 1xx to 5xx", Groups.FILTER),
    _key("filter.all-classes", "0", "all_classes", "All classes", "Show every status class", Groups.FILTER),
    _key(
        *("filter.only-this", "full_stop", "only_this", "Only this…"),
        *("See only what has the same host, route, client, connection, status or cookie", Groups.FILTER),
    ),
    _key("copy.json", "y", "copy_json", "Copy", "Copy the response as its JSON event", Groups.COPY, True),
    _key("copy.menu", "Y", "copy_menu", "Copy…", "Copy headers, one value, the body, curl", Groups.COPY),
    _key("export.menu", "e", "export", "Export", "Write what is shown, or the response, to a file", Groups.FILE),
    _key("export.packets", "w", "record", "Record", "Write packets to a file from now on, or no longer", Groups.FILE),
    _key("view.pause", "space", "pause", "Pause", "Hold the list still; the capture goes on", Groups.VIEW, True),
    _key("view.group", "t", "group", "Group", "Group as it was grouped last, or flatten it", Groups.VIEW, True),
    _key("view.group-by", "T", "group_by", "Group by…", "Choose what to group by", Groups.VIEW),
    _key("view.fold-all", "minus", "fold_all", "Fold all", "Fold every group, or unfold them all", Groups.VIEW),
    _key("view.sort", "o", "sort", "Sort…", "Choose what to sort by, in groups too", Groups.VIEW),
    _key("view.columns", "C", "columns", "Columns…", "Choose and order the columns; any header is one", Groups.VIEW),
    _key("view.reverse", "O", "reverse", "Reverse", "Sort the other way round", Groups.VIEW),
    _key("view.layout", "vertical_line", "layout", "Layout", "Detail beside, below, or on its own", Groups.VIEW),
    _key(
        "view.maximise", "z", "maximise", "Maximise", "Give the whole screen to one pane, or take it back", Groups.VIEW
    ),
    _key("view.other-pane", "tab", "other_pane", "Other pane", "From the list to the detail and back", Groups.VIEW),
    _key("view.narrower", "less_than_sign", "resize(-5)", "Smaller list", "Move the splitter back", Groups.VIEW),
    _key("view.wider", "greater_than_sign", "resize(5)", "Larger list", "Move the splitter on", Groups.VIEW),
    _key("compare.show", "equals_sign", "compare", "Compare", "The two marked, or this and the usual", Groups.MARKS),
    _key(
        *("findings.show", "exclamation_mark", "findings", "Findings"),
        *("What is wrong, by severity; cookies, errors, drift, clocks", Groups.FINDINGS, True),
    ),
    _key(
        *("findings.next", "v", "next_finding", "Next finding"),
        *("Next response with a finding, the worst ones first", Groups.FINDINGS),
    ),
    _key("mark.toggle", "m", "mark", "Mark", "Mark the response, or take its mark away", Groups.MARKS),
    _key("mark.next", "M", "next_mark", "Next mark", "The next marked response", Groups.MARKS),
    _key("mark.comment", "semicolon", "comment", "Comment", "Say something of the response, and mark it", Groups.MARKS),
    _key(
        *("follow.show", "f", "follow", "Follow"),
        *("The connection of this response from start to end, as exchanges and as bytes", Groups.FOLLOW),
    ),
    _key(
        *("overview.show", "S", "overview", "Overview"),
        *("What came when; p50, p95, rate and errors by route, host, client", Groups.OVERVIEW, True),
    ),
    _key("app.back", "escape", "step_back", "Back", "One step back", Groups.APP),
    _key("app.clear", "ctrl+l", "clear", "Clear", "Forget the responses captured so far", Groups.APP),
    _key("app.palette", "colon,ctrl+p", "command_palette", "Commands", "Find a command by its name", Groups.APP),
    _key("app.help", "question_mark,f1", "help", "Help", "Every key, and what the marks mean", Groups.APP, True),
    _key("app.suspend", "ctrl+z", "suspend_process", "Suspend", "Leave the screen to the shell, until fg", Groups.APP),
    _key("app.leave", "q", "quit", "Quit", "Quit from the list", Groups.APP),
    _key("app.quit", "ctrl+q", "quit", "Quit", "Quit from anywhere", Groups.APP, priority=True),
    _key(
        "app.interrupt",
        "ctrl+c",
        "interrupt",
        "Copy or quit",
        "Copy the selected text; pressed twice, quit",
        Groups.APP,
        priority=True,
    ),
)
"""What works wherever the focus is on the main screen."""


def unrolled(bindings: Iterable[BindingType]) -> Iterator[Binding]:
    """One binding a key, only those that have an id."""
    return (binding for binding in Binding.make_bindings(bindings) if binding.id)


Scopes = Mapping[str, Iterable[BindingType]]
"""Where keys are pressed: the name of the scope, its bindings. `EVERYWHERE` is one of them."""
EVERYWHERE = "program"
ELSEWHERE = frozenset({"overview", "timeline", "follow"})
"""Scopes of screens where the program's keys are not pressed, but for those that end it."""


def check_keys(keys: Mapping[str, str], scopes: Scopes) -> None:
    """Raise `SettingsError` for an unknown id, a key that does not exist, or a key that would mean two things."""
    known = {binding.id or "" for bindings in scopes.values() for binding in unrolled(bindings)}
    for id, text in keys.items():
        if id not in known:
            raise SettingsError(f"[keys]: there is no command {id!r}{did_you_mean(id, known)}")
        for key in _key_names(id, text):
            if not _is_key(key):
                raise SettingsError(f"[keys]: {id} = {text!r}: there is no key {key!r}{did_you_mean(key, _KEY_NAMES)}")
    everywhere = _taken(EVERYWHERE, keys, scopes)
    for scope in scopes:
        for key, id in _taken(scope, keys, scopes).items():
            other = everywhere.get(key, id)
            # A scope may give a key of the program another meaning; but not by an oversight of the config file.
            if other != id and (id in keys or other in keys) and scope not in ELSEWHERE:
                raise SettingsError(_clash(key, other, id, scope))


def _taken(scope: str, keys: Mapping[str, str], scopes: Scopes) -> dict[str, str]:
    """Key: id, in one scope, with the person's own keys in force."""
    taken: dict[str, str] = {}
    for binding in in_force(scopes[scope], keys):
        id = binding.id or ""
        if taken.setdefault(binding.key, id) != id:
            raise SettingsError(_clash(binding.key, taken[binding.key], id, scope))
    return taken


def _clash(key: str, first: str, second: str, scope: str) -> str:
    return f"[keys]: {key!r} would mean both {first} and {second} in the {scope}."


def in_force(bindings: Iterable[BindingType], keys: Mapping[str, str]) -> Iterator[Binding]:
    """The bindings of one scope, one a key, with the person's own keys instead of ours."""
    done: set[str] = set()
    for binding in unrolled(bindings):
        id = binding.id or ""
        if id not in keys:
            yield binding
        elif id not in done:
            done.add(id)
            for key in _key_names(id, keys[id]):
                yield binding.with_key(key)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The tail of a sentence about a word that is not known."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f": did you mean {close[0]!r}?" if close else "."


def _key_names(id: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(binding.key for binding in Binding.make_bindings([Binding(text, "")]))
    except InvalidBinding:
        raise SettingsError(f"[keys]: {id} = {text!r}: a key is missing; write a comma as 'comma'.") from None


_KEY_NAMES = frozenset({key.value for key in Keys if not key.value.startswith("<")}) | set(KEY_NAME_REPLACEMENTS)


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+")
    if not set(modifiers) <= {"ctrl", "shift", "alt", "super", "hyper", "meta"}:
        return False
    # Characters without a name of their own come as themselves, or by their Unicode name.
    return len(last) == 1 or key in _KEY_NAMES or last in _KEY_NAMES or last in _UNICODE_KEYS


_PUNCTUATION = frozenset(chr(code) for code in range(33, 127)) - {","}
_UNICODE_KEYS = frozenset(
    binding.key for char in _PUNCTUATION for binding in Binding.make_bindings([Binding(char, "")])
) | {"comma"}
