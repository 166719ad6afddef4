"""``ctask completion``: what a shell asks to complete commands, options and names of tasks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Final

from containertask.cli.parser import commands_of

NAMED: Final = ("get", "describe", "logs", "why", "cp", "retry", "cancel", "suspend", "resume", "report")
_NAMES: Final = "ctask get -o name 2>/dev/null | sed 's,.*/,,'"
_FILES: Final = ("run", "lint", "render")

_BASH: Final = """\
_ctask() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "@COMMANDS@" -- "$word"))
        return
    fi
    case "$command:$word" in
@OPTIONS@    esac
    case "$command" in
        @NAMED@) COMPREPLY=($(compgen -W "$(@NAMES@)" -- "$word")) ;;
        @FILES@) COMPREPLY=($(compgen -f -- "$word")) ;;
        completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")) ;;
    esac
}
complete -o filenames -F _ctask ctask
"""
_ZSH: Final = """\
#compdef ctask
autoload -Uz bashcompinit && bashcompinit
"""


def command(given: argparse.Namespace) -> int:
    """Print the script for a shell."""
    known = commands_of()
    script = {"bash": _bash, "zsh": lambda found: _ZSH + _bash(found), "fish": _fish}[given.shell]
    sys.stdout.write(script(known))
    return 0


def _bash(known: Mapping[str, list[str]]) -> str:
    line = '        {}:-*) COMPREPLY=($(compgen -W "{}" -- "$word")); return ;;\n'
    parts = {
        "@COMMANDS@": " ".join(known),
        "@OPTIONS@": "".join(line.format(name, " ".join(options)) for name, options in known.items()),
        "@NAMED@": "|".join(NAMED),
        "@NAMES@": _NAMES,
        "@FILES@": "|".join(_FILES),
    }
    script = _BASH
    for mark, text in parts.items():
        script = script.replace(mark, text)
    return script


def _fish(known: Mapping[str, list[str]]) -> str:
    first = "complete -c ctask -n __fish_use_subcommand -f -a {}\n"
    option = "complete -c ctask -n '__fish_seen_subcommand_from {}' {}\n"
    lines = [first.format(name) for name in known]
    lines += [option.format(name, _fish_option(one)) for name, options in known.items() for one in options]
    named = "complete -c ctask -n '__fish_seen_subcommand_from {}' -f -a '({})'\n"
    escaped = _NAMES.replace("'", "\\'")
    lines.append(named.format(" ".join(NAMED), escaped))
    lines.append("complete -c ctask -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n")
    alone = " ".join(sorted(known.keys() - {*NAMED, *_FILES, "completion"}))
    lines.append(f"complete -c ctask -n '__fish_seen_subcommand_from {alone}' -f\n")
    return "".join(lines)


def _fish_option(option: str) -> str:
    return f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
