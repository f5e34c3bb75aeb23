"""Scripts that complete our command line in a shell, made from the table of options.

    eval "$(httpresp-tui --completion bash)"

They are also installed where the shells look for them (`share/` of the environment), and name nothing that the table
does not. What stands behind an option is completed as what it is: files, interfaces, or one of a few words.
"""

from collections.abc import Callable, Iterable

from httpresp_tui.cli.described import Command, Option, Takes, command_line
from httpresp_tui.cli.help_text import PROGRAM

INTERFACES = "ls /sys/class/net 2>/dev/null"
"""A shell command that names them; `any` is added to what it says."""


def script(shell: str) -> str:
    """The script for one of `help_text.SHELLS`."""
    return SCRIPTS[shell](command_line())


def _bash(commands: Iterable[Command]) -> str:
    main, *others = commands
    function = "_" + PROGRAM.replace("-", "_")
    cases = "\n".join(f"        {each.name}) command={each.name} ;;" for each in others)
    of_values = "\n".join(_bash_values(each) for each in (main, *others))
    of_flags = "\n".join(
        f"        {each.name or main_name()}) words='{' '.join(_flags(each))}"
        f"{' ' + ' '.join(other.name for other in others) if each is main else ''}' ;;"
        for each in (main, *others)
    )
    return f"""\
# bash completion of {PROGRAM}
{function}() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command={main_name()} words="" word
    COMPREPLY=()
    # Behind -- stands a command of its own.
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        if [[ $word == -- ]]; then
            compopt -o default
            return
        fi
    done
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    case $command:$previous in
{of_values}
    esac
    case $command in
{of_flags}
    esac
    if [[ $current != -* && $command == diff ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -F {function} {PROGRAM}
"""


def main_name() -> str:
    """What the program without a command is called in a script."""
    return "screen"


def _bash_values(command: Command) -> str:
    name = command.name or main_name()
    lines: list[str] = []
    for takes, action in (
        (Takes.FILE, 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return'),
        (Takes.INTERFACE, f'mapfile -t COMPREPLY < <(compgen -W "any $({INTERFACES})" -- "$current"); return'),
    ):
        flags = [flag for option in command.options if option.takes is takes for flag in option.flags]
        if flags:
            lines.append(f"        {'|'.join(f'{name}:{flag}' for flag in flags)}) {action} ;;")
    for option in command.options:
        if option.takes is Takes.WORD:
            words = " ".join(option.words)
            action = f"""mapfile -t COMPREPLY < <(compgen -W '{words}' -- "$current"); return""" if words else "return"
            lines.append(f"        {'|'.join(f'{name}:{flag}' for flag in option.flags)}) {action} ;;")
    return "\n".join(lines)


def _flags(command: Command) -> list[str]:
    return [flag for option in command.options for flag in option.flags]


def _zsh(commands: Iterable[Command]) -> str:
    main, *others = commands
    names = "\n".join(f"            {_quoted(f'{each.name}:{each.meaning}')}" for each in others)
    cases = "\n".join(f"                {each.name}) _arguments -S {_zsh_arguments(each, 20)} ;;" for each in others)
    return f"""\
#compdef {PROGRAM}
# zsh completion of {PROGRAM}
_{PROGRAM}() {{
    local curcontext=$curcontext state line
    typeset -A opt_args
    if (( CURRENT > 2 )); then
        case $words[2] in
            {"|".join(each.name for each in others)})
                local command=$words[2]
                shift words
                (( CURRENT-- ))
                case $command in
{cases}
                esac
                return ;;
        esac
    fi
    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
        local -a commands=(
{names}
        )
        _describe command commands
        return
    fi
    _arguments -S {_zsh_arguments(main, 8)} '*::command:_normal'
}}
_{PROGRAM}_interfaces() {{
    local -a names=(any ${{(f)"$({INTERFACES})"}})
    _describe interface names
}}
if [ "$funcstack[1]" = "_{PROGRAM}" ]; then
    _{PROGRAM} "$@"
else
    compdef _{PROGRAM} {PROGRAM}
fi
"""


def _zsh_arguments(command: Command, indent: int) -> str:
    lines: list[str] = []
    for option in command.options:
        words = option.help.replace("\\", "").replace("[", "(").replace("]", ")").replace(":", r"\:")
        for flag in option.flags:
            repeat = "*" if option.takes in (Takes.FILE, Takes.INTERFACE) else ""
            lines.append(_quoted(f"{repeat}{flag}[{words}]{_zsh_value(option)}"))
    if command.files:
        lines.append("'*:file:_files'")
    return (" \\\n" + " " * indent).join(["", *lines]).lstrip(" ")


def _zsh_value(option: Option) -> str:
    match option.takes:
        case Takes.NOTHING:
            return ""
        case Takes.FILE:
            return f":{option.metavar}:_files"
        case Takes.INTERFACE:
            return f":{option.metavar}:_{PROGRAM}_interfaces"
        case Takes.WORD:
            return f":{option.metavar}:({' '.join(option.words)})" if option.words else f":{option.metavar}: "


def _fish(commands: Iterable[Command]) -> str:
    main, *others = commands
    names = " ".join(each.name for each in others)
    lines = [f"# fish completion of {PROGRAM}", f"complete -c {PROGRAM} -f"]
    for each in others:
        condition = f"not __fish_seen_subcommand_from {names}; and __fish_is_nth_token 1"
        lines.append(f"complete -c {PROGRAM} -n {_quoted(condition)} -a {each.name} -d {_quoted(each.meaning)}")
    for each in (main, *others):
        condition = (
            f"__fish_seen_subcommand_from {each.name}" if each.name else f"not __fish_seen_subcommand_from {names}"
        )
        lines += [f"complete -c {PROGRAM} -n {_quoted(condition)} {_fish_option(option)}" for option in each.options]
        if each.files:
            lines.append(f"complete -c {PROGRAM} -n {_quoted(condition)} -F")
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> str:
    parts = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    match option.takes:
        case Takes.NOTHING:
            pass
        case Takes.FILE:
            parts.append("-r -F")
        case Takes.INTERFACE:
            parts.append(f"-x -a {_quoted(f'any ({INTERFACES})')}")
        case Takes.WORD:
            parts.append(f"-x -a {_quoted(' '.join(option.words))}" if option.words else "-x")
    return " ".join([*parts, f"-d {_quoted(option.help)}"])


def _quoted(text: str) -> str:
    """In single quotes, which every one of these shells reads the same where none and no backslash is inside."""
    return "'" + text.replace("\\", "").replace("'", "’") + "'"


SCRIPTS: dict[str, Callable[[Iterable[Command]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
"""By the name of the shell."""
